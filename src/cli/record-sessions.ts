import type { JsonObject } from '../domain/json.ts';
import type { Logger } from '../logger.ts';
import { appendRecoveryLog, type Mirror, type MirrorKeeper, upsertSession } from '../mirror/index.ts';
import type { RecoverySession } from '../supervisor/recovery-session.ts';
import { takeSession, waitingSessions } from '../supervisor/session-files.ts';

/** Who runs recovery sessions, in `sessions.user_id`. */
const SYSTEM = 'system';

/** Writes the recovery sessions that wait in the data directory to the mirror. What fails waits for the next time. */
export function recordWaitingSessions(mirror: MirrorKeeper, dataDir: string, log: Logger): void {
  for (const session of waitingSessions(dataDir)) {
    try {
      mirror.use((open) => recordSession(open, session));
      takeSession(dataDir, session);
    } catch (error) {
      log.debug({ err: error, session_id: session.session_id }, 'a recovery session waits for the mirror');
      return;
    }
  }
}

/** Writes down how a crash was got over: a row in `sessions`, and one in `recovery_logs` (SPEC section 8). */
function recordSession(mirror: Mirror, session: RecoverySession): void {
  const { session_id, status, started_at, ended_at, ...rest } = session;
  const details = rest as unknown as JsonObject;
  upsertSession(mirror, {
    sessionId: session_id,
    userId: SYSTEM,
    sessionType: 'recovery',
    status,
    data: details,
    createdAtMs: Date.parse(started_at),
    updatedAtMs: Date.parse(ended_at),
  });
  const { recovered_tasks: _tasks, unfinished: _unfinished, cleaned, ...summary } = rest;
  appendRecoveryLog(mirror, {
    recoveryType: 'crash_recovery',
    status,
    sessionId: session_id,
    details: { ...summary, cleaned: cleaned.length } as unknown as JsonObject,
    createdAtMs: Date.parse(ended_at),
    key: session_id,
  });
}
