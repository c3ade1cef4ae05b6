import type { Client } from '@temporalio/client';
import { RekindleError } from '../domain/error-codes.ts';
import { KnownFailure } from '../domain/failure.ts';
import {
  type AcquireAnswer,
  type SealedSession,
  type SessionData,
  type SessionName,
  sessionText,
} from '../domain/session.ts';
import { StepWaits } from '../domain/step.ts';
import { acquireSession, showSession } from './session-client.ts';

/** A session as the activities use it: open, in their memory only. */
export interface Session {
  /** To say which one the site did not accept. */
  readonly version: number;
  readonly data: SessionData;
}

/** What is said beside a session's name. */
export interface SessionWish {
  readonly rejectedVersion?: number | undefined;
  /** @default false */
  readonly untrusted?: boolean | undefined;
}

/** How activities get sessions. */
export interface SessionPort {
  /**
   * The session, after a login when there is none.
   * @param wish.rejectedVersion the site did not accept this version.
   * @param wish.untrusted somebody else's task needs it: a login for it may connect to nothing private.
   * @throws {StepWaits} when it is not there yet: the step gives its place to others, since the login needs one too.
   * @throws {KnownFailure} when the login failed. @throws {RekindleError} SECRET_UNREADABLE
   */
  acquire(name: SessionName, wish: SessionWish, signal: AbortSignal): Promise<Session>;
}

export interface SessionPortOptions {
  readonly client: Client;
  readonly taskQueue: string;
  /** Opens what is sealed. */
  readonly unseal: (name: SessionName, sealed: SealedSession) => SessionData;
  /** A session must be good for this long still, in ms. @default 60 s, or half of its time */
  readonly minValidMs?: number;
  /** How long a step waits for a login that needs a person, in ms. */
  readonly personWaitMs: number;
}

const MIN_VALID_MS = 60_000;
/** A step keeps its place for so long: most logins are done by then. */
const WAIT_MS = 1000;
/** Steps without a place look again after this. */
const REFRESHING_MS = 1000;
const PERSON_MS = 5000;

/**
 * Sessions by way of their workflows. Those who ask for the same at the same time ask once: a server lets only ten
 * updates into a workflow at a time.
 */
export class WorkflowSessions implements SessionPort {
  readonly #options: SessionPortOptions;
  readonly #asked = new Map<string, Promise<AcquireAnswer>>();
  /** Sessions that were waiting for a person when they were asked for last. */
  readonly #people = new Set<string>();

  constructor(options: SessionPortOptions) {
    this.#options = options;
  }

  async acquire(name: SessionName, wish: SessionWish, signal: AbortSignal): Promise<Session> {
    signal.throwIfAborted();
    const answer = await aborted(this.#ask(name, wish), signal);
    if (answer.state === 'failed') throw new KnownFailure(answer.failure);
    if (answer.state === 'waiting') throw this.#waits(name, answer.what);
    const { version, session } = answer;
    return { version, data: this.#options.unseal(name, session.sealed) };
  }

  #ask(name: SessionName, wish: SessionWish): Promise<AcquireAnswer> {
    const { rejectedVersion, untrusted } = wish;
    const key = `${sessionText(name)}#${rejectedVersion ?? ''}${untrusted ? ' untrusted' : ''}`;
    const known = this.#asked.get(key);
    if (known) return known;
    const asking = this.#askNow(name, wish).finally(() => this.#asked.delete(key));
    this.#asked.set(key, asking);
    return asking;
  }

  async #askNow(name: SessionName, { rejectedVersion, untrusted }: SessionWish): Promise<AcquireAnswer> {
    const text = sessionText(name);
    if (this.#people.has(text)) {
      // A question leaves nothing in the history, however long somebody takes.
      const view = await showSession(this.#options.client, name).catch(() => null);
      if (view?.status === 'needs_person')
        return { state: 'waiting', status: 'needs_person', what: view.what_to_do };
    }
    const { client, taskQueue, minValidMs = MIN_VALID_MS } = this.#options;
    const answer = await acquireSession(client, taskQueue, name, {
      minValidMs,
      waitMs: WAIT_MS,
      ...(rejectedVersion === undefined ? {} : { rejectedVersion }),
      ...(untrusted ? { untrusted } : {}),
    });
    if (answer.state === 'waiting' && answer.what !== null) this.#people.add(text);
    else this.#people.delete(text);
    return answer;
  }

  #waits(name: SessionName, what: string | null): StepWaits {
    const text = sessionText(name);
    const why = what === null ? 'a login is under way' : what;
    const message = `waiting for the session ${text}: ${why}`;
    return new StepWaits(message, {
      delayMs: (what === null ? REFRESHING_MS : PERSON_MS) * (0.75 + Math.random() / 2),
      limitMs: this.#options.personWaitMs,
      cause: new RekindleError('SESSION_UNAVAILABLE', message, {
        hint: `Do what is asked for, or log in with \`rekindle login ${name.site} --account ${name.account}\`.`,
      }),
    });
  }
}

/** Others may wait for the same answer, so only this one stops waiting. */
async function aborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  promise.catch(() => undefined);
  const { promise: ended, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([promise, ended]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
