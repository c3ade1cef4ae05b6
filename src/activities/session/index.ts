import { sessionText, sessionWorkflowId } from '../../domain/session.ts';
import { type MirrorKeeper, upsertSession } from '../../mirror/index.ts';
import type { SessionActivities } from '../session-types.ts';

/** What showing sessions in the mirror needs from outside. */
export interface SessionMirrorDeps {
  /** The owner's. */
  readonly mirror: Pick<MirrorKeeper, 'use'>;
}

/** Makes what sessions have done where the mirror is owned. */
export function createSessionActivities({ mirror }: SessionMirrorDeps): SessionActivities {
  return {
    async mirrorSession({ name, status, version, sealed, createdAtMs, updatedAtMs, expiresAtMs }) {
      mirror.use((open) =>
        upsertSession(open, {
          sessionId: sessionWorkflowId(name),
          userId: sessionText(name),
          sessionType: 'login',
          status,
          data: sealed ? { key_id: sealed.keyId, sealed: sealed.sealed, version } : null,
          createdAtMs,
          updatedAtMs,
          expiresAtMs,
        }),
      );
    },
  };
}
