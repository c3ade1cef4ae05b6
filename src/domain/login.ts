/** The `login` task: what its workflow, its activities and those who start it or answer it share. */
import type { StepSpec } from './progress.ts';
import type { CredentialReferences, SavedSession, SealedSession, SessionName } from './session.ts';

/** The steps of a login. `challenge` is passed over when the site asks for nothing. */
export const LOGIN_STEPS = [
  { name: 'open', share: 1 },
  { name: 'submit', share: 1 },
  { name: 'challenge', share: 1 },
  { name: 'verify', share: 1 },
  { name: 'save_session', share: 1 },
] as const satisfies readonly StepSpec[];

/** What the `login` task is asked to do. */
export interface LoginInput extends SessionName {
  /** Where the secrets stand. @default as the site's description says for this account */
  readonly credentials?: CredentialReferences;
  /**
   * The time step (RFC 6238) of the latest one-time code that an earlier login may have sent: sites take each code once,
   * so this login uses later ones only.
   */
  readonly usedTotpStep?: number;
  /**
   * Whether it is for somebody who may not reach what this machine can: private addresses are refused unless
   * `network.allow` names them. @default false
   */
  readonly untrusted?: boolean;
}

/** What the `login` task returns; nothing of it is secret without the key. */
export interface LoginResult extends SavedSession, SessionName {
  /** The time step of the latest one-time code that was sent; null: none was. */
  readonly totpStep: number | null;
  readonly retries: number;
}

/** Purpose that everything is sealed for that a login hands from step to step, and the answers of people. */
export function loginPurpose({ site, account }: SessionName): string {
  return `login/${site}/${account}`;
}

/** Purpose that the data of a session is sealed for. */
export function sessionPurpose({ site, account }: SessionName): string {
  return `session/${site}/${account}`;
}

/** Update by which a person answers: its argument is the code, a text sealed for {@link loginPurpose}. */
export const ANSWER_UPDATE = 'answer';
/** Query for the question that a login asks people: a {@link LoginQuestion}, or null while it asks nothing. */
export const QUESTION_QUERY = 'question';

/** Argument of {@link ANSWER_UPDATE}. */
export interface LoginAnswer {
  readonly sealed: SealedSession;
}

/** What became of an answer. */
export interface LoginAnswered {
  /** Whether the site took the code. */
  readonly accepted: boolean;
  /** How many more codes may be tried; 0: the login has failed, or needs none any more. */
  readonly triesLeft: number;
}

/** What a login waits for. No secrets. */
export interface LoginQuestion {
  /** One sentence for people, by locale. */
  readonly what: Readonly<Record<string, string>>;
  /** The login waits no longer than this, in ms since the epoch. */
  readonly untilMs: number;
  readonly triesLeft: number;
}

/** Codes of people that the site may refuse before the login gives up: as many as the documented attempts of auth errors. */
export const ANSWER_TRIES = 3;
