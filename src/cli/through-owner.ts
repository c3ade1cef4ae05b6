import { type Client, WorkflowFailedError } from '@temporalio/client';
import { RekindleError } from '../domain/error-codes.ts';
import { MONITORING_QUEUE } from '../domain/queues.ts';
import { MirrorKeeper } from '../mirror/index.ts';
import { temporalStatus } from '../monitoring/index.ts';
import type { CommandContext } from './context.ts';
import { notOwner, tryOwnMirror } from './mirror-lock.ts';
import { openRuntime } from './runtime.ts';
import { rejectWhenAborted } from './until-aborted.ts';

/** Work that changes the mirror, which only its owner may write. */
export interface OwnersWork<T> {
  /** What this process is for, as the lock names it: `rekindle notify read`. */
  readonly purpose: string;
  /** Does it here: nobody keeps the mirror, so this process is its owner for a moment. */
  readonly alone: (mirror: MirrorKeeper) => T | Promise<T>;
  /** Has it done by the process that keeps the mirror; see {@link askOwner}. */
  readonly beside: (client: Client) => Promise<T>;
}

/**
 * Changes the mirror, whoever owns it.
 * @throws {RekindleError} NOT_WRITABLE; TASK_STATE when its owner is a command, which takes no orders.
 */
export async function throughOwner<T>(context: CommandContext, work: OwnersWork<T>): Promise<T> {
  const { path } = context.config.database;
  const owned = tryOwnMirror(path, work.purpose);
  if (owned === 'read-only') throw notOwner(path, owned);
  if (owned === 'busy') return await beside(context, work);
  const keeper = new MirrorKeeper(path);
  try {
    return await work.alone(keeper);
  } finally {
    keeper.close();
    owned.release();
  }
}

async function beside<T>(context: CommandContext, work: OwnersWork<T>): Promise<T> {
  const runtime = await openRuntime(context, { engine: 'running', purpose: work.purpose });
  try {
    const { client } = runtime.connection;
    if (!(await temporalStatus(client).isPolled(MONITORING_QUEUE))) {
      throw new RekindleError('TASK_STATE', `a command keeps ${context.config.database.path} just now`, {
        hint: 'Try again when it has ended.',
      });
    }
    return await work.beside(client);
  } finally {
    await runtime.close();
  }
}

/** A workflow that the owner of the mirror does at once. */
export interface Order {
  readonly taskQueue: string;
  readonly workflowId: string;
  readonly args: readonly unknown[];
  /** The order is given up after so long. */
  readonly timeout: '1 minute' | '2 minutes' | '10 minutes';
  /** Ends the waiting; what was ordered may still be done. */
  readonly signal: AbortSignal;
}

/**
 * Has the owner of the mirror do something. The same order twice at once is one.
 * @throws {RekindleError} MIRROR_UNAVAILABLE when it could not.
 */
export async function askOwner<T>(client: Client, workflow: string, order: Order): Promise<T> {
  const { taskQueue, workflowId, args, timeout, signal } = order;
  try {
    const done = client.workflow.execute<(...given: unknown[]) => Promise<T>>(workflow, {
      taskQueue,
      workflowId,
      args: [...args],
      workflowIdConflictPolicy: 'USE_EXISTING',
      workflowExecutionTimeout: timeout,
    });
    return await Promise.race([done, rejectWhenAborted(signal)]);
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw error;
    throw new RekindleError('MIRROR_UNAVAILABLE', 'the process that keeps the mirror could not do it', {
      hint: '`rekindle health` says how the mirror stands; then try again.',
      cause: error,
    });
  }
}
