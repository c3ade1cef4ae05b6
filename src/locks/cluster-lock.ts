/**
 * Resource locks among all that share a Temporal namespace: a workflow for each name gives the lock out on lease
 * (docs/decisions/0007-resource-locks.md).
 */
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { basename } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { RekindleError } from '../domain/error-codes.ts';
import { RECOVERY_QUEUE } from '../domain/queues.ts';
import {
  ACQUIRE_UPDATE,
  type ClaimAnswer,
  LOCK_STATE_QUERY,
  type LockClaim,
  RELEASE_SIGNAL,
  RESOURCE_LOCK_WORKFLOW,
  type ResourceLockInput,
  type ResourceLockState,
  type ResourceLockView,
} from '../domain/resource-lock.ts';
import { DEFAULT_TIMEOUT_MS, type HeldResource, type ResourceWait, resourceBusy } from './held-resource.ts';
import { Lease } from './lease.ts';
import { lockWorkflowId, shownName } from './resource-name.ts';

/** How a lock of a cluster is waited for, and kept. */
export interface ClusterWait extends ResourceWait {
  /** After this long without a word from the holder the lock is free for the next one, in ms. @default 15 s */
  readonly leaseMs?: number | undefined;
  /** Queue of the locks' workflows. @default recovery */
  readonly taskQueue?: string | undefined;
  /** @default this machine's name */
  readonly host?: string | undefined;
  /** Events of a run of the lock's workflow. @default 2000 */
  readonly maxEvents?: number | undefined;
}

type StartLock = (input: ResourceLockInput) => Promise<void>;

const DEFAULT_LEASE_MS = 15_000;
/** One question waits this long for the lock; then one asks again, which shows that one still wants it. */
const ASK_MS = 10_000;
/** For the way there and back, and for a workflow's first task. */
const ANSWER_MS = 5000;
const RETRY_MS = 50;
const LIST_MS = 2000;
const LISTED_AT_ONCE = 10;

/**
 * Takes the lock, waiting in the line when it is not free.
 * @throws {RekindleError} `RESOURCE_BUSY` when the time is over; `ENGINE_UNAVAILABLE` when nobody serves the locks.
 * @throws the signal's reason when it is aborted.
 */
export async function acquireClusterLock(
  client: Client,
  name: string,
  wait: ClusterWait = {},
): Promise<HeldResource> {
  const { timeoutMs = DEFAULT_TIMEOUT_MS, signal } = wait;
  signal?.throwIfAborted();
  const claimed = new Claim(client, name, wait);
  const deadline = performance.now() + timeoutMs;
  try {
    for (;;) {
      const left = Math.max(0, deadline - performance.now());
      const sentAt = performance.now();
      const answer = await claimed.ask(Math.min(left, ASK_MS), left + ANSWER_MS);
      signal?.throwIfAborted();
      // When one had to wait, nobody here can tell how old the lease is: asking once more makes it a whole one.
      if (answer.state === 'held' && !answer.waited) return new Lease(client, name, claimed.claim, sentAt);
      if (answer.state === 'waiting' && performance.now() >= deadline)
        throw resourceBusy(name, timeoutMs, answer.holder, answer.waiting - 1);
    }
  } catch (error) {
    await claimed.giveUp();
    throw signal?.aborted ? signal.reason : error;
  }
}

/** One wish for a lock. */
class Claim {
  readonly claim: LockClaim;
  readonly #client: Client;
  readonly #name: string;
  readonly #wait: ClusterWait;

  constructor(client: Client, name: string, wait: ClusterWait) {
    this.#client = client;
    this.#name = name;
    this.#wait = wait;
    const { purpose = basename(process.argv[1] ?? 'node'), leaseMs = DEFAULT_LEASE_MS } = wait;
    const owner = { pid: process.pid, host: wait.host ?? hostname(), purpose };
    this.claim = { id: randomUUID(), owner, leaseMs };
  }

  /** Starts the lock's workflow when it does not run, and asks it for the lock. */
  async ask(waitMs: number, patienceMs: number): Promise<ClaimAnswer> {
    const deadline = Date.now() + patienceMs;
    for (;;) {
      try {
        return await this.#ask(waitMs, deadline);
      } catch (error) {
        this.#wait.signal?.throwIfAborted();
        if (Date.now() + RETRY_MS >= deadline) throw unserved(this.#name, error);
        if (!endedMeanwhile(error)) throw error;
        await delay(RETRY_MS * (0.5 + Math.random()));
      }
    }
  }

  async #ask(waitMs: number, deadline: number): Promise<ClaimAnswer> {
    const { WithStartWorkflowOperation } = await import('@temporalio/client');
    const client = this.#client;
    const { maxEvents, signal } = this.#wait;
    const input: ResourceLockInput = {
      name: shownName(this.#name),
      ...(maxEvents === undefined ? {} : { maxEvents }),
    };
    const call = () =>
      client.workflow.executeUpdateWithStart<StartLock, ClaimAnswer, [LockClaim, number]>(ACQUIRE_UPDATE, {
        args: [this.claim, Math.ceil(waitMs)],
        startWorkflowOperation: new WithStartWorkflowOperation<StartLock>(RESOURCE_LOCK_WORKFLOW, {
          workflowId: lockWorkflowId(this.#name),
          taskQueue: this.#wait.taskQueue ?? RECOVERY_QUEUE,
          args: [input],
          workflowIdConflictPolicy: 'USE_EXISTING',
          staticSummary: `lock ${shownName(this.#name, 100)}`,
        }),
      });
    const timely = () => client.connection.withDeadline(deadline, call);
    return signal ? client.connection.withAbortSignal(signal, timely) : timely();
  }

  /** Leaves the line. Who can't say so is forgotten after a while. */
  async giveUp(): Promise<void> {
    const handle = this.#client.workflow.getHandle(lockWorkflowId(this.#name));
    const leave = () => handle.signal(RELEASE_SIGNAL, this.claim.id);
    await this.#client.connection.withDeadline(Date.now() + ANSWER_MS, leave).catch(() => undefined);
  }
}

/** The lock's workflow had just ended, or its next run was just beginning. */
function endedMeanwhile(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const { code, type, message } = cause as { code?: unknown; type?: unknown; message: string };
    // gRPC: NOT_FOUND, ABORTED, FAILED_PRECONDITION, UNAVAILABLE, RESOURCE_EXHAUSTED
    if (typeof code === 'number' && [5, 8, 9, 10, 14].includes(code)) return true;
    if (type === 'AcceptedUpdateCompletedWorkflow') return true;
    if (/workflow execution already completed|closing workflow|workflow is closing/i.test(message))
      return true;
  }
  return false;
}

function unserved(name: string, cause: unknown): RekindleError {
  return new RekindleError(
    'ENGINE_UNAVAILABLE',
    `nobody answered for the cluster-wide lock "${shownName(name)}": no worker serves the queue "${RECOVERY_QUEUE}", or the server is gone`,
    { hint: 'Start `rekindle up` (or `rekindle mirror run`) somewhere in the cluster.', cause },
  );
}

/** The locks of the namespace that somebody has or wants. One whose workflow does not answer is listed without a holder. */
export async function listClusterLocks(client: Client, limit = 1000): Promise<ResourceLockView[]> {
  const query = `WorkflowType = '${RESOURCE_LOCK_WORKFLOW}' AND ExecutionStatus = 'Running'`;
  const ids: string[] = [];
  for await (const { workflowId } of client.workflow.list({ query })) {
    ids.push(workflowId);
    if (ids.length >= limit) break;
  }
  const views: ResourceLockView[] = [];
  for (let at = 0; at < ids.length; at += LISTED_AT_ONCE)
    views.push(
      ...(await Promise.all(ids.slice(at, at + LISTED_AT_ONCE).map((id) => viewOf(client, id)))).flat(),
    );
  return views;
}

async function viewOf(client: Client, workflowId: string): Promise<ResourceLockView[]> {
  const ask = () => client.workflow.getHandle(workflowId).query<ResourceLockState>(LOCK_STATE_QUERY);
  try {
    const state = await client.connection.withDeadline(Date.now() + LIST_MS, ask);
    return state.holder || state.waiting > 0 ? [{ ...state, scope: 'cluster' }] : [];
  } catch {
    return [{ name: workflowId.replace(/^lock\//, ''), scope: 'cluster', holder: null, waiting: 0 }];
  }
}
