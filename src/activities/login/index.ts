import { Context } from '@temporalio/activity';
import { isRekindleError, RekindleError } from '../../domain/error-codes.ts';
import type { LoginInput } from '../../domain/login.ts';
import type { NetworkRules } from '../../domain/network-rules.ts';
import type { Notification } from '../../domain/notification.ts';
import type { SavedSession, SealedSession, SessionName } from '../../domain/session.ts';
import { NetworkGuards } from '../../download/index.ts';
import type { SecretResolver } from '../../secrets/resolver.ts';
import type { Vault } from '../../secrets/vault.ts';
import type { Advance, LoginState, SiteDescription, SiteDriver } from '../../sites/index.ts';
import type { StepContext, stepFactory } from '../define-step.ts';
import type { AnsweredLogin, AnswerLogin, LoginSteps, SubmitLogin, SubmittedLogin } from '../login-types.ts';
import { challengeOf, loginNeeded } from './challenge.ts';
import { type AccountSecrets, fetchSecrets, referencesFor } from './credentials.ts';
import { nextCode } from './one-time-code.ts';

/** What the steps of a login need from outside. */
export interface LoginDeps {
  /** Directory with the descriptions of sites. */
  readonly sitesDir: string;
  /** The Chromium of sites that need one; null: it is looked for. */
  readonly browser: string | null;
  /** Where logins may connect to. @default anywhere */
  readonly network?: NetworkRules;
  /** Language of what people are asked. */
  readonly locale: string;
  readonly vault: Vault;
  readonly resolve: SecretResolver;
  /** Hands a session over to its workflow. */
  readonly save: (name: SessionName, saved: SavedSession) => Promise<void>;
  /** Tells people. */
  readonly notify: (notification: Notification) => Promise<void>;
}

/** A site whose driver is at hand for one step. */
interface AtSite {
  readonly site: SiteDescription;
  readonly driver: SiteDriver;
}

/**
 * The steps of a login. Each may be killed at any moment and done again: what it was about to do may have been done. So
 * a second attempt first looks whether the session is good already, and else begins with a fresh login page.
 */
export function loginSteps(defineStep: ReturnType<typeof stepFactory>, deps: LoginDeps): LoginSteps {
  const { vault, sitesDir, browser } = deps;
  const guards = new NetworkGuards(deps.network);

  async function at<T>(task: LoginInput, work: (at: AtSite) => Promise<T>): Promise<T> {
    // Loaded for those who log in: it takes its time, and most workers never do.
    const { findSite, driverFor } = await import('../../sites/index.ts');
    const site = findSite(sitesDir, task.site);
    const driver = await driverFor(site, { browser, guard: guards.for(task) });
    try {
      return await work({ site, driver });
    } finally {
      await driver.close();
    }
  }

  const sealState = (task: LoginInput, state: LoginState) => vault.sealForLogin(task, state);
  const stateIn = (task: LoginInput, sealed: SealedSession) =>
    vault.unsealForLogin(task, sealed) as LoginState;

  async function submit(input: SubmitLogin, step: StepContext): Promise<SubmittedLogin> {
    const { task } = input;
    const { signal } = step;
    return at(task, async ({ site, driver }) => {
      const references = referencesFor(task, site);
      let state = stateIn(task, input.sealed);
      if (attemptNow() > 1) {
        if (await isGood(driver, state, signal)) {
          return { sealed: input.sealed, totpStep: input.usedTotpStep, challenge: null };
        }
        state = await driver.open(signal);
      }
      const secrets = await fetchSecrets(references, deps.resolve, signal);
      const sent = await sendPassword({ site, driver }, state, secrets, input.usedTotpStep, step);
      return {
        sealed: sealState(task, sent.state),
        totpStep: sent.totpStep,
        challenge:
          sent.next === 'challenge' ? challengeOf(site, task, secrets.totp !== null, deps.locale) : null,
      };
    });
  }

  async function answer(input: AnswerLogin, step: StepContext): Promise<AnsweredLogin> {
    const { task, usedTotpStep } = input;
    const { signal } = step;
    return at(task, async (there) => {
      const { driver } = there;
      let state = stateIn(task, input.sealed);
      const done = (
        verdict: AnsweredLogin['verdict'],
        after: LoginState,
        totpStep: number | null,
      ): AnsweredLogin => ({
        verdict,
        sealed: sealState(task, after),
        totpStep,
      });
      const again = attemptNow() > 1;
      if (again && (await isGood(driver, state, signal))) return done('accepted', state, usedTotpStep);
      if (input.answer) {
        if (again) return done('again', state, usedTotpStep);
        return done(...(await byPerson(driver, state, codeIn(task, input.answer), signal)), usedTotpStep);
      }
      const secrets = await fetchSecrets(referencesFor(task, there.site), deps.resolve, signal);
      let used = usedTotpStep;
      if (again) {
        const sent = await sendPassword(there, await driver.open(signal), secrets, used, step);
        if (sent.next === 'verify') return done('accepted', sent.state, sent.totpStep);
        state = sent.state;
        used = sent.totpStep;
      }
      const { code, totpStep } = await codeFor(there.site, secrets, used, step);
      return done('accepted', (await driver.answer(state, code, signal)).state, totpStep);
    });
  }

  function codeIn(task: LoginInput, sealed: SealedSession): string {
    const code = vault.unsealForLogin(task, sealed);
    if (typeof code === 'string') return code;
    throw new RekindleError('SECRET_UNREADABLE', 'the answer to a login is no code');
  }

  return {
    loginOpen: defineStep('open', (task, { signal }) =>
      at(task, async ({ site, driver }) => {
        // A reference that is missing is told before the site hears of us.
        referencesFor(task, site);
        return { sealed: sealState(task, await driver.open(signal)) };
      }),
    ),
    loginSubmit: defineStep('submit', submit),
    loginAnswer: defineStep('challenge', answer),
    loginVerify: defineStep('verify', ({ task, sealed }, { signal }) =>
      at(task, async ({ driver }) => {
        const { site, account } = task;
        const session = await driver.verify(stateIn(task, sealed), signal);
        const { obtainedAtMs, expiresAtMs } = session;
        return {
          sealed: vault.sealSession({ ...session, name: { site, account } }),
          obtainedAtMs,
          expiresAtMs,
        };
      }),
    ),
    loginSave: defineStep('save_session', async ({ name, saved }) => {
      await deps.save(name, saved);
      return null;
    }),
    loginAsk: defineStep('challenge', async (asked) => {
      const { workflowExecution } = Context.current().info;
      const { workflowId: taskId = '', runId = '' } = workflowExecution ?? {};
      await deps.notify(loginNeeded({ ...asked, taskId, runId, nowMs: Date.now() }));
      return null;
    }),
  };
}

function attemptNow(): number {
  return Context.current().info.attempt;
}

/** What came of sending user and password, with the time step of the code that went with them. */
async function sendPassword(
  { site, driver }: AtSite,
  state: LoginState,
  secrets: AccountSecrets,
  usedTotpStep: number | null,
  step: StepContext,
): Promise<Advance & { readonly totpStep: number | null }> {
  const { user, password } = secrets;
  if (!site.submit.code) {
    return { ...(await driver.submit(state, { user, password }, step.signal)), totpStep: usedTotpStep };
  }
  const { code, totpStep } = await codeFor(site, secrets, usedTotpStep, step);
  return { ...(await driver.submit(state, { user, password, code }, step.signal)), totpStep };
}

async function codeFor(
  site: SiteDescription,
  { totp }: AccountSecrets,
  usedTotpStep: number | null,
  step: StepContext,
) {
  if (totp === null) {
    throw new RekindleError(
      'SECRET_UNREADABLE',
      `the site ${site.name} wants a one-time code, and nobody says where its secret stands`,
      {
        hint: 'Give the account a reference to its TOTP secret: totp: env:NAME or file:PATH.',
      },
    );
  }
  return await nextCode({ secret: totp, settings: site.totp, usedTotpStep, step, attempt: attemptNow() });
}

/** Tries the code of a person, once. */
async function byPerson(
  driver: SiteDriver,
  state: LoginState,
  code: string,
  signal: AbortSignal,
): Promise<['accepted' | 'refused', LoginState]> {
  try {
    return ['accepted', (await driver.answer(state, code, signal)).state];
  } catch (error) {
    if (isRekindleError(error, 'CODE_REFUSED')) return ['refused', state];
    throw error;
  }
}

/** Whether a login that was broken off has come to its end after all. Whatever speaks against it, it has not. */
async function isGood(driver: SiteDriver, state: LoginState, signal: AbortSignal): Promise<boolean> {
  if (state.cookies.length === 0 && Object.keys(state.headers).length === 0) return false;
  try {
    await driver.verify(state, signal);
    return true;
  } catch {
    signal.throwIfAborted();
    return false;
  }
}
