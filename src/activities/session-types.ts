import type { SealedSession, SessionName, SessionStatus } from '../domain/session.ts';

/** What a session's workflow has done outside. */
export interface SessionActivities {
  /** Shows the session in the mirror. */
  mirrorSession(session: MirroredSession): Promise<void>;
}

/** A session as the mirror shows it. Times in ms since the epoch. */
export interface MirroredSession {
  readonly name: SessionName;
  readonly status: SessionStatus;
  readonly version: number;
  /** null: there is none. */
  readonly sealed: SealedSession | null;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
  readonly expiresAtMs: number | null;
}
