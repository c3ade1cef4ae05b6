/** Histories of logins, for scripts/record-histories.ts. The fakes stand exactly where the real activities would. */
import { setTimeout as delay } from 'node:timers/promises';
import { Context } from '@temporalio/activity';
import type { Client, WorkflowHandle } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { LoginChallenge, LoginSteps } from '../../src/activities/login-types.ts';
import { failureOfCode } from '../../src/domain/failure-of-code.ts';
import { ANSWER_UPDATE, type LoginInput, QUESTION_QUERY } from '../../src/domain/login.ts';
import type { TaskInput } from '../../src/domain/task-state.ts';
import { startTask } from '../../src/tasks/start-task.ts';

const SEALED = { keyId: 'recorded', sealed: 'c2VhbGVk' };
const TOTP_STEP = 57_000_000;
const person: LoginChallenge = {
  by: 'person',
  question: { en: 'What does the app show?' },
  what: 'What does the app show?',
  timeLimitMs: 60_000,
};

interface Story {
  readonly steps?: Partial<LoginSteps>;
  readonly input?: Partial<TaskInput<LoginInput>>;
  readonly events?: (handle: WorkflowHandle) => Promise<void>;
}

const outcome = <T>(value: T, retries = 0) => ({ value, retries });

const plain: LoginSteps = {
  loginOpen: async () => outcome({ sealed: SEALED }),
  loginSubmit: async () => outcome({ sealed: SEALED, totpStep: null, challenge: null }),
  loginAnswer: async () => outcome({ verdict: 'accepted', sealed: SEALED, totpStep: TOTP_STEP }),
  loginVerify: async () => outcome({ sealed: SEALED, obtainedAtMs: 1_700_000_000_000, expiresAtMs: null }),
  loginSave: async () => outcome(null),
  loginAsk: async () => outcome(null),
};
let current = plain;

/** For the worker that records. */
export const loginFakes = Object.fromEntries(
  Object.keys(plain).map((name) => [
    name,
    (input: never) => current[name as keyof LoginSteps](input) as Promise<unknown>,
  ]),
);

const challenged = (challenge: LoginChallenge): Partial<LoginSteps> => ({
  loginSubmit: async () => outcome({ sealed: SEALED, totpStep: null, challenge }),
});

async function answer(handle: WorkflowHandle): Promise<void> {
  while ((await handle.query(QUESTION_QUERY)) === null) await delay(20);
  await handle.executeUpdate(ANSWER_UPDATE, { args: [{ sealed: SEALED }] });
}

const STORIES: Readonly<Record<string, () => Story>> = {
  simple: () => ({}),
  'one-time-code': () => ({ steps: challenged({ ...person, by: 'totp' }) }),
  'retried-and-recovered': () => ({
    input: {
      recoveryAttempts: 1,
      checkpoint: {
        step: 'submit',
        step_index: 1,
        data: { totp_step: TOTP_STEP - 5 },
        timestamp: '2026-01-02T03:04:05.000Z',
      },
    },
    steps: {
      loginOpen: async (task) => {
        if (Context.current().info.attempt === 1) throw new Error('once more, please');
        return plain.loginOpen(task);
      },
    },
  }),
  'answered-by-a-person': () => {
    const verdicts = ['refused', 'again', 'accepted'] as const;
    let answers = 0;
    return {
      steps: {
        ...challenged(person),
        loginAnswer: async () => {
          const verdict = verdicts[answers] ?? 'accepted';
          answers += 1;
          return outcome({ verdict, sealed: SEALED, totpStep: null });
        },
      },
      events: async (handle) => {
        for (const _ of verdicts) await answer(handle);
      },
    };
  },
  unanswered: () => ({ steps: challenged({ ...person, timeLimitMs: 200 }) }),
  refused: () => ({
    steps: {
      loginSubmit: async () => {
        const info = failureOfCode('LOGIN_REFUSED', 'the password is wrong', null);
        throw ApplicationFailure.create({
          message: info.message,
          type: info.category,
          nonRetryable: true,
          details: [info],
        });
      },
    },
  }),
  'cancelled-while-asking': () => ({
    steps: challenged(person),
    events: async (handle) => {
      while ((await handle.query(QUESTION_QUERY)) === null) await delay(20);
      await handle.cancel();
    },
  }),
};

/** @param keep writes a history under a name. */
export async function recordLogins(
  client: Client,
  taskQueue: string,
  keep: (name: string, handle: WorkflowHandle) => Promise<void>,
): Promise<void> {
  for (const [title, tell] of Object.entries(STORIES)) {
    const { steps, input, events } = tell();
    current = { ...plain, ...steps };
    const name = { site: 'recorded', account: title };
    const taskId = `login-recorded-${title}`;
    await startTask(client, {
      taskId,
      taskType: 'login',
      workflowType: 'login',
      taskQueue,
      input: { task: name, ...input },
      data: { ...name },
      summary: `login recorded/${title}`,
    });
    const handle = client.workflow.getHandle(taskId);
    await events?.(handle);
    await handle.result().catch(() => undefined);
    await keep(`login-${title}`, handle);
  }
}
