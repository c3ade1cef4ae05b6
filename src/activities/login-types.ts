/** What the workflow of logins knows of its activities. */
import type { LoginInput } from '../domain/login.ts';
import type { SavedSession, SealedSession, SessionName } from '../domain/session.ts';
import type { Step } from './types.ts';

/** The steps of a login, in their order; `loginAsk` only where a person knows the code. */
export interface LoginSteps {
  /** Gets the login page. */
  readonly loginOpen: Step<LoginInput, OpenedLogin>;
  /** Sends user and password. */
  readonly loginSubmit: Step<SubmitLogin, SubmittedLogin>;
  /** Answers with a one-time code. */
  readonly loginAnswer: Step<AnswerLogin, AnsweredLogin>;
  /** Looks at what only those who are logged in see. */
  readonly loginVerify: Step<LoginAtStep, SavedSession>;
  /** Hands the session over to its workflow. */
  readonly loginSave: Step<SaveLogin, null>;
  /** Tells people that a login waits for them. */
  readonly loginAsk: Step<AskPerson, null>;
}

/** A login between two steps; its state is sealed. */
export interface LoginAtStep {
  readonly task: LoginInput;
  readonly sealed: SealedSession;
}

/** The login after its page was fetched. */
export interface OpenedLogin {
  readonly sealed: SealedSession;
}

/** What {@link LoginSteps.loginSubmit} is given. */
export interface SubmitLogin extends LoginAtStep {
  /** The time step of the latest one-time code that may have been sent. */
  readonly usedTotpStep: number | null;
}

/** The login after user and password were sent. */
export interface SubmittedLogin {
  readonly sealed: SealedSession;
  /** The time step of the latest one-time code that was sent; null: none. */
  readonly totpStep: number | null;
  /** What the site wants beside; null: nothing. */
  readonly challenge: LoginChallenge | null;
}

/** A site wants a one-time code. */
export interface LoginChallenge {
  /** Who knows it. */
  readonly by: 'totp' | 'person';
  /** One sentence for people, by locale. */
  readonly question: Readonly<Record<string, string>>;
  /** The same in the language of the configuration. */
  readonly what: string;
  /** How long a person has, in ms. */
  readonly timeLimitMs: number;
}

/** What {@link LoginSteps.loginAnswer} is given. */
export interface AnswerLogin extends SubmitLogin {
  /** The code of a person; null: by the TOTP secret. */
  readonly answer: SealedSession | null;
}

/** What the site said to a one-time code. */
export interface AnsweredLogin {
  /** `again`: nobody knows whether the code was used, so the login begins anew. */
  readonly verdict: 'accepted' | 'refused' | 'again';
  readonly sealed: SealedSession;
  readonly totpStep: number | null;
}

/** What {@link LoginSteps.loginSave} is given. */
export interface SaveLogin {
  readonly name: SessionName;
  readonly saved: SavedSession;
}

/** What people are asked, by locale. */
export interface AskPerson {
  readonly name: SessionName;
  readonly question: Readonly<Record<string, string>>;
  /** The login waits no longer than this, in ms since the epoch. */
  readonly untilMs: number;
}
