/** Task queues beside that of the tasks (SPEC section 4); the process that owns the mirror serves them. */
export const RECOVERY_QUEUE = 'recovery';
export const MONITORING_QUEUE = 'monitoring';
