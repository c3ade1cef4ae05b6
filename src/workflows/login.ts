import { getExternalWorkflowHandle, isCancellation, log, workflowInfo } from '@temporalio/workflow';
import type { AnsweredLogin, LoginChallenge, LoginSteps } from '../activities/login-types.ts';
import type { JsonObject } from '../domain/json.ts';
import { ANSWER_TRIES, LOGIN_STEPS, type LoginInput, type LoginResult } from '../domain/login.ts';
import {
  LOGIN_WAITS_SIGNAL,
  type LoginWaits,
  type SealedSession,
  sessionText,
  sessionWorkflowId,
} from '../domain/session.ts';
import type { StepOutcome } from '../domain/step.ts';
import type { TaskInput } from '../domain/task-state.ts';
import { LoginAnswers, loginFailure } from './login-answers.ts';
import { proxySteps } from './proxy-steps.ts';
import { runTask, type TaskRun } from './task-run.ts';

type Run = TaskRun<(typeof LOGIN_STEPS)[number]['name']>;

const steps = proxySteps<LoginSteps>();

/** A login that has to begin anew because nobody knows what became of a person's code does so at most so often. */
const MAX_ROUNDS = 5;

/** Logs in to a site: open → submit → challenge → verify → save_session. */
export async function login(input: TaskInput<LoginInput>): Promise<LoginResult> {
  const answers = new LoginAnswers();
  return runTask({
    taskType: 'login',
    steps: LOGIN_STEPS,
    input,
    work: async (run) => {
      try {
        return await new Login(run, input.task, answers).done();
      } finally {
        answers.end();
      }
    },
  });
}

class Login {
  readonly #run: Run;
  readonly #task: LoginInput;
  readonly #answers: LoginAnswers;

  constructor(run: Run, task: LoginInput, answers: LoginAnswers) {
    this.#run = run;
    this.#task = task;
    this.#answers = answers;
  }

  async done(): Promise<LoginResult> {
    const { site, account } = this.#task;
    const sealed = await this.#loggedIn();
    const saved = await this.#run.step('verify', () => steps.loginVerify({ task: this.#task, sealed }));
    await this.#run.step('save_session', () => this.#save({ ...saved }));
    return { site, account, ...saved, totpStep: this.#usedTotpStep, retries: this.#run.retries };
  }

  /** The sealed state of a login that nothing speaks against any more. */
  async #loggedIn(): Promise<SealedSession> {
    const [run, task] = [this.#run, this.#task];
    for (let round = 1; round <= MAX_ROUNDS; round += 1) {
      const { sealed } = await run.step('open', () => steps.loginOpen(task));
      const submitted = await run.step(
        'submit',
        () => steps.loginSubmit({ task, sealed, usedTotpStep: this.#usedTotpStep }),
        (done) => this.#remember(done),
      );
      const { challenge } = submitted;
      if (!challenge) return submitted.sealed;
      const answered = await run.step(
        'challenge',
        () => this.#answered(submitted.sealed, challenge),
        (done) => this.#remember(done),
      );
      if (answered.verdict === 'accepted') return answered.sealed;
    }
    throw unanswered('the login was broken off again and again while a code was on its way');
  }

  /**
   * The time step of the latest one-time code that may have been sent, by this run or those before it: a step that
   * fails says so in its checkpoint.
   */
  get #usedTotpStep(): number | null {
    const known = this.#run.state.checkpoint?.data.totp_step;
    const used = Math.max(this.#task.usedTotpStep ?? 0, typeof known === 'number' ? known : 0);
    return used === 0 ? null : used;
  }

  #remember({ totpStep }: { readonly totpStep: number | null }): JsonObject {
    const used = Math.max(totpStep ?? 0, this.#usedTotpStep ?? 0);
    return used === 0 ? {} : { totp_step: used };
  }

  async #answered(sealed: SealedSession, challenge: LoginChallenge): Promise<StepOutcome<AnsweredLogin>> {
    if (challenge.by === 'person') return await this.#byPerson(sealed, challenge);
    return await this.#answer(sealed, null);
  }

  #answer(sealed: SealedSession, answer: SealedSession | null): Promise<StepOutcome<AnsweredLogin>> {
    return steps.loginAnswer({ task: this.#task, sealed, usedTotpStep: this.#usedTotpStep, answer });
  }

  async #byPerson(sealed: SealedSession, challenge: LoginChallenge): Promise<StepOutcome<AnsweredLogin>> {
    const { question, what, timeLimitMs } = challenge;
    const { site, account } = this.#task;
    const untilMs = Date.now() + timeLimitMs;
    await this.#tellSession({ what, untilMs });
    await steps.loginAsk({ name: { site, account }, question, untilMs });
    let retries = 0;
    for (let triesLeft = ANSWER_TRIES - 1; triesLeft >= 0; triesLeft -= 1) {
      const answer = await this.#answers.ask({ what: question, untilMs, triesLeft: triesLeft + 1 });
      if (!answer) throw unanswered('nobody answered in time with the code that the login needs');
      const outcome = await this.#tried(sealed, answer, triesLeft);
      retries += outcome.retries;
      if (outcome.value.verdict === 'refused') continue;
      await this.#tellSession(null);
      return { value: outcome.value, retries };
    }
    throw unanswered(`the site did not take any of ${ANSWER_TRIES} codes`);
  }

  async #tried(
    sealed: SealedSession,
    answer: SealedSession,
    triesLeft: number,
  ): Promise<StepOutcome<AnsweredLogin>> {
    try {
      const outcome = await this.#answer(sealed, answer);
      const accepted = outcome.value.verdict === 'accepted';
      this.#answers.settle({ accepted, triesLeft: accepted ? 0 : triesLeft });
      return outcome;
    } finally {
      this.#answers.end();
    }
  }

  /** Those who wait for the session are told what it waits for. */
  async #tellSession(waits: LoginWaits | null): Promise<void> {
    try {
      await getExternalWorkflowHandle(sessionWorkflowId(this.#task)).signal(LOGIN_WAITS_SIGNAL, waits);
    } catch (error) {
      if (isCancellation(error)) throw error;
      log.debug('no session waits for this login', { session: sessionText(this.#task) });
    }
  }

  /** The session whose login this is gets its result; any other login hands over what it got. */
  async #save(saved: Parameters<LoginSteps['loginSave']>[0]['saved']): Promise<StepOutcome<null>> {
    const { site, account } = this.#task;
    if (workflowInfo().parent?.workflowId === sessionWorkflowId(this.#task))
      return { value: null, retries: 0 };
    return await steps.loginSave({ name: { site, account }, saved });
  }
}

function unanswered(message: string) {
  return loginFailure(
    'LOGIN_UNANSWERED',
    message,
    'Start the login again when you have a code at hand: rekindle login.',
  );
}
