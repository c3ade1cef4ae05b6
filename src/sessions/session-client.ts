/** Speaks to the workflows of sessions. Sessions stay sealed here. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { RekindleError } from '../domain/error-codes.ts';
import {
  ACQUIRE_SESSION_UPDATE,
  type AcquireAnswer,
  type AcquireRequest,
  LOGIN_UPDATE,
  type LoginRequest,
  type LoginStarted,
  REVOKE_UPDATE,
  type SavedSession,
  SESSION_SAVED_SIGNAL,
  SESSION_STATE_QUERY,
  SESSION_WORKFLOW,
  type SessionInput,
  type SessionName,
  type SessionView,
  sessionText,
  sessionWorkflowId,
} from '../domain/session.ts';

type StartSession = (input: SessionInput) => Promise<void>;

/** For the way there and back, and for a workflow's first task. */
const ANSWER_MS = 15_000;
const RETRY_MS = 200;
const LONGEST_RETRY_MS = 2000;
const LIST_MS = 5000;
const LISTED_AT_ONCE = 10;

/** Asks for a session; its workflow is started when it does not run. @throws {RekindleError} ENGINE_UNAVAILABLE */
export async function acquireSession(
  client: Client,
  taskQueue: string,
  name: SessionName,
  request: AcquireRequest,
  signal?: AbortSignal,
): Promise<AcquireAnswer> {
  const patienceMs = request.waitMs + ANSWER_MS;
  const ask = () =>
    updateWithStart<AcquireAnswer, AcquireRequest>(client, taskQueue, name, ACQUIRE_SESSION_UPDATE, request);
  return await untilAnswered(client, name, ask, patienceMs, signal);
}

/**
 * Has a login done now, or joins the one that runs.
 * @throws {RekindleError} ENGINE_UNAVAILABLE when nobody serves the queue.
 */
export async function startLogin(
  client: Client,
  taskQueue: string,
  name: SessionName,
  request: LoginRequest = {},
): Promise<LoginStarted> {
  const ask = () =>
    updateWithStart<LoginStarted, LoginRequest>(client, taskQueue, name, LOGIN_UPDATE, request);
  return await untilAnswered(client, name, ask, ANSWER_MS);
}

/** Hands over what a login got that is no child of the session's workflow. */
export async function saveSession(
  client: Client,
  taskQueue: string,
  name: SessionName,
  { sealed, obtainedAtMs, expiresAtMs }: SavedSession,
): Promise<void> {
  const saved: SavedSession = { sealed, obtainedAtMs, expiresAtMs };
  await client.workflow.signalWithStart<StartSession, [SavedSession]>(SESSION_WORKFLOW, {
    ...startOptions(taskQueue, name),
    signal: SESSION_SAVED_SIGNAL,
    signalArgs: [saved],
  });
}

/** How a session stands. @throws {RekindleError} TASK_NOT_FOUND when nobody ever needed it, or it is forgotten. */
export async function showSession(client: Client, name: SessionName): Promise<SessionView> {
  const ask = () =>
    client.workflow.getHandle(sessionWorkflowId(name)).query<SessionView>(SESSION_STATE_QUERY);
  return current(await found(name, () => client.connection.withDeadline(Date.now() + ANSWER_MS, ask)));
}

/** Declares a session void: the next one who needs it logs in. @throws {RekindleError} TASK_NOT_FOUND */
export async function revokeSession(client: Client, name: SessionName): Promise<SessionView> {
  const handle = client.workflow.getHandle(sessionWorkflowId(name));
  const ask = () => handle.executeUpdate<SessionView, []>(REVOKE_UPDATE);
  return await found(name, () => untilAnswered(client, name, ask, ANSWER_MS));
}

/** The sessions of the namespace, by name. One whose workflow does not answer is left out. */
export async function listSessions(client: Client, limit = 1000): Promise<SessionView[]> {
  const query = `WorkflowType = '${SESSION_WORKFLOW}' AND ExecutionStatus = 'Running'`;
  const ids: string[] = [];
  for await (const { workflowId } of client.workflow.list({ query })) {
    ids.push(workflowId);
    if (ids.length >= limit) break;
  }
  const views: SessionView[] = [];
  for (let at = 0; at < ids.length; at += LISTED_AT_ONCE)
    views.push(
      ...(await Promise.all(ids.slice(at, at + LISTED_AT_ONCE).map((id) => viewOf(client, id)))).flat(),
    );
  return views.sort((a, b) => (sessionText(a) < sessionText(b) ? -1 : 1));
}

/** A workflow that is asked knows no later time than that of its last event. */
function current(view: SessionView): SessionView {
  const over = view.expires_at !== null && Date.parse(view.expires_at) <= Date.now();
  return view.status === 'valid' && over ? { ...view, status: 'expired' } : view;
}

async function viewOf(client: Client, workflowId: string): Promise<SessionView[]> {
  const ask = () => client.workflow.getHandle(workflowId).query<SessionView>(SESSION_STATE_QUERY);
  try {
    return [current(await client.connection.withDeadline(Date.now() + LIST_MS, ask))];
  } catch {
    return [];
  }
}

async function updateWithStart<Answer, Request>(
  client: Client,
  taskQueue: string,
  name: SessionName,
  update: string,
  request: Request,
): Promise<Answer> {
  const { WithStartWorkflowOperation } = await import('@temporalio/client');
  return await client.workflow.executeUpdateWithStart<StartSession, Answer, [Request]>(update, {
    args: [request],
    startWorkflowOperation: new WithStartWorkflowOperation<StartSession>(SESSION_WORKFLOW, {
      ...startOptions(taskQueue, name),
      workflowIdConflictPolicy: 'USE_EXISTING',
    }),
  });
}

function startOptions(taskQueue: string, name: SessionName) {
  const { site, account } = name;
  return {
    workflowId: sessionWorkflowId(name),
    taskQueue,
    args: [{ name: { site, account } }] as [SessionInput],
    staticSummary: `session ${sessionText(name)}`,
  };
}

/** The workflow's next run may be just beginning, and only so many may ask it at once. */
async function untilAnswered<T>(
  client: Client,
  name: SessionName,
  ask: () => Promise<T>,
  patienceMs: number,
  signal?: AbortSignal,
): Promise<T> {
  const deadline = Date.now() + patienceMs;
  for (let pause = RETRY_MS; ; pause = Math.min(pause * 2, LONGEST_RETRY_MS)) {
    try {
      const timely = () => client.connection.withDeadline(deadline, ask);
      return await (signal ? client.connection.withAbortSignal(signal, timely) : timely());
    } catch (error) {
      signal?.throwIfAborted();
      if (Date.now() + pause >= deadline && isTransient(error)) throw unserved(name, error);
      if (!isTransient(error)) throw error;
      await delay(pause * (0.5 + Math.random()), undefined, signal ? { signal } : {});
    }
  }
}

/** gRPC: DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED, FAILED_PRECONDITION, ABORTED, UNAVAILABLE. */
const TRANSIENT = new Set([4, 8, 9, 10, 14]);

function isTransient(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const { code, type, message } = cause as { code?: unknown; type?: unknown; message: string };
    if (typeof code === 'number' && TRANSIENT.has(code)) return true;
    if (type === 'AcceptedUpdateCompletedWorkflow') return true;
    if (/closing workflow|workflow is closing|workflow execution already completed/i.test(message))
      return true;
  }
  return false;
}

async function found<T>(name: SessionName, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (!isNotFound(error)) throw error;
    throw new RekindleError('TASK_NOT_FOUND', `there is no session ${sessionText(name)}`, {
      hint: '`rekindle session list` shows the sessions there are.',
      cause: error,
    });
  }
}

function isNotFound(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause.name === 'WorkflowNotFoundError' || (cause as { code?: unknown }).code === 5) return true;
  }
  return false;
}

function unserved(name: SessionName, cause: unknown): RekindleError {
  return new RekindleError(
    'ENGINE_UNAVAILABLE',
    `nobody answered for the session ${sessionText(name)}: no worker serves the queue of the tasks, or the server is gone`,
    { hint: 'Start `rekindle up` (or `rekindle worker`).', cause },
  );
}
