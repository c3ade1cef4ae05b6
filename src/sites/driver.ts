import type { JsonObject } from '../domain/json.ts';
import type { SessionData } from '../domain/session.ts';

/** What a login is logged in with. In memory only. */
export interface Credentials {
  readonly user: string;
  readonly password: string;
  /** The one-time code, for sites that want it together with the password. */
  readonly code?: string;
}

/**
 * Where a login is between two steps. JSON, and secret: it is sealed wherever it stands. Each step works on what it is
 * given, so that a login can go on in another process.
 */
export interface LoginState {
  /** As tough-cookie writes them. */
  readonly cookies: readonly JsonObject[];
  /** Of the page that it has come to. */
  readonly url: string;
  /** The form of that page, with the fields that it has already. */
  readonly form: LoginForm | null;
  /** The value that `csrf` takes from the page. */
  readonly csrf: string | null;
  /** Tokens so far, as requests carry them. */
  readonly headers: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  /** When the session ends, as far as the answers said. In ms since the epoch. */
  readonly expiresAtMs: number | null;
  /** What pages of a browser keep, by origin. */
  readonly storage: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Names a page that is still open in a browser of the process that opened it. */
  readonly openPage: string | null;
}

export interface LoginForm {
  readonly action: string;
  readonly method: 'GET' | 'POST';
  readonly multipart: boolean;
  /** Hidden and filled fields, the names of buttons left out. */
  readonly fields: readonly (readonly [name: string, value: string])[];
}

export const NEW_LOGIN: LoginState = {
  cookies: [],
  url: '',
  form: null,
  csrf: null,
  headers: {},
  query: {},
  expiresAtMs: null,
  storage: {},
  openPage: null,
};

/** Where a submitted login stands. */
export interface Advance {
  readonly state: LoginState;
  /** `challenge`: the site wants a code. `verify`: nothing speaks against success. */
  readonly next: 'challenge' | 'verify';
}

/**
 * Logs in to one site. What a site answers is told by errors: LOGIN_REFUSED, LOGIN_BLOCKED, LOGIN_UNCLEAR, SITE_CHANGED,
 * HttpStatusError, and those of connections.
 */
export interface SiteDriver {
  /** Gets the login page, with its cookies and hidden fields. */
  open(signal: AbortSignal): Promise<LoginState>;
  /** Sends the credentials, once. */
  submit(state: LoginState, credentials: Credentials, signal: AbortSignal): Promise<Advance>;
  /** Answers a challenge, once. @throws {RekindleError} CODE_REFUSED when the site does not take the code. */
  answer(state: LoginState, code: string, signal: AbortSignal): Promise<Advance>;
  /** Looks at what only those who are logged in can see. */
  verify(state: LoginState, signal: AbortSignal): Promise<SiteSession>;
  /** Lets go of what it holds. */
  close(): Promise<void>;
}

/** What a login got; {@link SessionData} without the account's name. */
export type SiteSession = Omit<SessionData, 'name'>;
