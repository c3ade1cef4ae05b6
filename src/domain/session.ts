/** Sessions with sites: what their workflow, the logins, those who use one, and lists of them share. */
import type { FailureInfo } from './failure.ts';
import type { JsonObject } from './json.ts';

/** Names a session: somebody's account with a site. */
export interface SessionName {
  readonly site: string;
  readonly account: string;
}

/** The account of `--session SITE` without an account. */
export const DEFAULT_ACCOUNT = 'default';

/**
 * Where the secrets of an account stand, never the secrets themselves: `env:NAME` or `file:PATH`. Only the user's name
 * may stand for itself.
 */
export interface CredentialReferences {
  readonly user: string;
  readonly password: string;
  /** Secret of one-time codes. */
  readonly totp?: string;
}

/**
 * What a login got. Secret: it exists in clear in the memory of activities only, and everywhere else as a
 * {@link SealedSession}.
 */
export interface SessionData {
  /** Of one account with one site. */
  readonly name: SessionName;
  /** As tough-cookie writes them (`CookieJar.toJSON().cookies`). */
  readonly cookies: readonly JsonObject[];
  /** Headers that requests need, by name; e.g. `authorization`. */
  readonly headers: Readonly<Record<string, string>>;
  /** Parameters of the query that requests need. */
  readonly query: Readonly<Record<string, string>>;
  /** Origins (`https://host[:port]`) that get all this; no other ever does. */
  readonly origins: readonly string[];
  /** Addresses (without query) to which the site sends those who are not logged in. */
  readonly loginPages: readonly string[];
  /** What an answer looks like that wants a login, although its status is one of success. @default none */
  readonly expired?: readonly ExpiredSign[];
  readonly obtainedAtMs: number;
  /** In ms since the epoch; null: nobody knows. */
  readonly expiresAtMs: number | null;
}

/** All that is given must be so. */
export interface ExpiredSign {
  /** Part of the address, after redirects. */
  readonly url?: string;
  /** Text of the page's source, whatever its case and spaces. */
  readonly text?: string;
  /** Beginning of `Content-Type`. */
  readonly contentType?: string;
}

/** Sealed data of a session or a login: AES-256-GCM. JSON. */
export interface SealedSession {
  /** Which key it was sealed with. */
  readonly keyId: string;
  /** Base64. */
  readonly sealed: string;
}

/** Type of the workflow of a session, and how it is spoken to. */
export const SESSION_WORKFLOW = 'session';
export const ACQUIRE_SESSION_UPDATE = 'acquire';
export const LOGIN_UPDATE = 'login';
export const REVOKE_UPDATE = 'revoke';
export const SESSION_STATE_QUERY = 'state';
/** A login that is no child of the session's workflow hands over what it got: a {@link SavedSession}. */
export const SESSION_SAVED_SIGNAL = 'saved';
/** The session's login says that a person has to do something: {@link LoginWaits}, or null when it goes on. */
export const LOGIN_WAITS_SIGNAL = 'loginWaits';

/** Type of the workflow that logs in; a child of the session's. */
export const LOGIN_WORKFLOW = 'login';

/** What a login ends with. */
export interface SavedSession {
  readonly sealed: SealedSession;
  readonly obtainedAtMs: number;
  /** In ms since the epoch; null: nobody knows. */
  readonly expiresAtMs: number | null;
}

/** What a person has to do so that a login goes on. No secrets. */
export interface LoginWaits {
  /** One sentence for people. */
  readonly what: string;
  /** The login waits no longer than this, in ms since the epoch. */
  readonly untilMs: number;
}

/** What is asked of a session's workflow by those who need the session. */
export interface AcquireRequest {
  /** How long it must be valid still, in ms. */
  readonly minValidMs: number;
  /** The site did not accept this version (any more). */
  readonly rejectedVersion?: number;
  /** How long the answer may take, in ms. */
  readonly waitMs: number;
  /** Whether somebody else's task asks; a login that only such tasks want is theirs. @default false */
  readonly untrusted?: boolean;
}

/** What the workflow of a session says to one who needs it. */
export type AcquireAnswer =
  | { readonly state: 'valid'; readonly version: number; readonly session: SavedSession }
  /** Not yet; to be asked again. */
  | {
      readonly state: 'waiting';
      readonly status: SessionStatus;
      /** What a person has to do; null: nothing. */
      readonly what: string | null;
    }
  /** There will be none. */
  | { readonly state: 'failed'; readonly failure: FailureInfo };

/** What is asked for by {@link LOGIN_UPDATE}: a login now, whether the session is still good or not. */
export interface LoginRequest {
  /** Where the secrets stand; the session remembers it. @default as remembered, else as the site's description says */
  readonly credentials?: CredentialReferences;
  /** Whether somebody asks who may not reach what the worker can. @default false */
  readonly untrusted?: boolean;
}

/** Which task logs in. */
export interface LoginStarted {
  readonly taskId: string;
}

/**
 * `none`: no login yet, or it failed; `refreshing`: a login runs; `needs_person`: it waits for one; `revoked`: it was
 * declared void, and the next one who needs it logs in.
 */
export type SessionStatus = 'none' | 'valid' | 'refreshing' | 'needs_person' | 'revoked';

/** A session as lists show it, without what is secret. Times are ISO 8601 in UTC. */
export interface SessionView extends SessionName {
  /** `expired` only in views: its time is over, and nobody needed it since. */
  readonly status: SessionStatus | 'expired';
  /** Grows with every login. */
  readonly version: number;
  readonly obtained_at: string | null;
  readonly expires_at: string | null;
  readonly last_used_at: string | null;
  /** How many wait for it. */
  readonly waiting: number;
  /** What a person has to do; null: nothing. */
  readonly what_to_do: string | null;
  /** Why the last login failed; null: it did not. */
  readonly last_error: string | null;
  /** The task that logs in, or did so last; null: none yet. */
  readonly login_task_id: string | null;
}

/** What a session's workflow is started with, and goes on with in its next run. */
export interface SessionInput {
  readonly name: SessionName;
  readonly carried?: CarriedSession;
  /** Events of a run before the next one begins. @default 2000 */
  readonly maxEvents?: number;
}

/** What a session's workflow hands on to its next run. */
export interface CarriedSession {
  readonly version: number;
  readonly status: 'none' | 'valid' | 'needs_person' | 'revoked';
  readonly saved: SavedSession | null;
  readonly credentials: CredentialReferences | null;
  /** The login that failed last, while nothing came after it. */
  readonly failure: FailureInfo | null;
  /** Whether that login was for tasks of others. @default false */
  readonly failedUntrusted?: boolean;
  readonly failedAtMs: number;
  readonly what: string | null;
  readonly usedAtMs: number | null;
  /** The latest use that was not by a task of others. @default usedAtMs */
  readonly ownUseAtMs?: number | null;
  /** When sessions were found refused by the site, in ms since the epoch. */
  readonly rejectedAtMs: readonly number[];
  readonly loginTaskId: string | null;
  /** Of the latest one-time code that was sent: it is not taken again. */
  readonly usedTotpStep: number | null;
  /** Whether the last login needed a person. */
  readonly byPerson: boolean;
  /** Somebody wants a login that has not begun. */
  readonly loginWanted: boolean;
  /** Whether only tasks of others want it. @default false */
  readonly wantedUntrusted?: boolean;
  readonly changedAtMs: number;
  readonly createdAtMs: number;
  /** Whether the mirror has not heard of the latest change. */
  readonly unmirrored: boolean;
}

/** Names of sites and accounts: they are part of workflow IDs, commands and file names. */
const NAME = /^[A-Za-z0-9][\w.@+-]{0,99}$/;

/** Reads `SITE` or `SITE/ACCOUNT`. @returns null when it is neither. */
export function parseSessionName(text: string): SessionName | null {
  const [site = '', account = DEFAULT_ACCOUNT, ...more] = text.split('/');
  return more.length === 0 && NAME.test(site) && NAME.test(account) ? { site, account } : null;
}

/** A session’s name as people write it: `SITE/ACCOUNT`. */
export function sessionText({ site, account }: SessionName): string {
  return `${site}/${account}`;
}

/** ID of the workflow that keeps the session. */
export function sessionWorkflowId(name: SessionName): string {
  return `session/${sessionText(name)}`;
}

/** ID of the task that logs in. */
export function loginTaskId({ site, account }: SessionName): string {
  return `login-${site}-${account}`;
}
