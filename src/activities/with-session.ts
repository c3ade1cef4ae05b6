import { RekindleError } from '../domain/error-codes.ts';
import { type SessionName, sessionText } from '../domain/session.ts';
import { HttpStatusError, LoginWanted } from '../download/index.ts';
import type { RequestSession } from '../download/request-session.ts';
import type { Session, SessionPort } from '../sessions/session-port.ts';
import type { StepContext } from './define-step.ts';

/** What the site does not accept; 404 and others say something about the file. */
const REFUSALS = new Set([401, 403]);
/** In a step's notes: the session that was refused last, and what had been achieved by then. */
const REFUSED_VERSION = 'refused_session';
const REFUSED_AT = 'refused_at';

/** Requests of a step that show a session to its site. */
export interface SessionUse {
  readonly sessions: SessionPort;
  readonly name: SessionName;
  readonly step: StepContext;
  /** Grows with what was achieved that stays (bytes on disk). */
  readonly progress: () => number;
  /** Whether the task is somebody else's; so is the login then that it causes. @default false */
  readonly untrusted?: boolean | undefined;
}

/**
 * Does something with a session. When the site refuses it in the middle, a fresh one is asked for, and the work is done
 * again: it goes on from where it was. A fresh session that gets no further is the end.
 * @throws {RekindleError} SESSION_REFUSED; what {@link SessionPort.acquire} and the work throw.
 */
export async function withSession<T>(
  { sessions, name, step, progress, untrusted }: SessionUse,
  work: (session: RequestSession) => Promise<T>,
): Promise<T> {
  const { RequestSession } = await import('../download/request-session.ts');
  let refused = numberOf(step.notes[REFUSED_VERSION]);
  let refusedAt = numberOf(step.notes[REFUSED_AT]);
  for (;;) {
    const session = await sessions.acquire(name, { rejectedVersion: refused, untrusted }, step.signal);
    const shown = new RequestSession(session.data);
    try {
      return await work(shown);
    } catch (error) {
      if (!isRefusal(error, shown)) throw error;
      const fresh = refused !== undefined && progress() <= (refusedAt ?? 0);
      if (fresh) throw sessionRefused(name, session, error);
      refused = session.version;
      refusedAt = progress();
      // A login takes a while; whoever goes on then, here or elsewhere, must know that this one asked already.
      step.note({ [REFUSED_VERSION]: refused, [REFUSED_AT]: refusedAt });
    }
  }
}

/** Whether it was the session's own site that refused, not somebody else's to whom it led. */
function isRefusal(error: unknown, session: RequestSession): error is Error {
  if (error instanceof LoginWanted) return true;
  if (!(error instanceof HttpStatusError) || !REFUSALS.has(error.status)) return false;
  const url = URL.parse(error.url);
  return url !== null && session.covers(url);
}

function sessionRefused(name: SessionName, { version }: Session, cause: Error): RekindleError {
  const text = sessionText(name);
  return new RekindleError(
    'SESSION_REFUSED',
    `the site refuses the session ${text} right after a login: ${cause.message}`,
    {
      hint: `Look whether the account may see this file. \`rekindle login ${name.site} --account ${name.account}\` logs in anew.`,
      cause,
      facts: { session: text, version },
    },
  );
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}
