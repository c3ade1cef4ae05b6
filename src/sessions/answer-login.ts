import type { Client } from '@temporalio/client';
import { RekindleError } from '../domain/error-codes.ts';
import { ANSWER_UPDATE, type LoginAnswer, type LoginAnswered } from '../domain/login.ts';
import { loginTaskId, type SealedSession, type SessionName, sessionText } from '../domain/session.ts';

/** How long the site may take to say whether it takes the code, in ms. */
const ANSWER_MS = 120_000;

/**
 * Gives a login that waits for a person the code that it asks for.
 * @param code sealed for the login: nobody else can read it on its way.
 * @throws {RekindleError} TASK_STATE when no login waits for one.
 */
export async function answerLogin(
  client: Client,
  name: SessionName,
  code: SealedSession,
): Promise<LoginAnswered> {
  const handle = client.workflow.getHandle(loginTaskId(name));
  const answer: LoginAnswer = { sealed: code };
  const ask = () => handle.executeUpdate<LoginAnswered, [LoginAnswer]>(ANSWER_UPDATE, { args: [answer] });
  try {
    return await client.connection.withDeadline(Date.now() + ANSWER_MS, ask);
  } catch (error) {
    const { name: kind, cause } = error as Error;
    if (kind !== 'WorkflowNotFoundError' && kind !== 'WorkflowUpdateFailedError') throw error;
    const why = cause instanceof Error ? `: ${cause.message}` : '';
    throw new RekindleError('TASK_STATE', `no login of ${sessionText(name)} waits for an answer${why}`, {
      hint: '`rekindle session list` shows what sessions wait for.',
      cause: error,
    });
  }
}
