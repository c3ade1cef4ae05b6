import type { JsonObject } from '../../domain/json.ts';
import { appendRecoveryLog, type Mirror, upsertSession } from '../../mirror/index.ts';
import type { RecoverySession } from '../../supervisor/messages.ts';

/** Who runs recovery sessions, in `sessions.user_id`. */
const SYSTEM = 'system';

/** Writes down how a crash was got over: a row in `sessions`, and one in `recovery_logs` (SPEC section 8). */
export function recordSession(mirror: Mirror, session: RecoverySession): void {
  const { id, cause, startedMs, endedMs, seconds, takenOver } = session;
  const details: JsonObject = {
    cause,
    seconds,
    dead_workers: takenOver.deadWorkers,
    steps_taken_over: takenOver.activities,
    workflows: takenOver.workflows,
  };
  upsertSession(mirror, {
    sessionId: id,
    userId: SYSTEM,
    sessionType: 'recovery',
    status: 'completed',
    data: details,
    createdAtMs: startedMs,
    updatedAtMs: endedMs,
  });
  appendRecoveryLog(mirror, {
    recoveryType: 'crash_recovery',
    status: 'completed',
    sessionId: id,
    details,
    createdAtMs: endedMs,
    key: id,
  });
}
