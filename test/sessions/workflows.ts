/** Workflows of the tests of sessions: the real ones, with a login of which the test says what it does. */
import {
  ApplicationFailure,
  condition,
  defineUpdate,
  getExternalWorkflowHandle,
  proxyActivities,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { LoginInput, LoginResult } from '../../src/domain/login.ts';
import { LOGIN_WAITS_SIGNAL } from '../../src/domain/session.ts';
import type { TaskInput } from '../../src/domain/task-state.ts';
import type { FakeLogin } from './fake-login.ts';

export { session } from '../../src/workflows/session.ts';
export { videoDownload } from '../../src/workflows/video-download.ts';

const { planLogin, logIn } = proxyActivities<FakeLogin>({
  startToCloseTimeout: '1 minute',
  heartbeatTimeout: '2 seconds',
  retry: { initialInterval: '100 milliseconds' },
});

export async function login({ task }: TaskInput<LoginInput>): Promise<LoginResult> {
  let answered = false;
  setHandler(defineUpdate<{ accepted: boolean; triesLeft: number }>('answer'), () => {
    answered = true;
    return { accepted: true, triesLeft: 0 };
  });
  const plan = await planLogin(task);
  if (plan.person) {
    const parent = workflowInfo().parent;
    const session = parent && getExternalWorkflowHandle(parent.workflowId);
    await session?.signal(LOGIN_WAITS_SIGNAL, { what: plan.person, untilMs: Date.now() + 600_000 });
    await condition(() => answered);
    await session?.signal(LOGIN_WAITS_SIGNAL, null);
  }
  if (plan.failure)
    throw ApplicationFailure.create({
      message: plan.failure.message,
      type: plan.failure.category,
      nonRetryable: true,
      details: [plan.failure],
    });
  return await logIn(task);
}
