/** Histories of the workflows that keep the house in order, for scripts/record-histories.ts. */
import type { Client, WorkflowHandle } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { MaintenanceActivities } from '../../src/activities/maintenance-types.ts';

let backups = 0;
/** The parts of a clean-up that cannot be done, one after the other; the first is whole. */
const broken: ('mirror' | 'files' | undefined)[] = [undefined, 'mirror'];
let cleanings = 0;

const REMOVED = { reports: 1, logsRotated: 1, logsRemoved: 0, backups: 2, leftOvers: 0, locks: 3 };
const FORGOTTEN = {
  tasks: 1,
  sessions: 0,
  recoveryLogs: 4,
  failures: 0,
  notifications: 2,
  messages: 0,
  measurements: 60,
};

/** Activities of which the first try fails. */
export const maintenanceFakes: MaintenanceActivities = {
  async backUpMirror() {
    backups += 1;
    if (backups === 1) throw new Error('no room for the backup');
    return { path: 'recovery-20260102_120000.db', bytes: 4096, removed: 1 };
  },
  async cleanMirror() {
    const part = broken[cleanings++];
    if (part === 'mirror') throw ApplicationFailure.nonRetryable('the mirror is locked');
    return FORGOTTEN;
  },
  async cleanFiles() {
    return REMOVED;
  },
  async shrinkMirror() {
    return { freeBefore: 0.4, freeAfter: 0, bytes: 40_960 };
  },
};

const STORIES: readonly (readonly [name: string, workflow: string])[] = [
  ['mirror-backup-retried', 'mirrorBackup'],
  ['clean-up-whole', 'cleanUp'],
  ['clean-up-in-part', 'cleanUp'],
  ['mirror-vacuum-done', 'mirrorVacuum'],
];

/** @param keep writes a history under a name. */
export async function recordMaintenance(
  client: Client,
  taskQueue: string,
  keep: (name: string, handle: WorkflowHandle) => Promise<void>,
): Promise<void> {
  for (const [name, workflow] of STORIES) {
    const options = { taskQueue, workflowId: `recorded-${name}`, args: [] };
    const handle = await client.workflow.start(workflow, options);
    await handle.result().catch(() => undefined);
    await keep(name, handle);
  }
}
