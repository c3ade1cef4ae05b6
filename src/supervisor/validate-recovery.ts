import { setTimeout as delay } from 'node:timers/promises';
import type { Client, WorkflowExecutionDescription } from '@temporalio/client';
import type { TakenOver } from './take-over.ts';

/** What came of the activities that a crash had interrupted. */
export interface Validation {
  /** IDs of the tasks that go on, or have moved on. */
  readonly tasks: readonly string[];
  /** When the last of the interrupted activities was started again, in ms since the epoch; null: none was. */
  readonly goesOnMs: number | null;
  /** What does not go on; empty: all of it does. */
  readonly problems: readonly string[];
}

/** How long and how closely is looked. */
export interface ValidationOptions {
  /** What has not gone on after this long is named as a problem, in ms. @default 30 s */
  readonly timeoutMs?: number | undefined;
  /** Before the first look, in ms: the server is busy with those that go on. @default 1 s */
  readonly firstLookMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

const TIMEOUT_MS = 30_000;
const FIRST_LOOK_MS = 1000;
const MAX_PAUSE_MS = 2000;
/** Looks under way at once: going on is more important. */
const AT_ONCE = 4;

/** `temporal.api.enums.v1.PendingActivityState`: it waits for its turn. */
const SCHEDULED = 1;

type Look =
  | { readonly state: 'goes on'; readonly isTask: boolean; readonly startedMs: number | null }
  | { readonly state: 'waits'; readonly why: string };

/**
 * Looks until each of the interrupted activities goes on, in a newer attempt or with signs of life from whoever carries
 * it on, or its workflow has moved on.
 * It only looks: whatever it finds, the server does the same.
 */
export async function validateRecovery(
  client: Client,
  interrupted: readonly TakenOver[],
  { timeoutMs = TIMEOUT_MS, firstLookMs = FIRST_LOOK_MS, signal }: ValidationOptions = {},
): Promise<Validation> {
  const deadline = performance.now() + timeoutMs;
  const tasks = new Set<string>();
  let goesOnMs: number | null = null;
  let open = interrupted.map((activity) => ({ activity, why: 'was not looked at' }));
  for (let pause = firstLookMs; open.length > 0; pause = Math.min(MAX_PAUSE_MS, Math.max(50, pause * 1.5))) {
    const left = deadline - performance.now();
    // A pause that nobody waits for would end the process when the signal comes.
    if (left <= 0) break;
    const goesOn = await delay(Math.min(pause, left), true, signal ? { signal } : {}).catch(() => false);
    if (!goesOn) break;
    const waiting: typeof open = [];
    await inTurns(open, async ({ activity }) => {
      const look = await lookAt(client, activity);
      if (look.state === 'waits') return void waiting.push({ activity, why: look.why });
      if (look.isTask) tasks.add(activity.workflowId);
      if (look.startedMs !== null) goesOnMs = Math.max(goesOnMs ?? 0, look.startedMs);
    });
    open = waiting;
  }
  const problems = open.map(({ activity, why }) => `${activity.workflowId}: ${why}`);
  return { tasks: [...tasks], goesOnMs, problems };
}

async function lookAt(client: Client, activity: TakenOver): Promise<Look> {
  const { workflowId, runId, activityId, attempt, carriedOnMs } = activity;
  let description: WorkflowExecutionDescription;
  try {
    description = await client.workflow.getHandle(workflowId, runId).describe();
  } catch (error) {
    // Deleted meanwhile.
    if ((error as Error).name === 'WorkflowNotFoundError')
      return { state: 'goes on', isTask: false, startedMs: null };
    return { state: 'waits', why: `cannot be looked at: ${(error as Error).message}` };
  }
  const isTask = description.searchAttributes?.TaskType !== undefined;
  const pending = description.raw.pendingActivities?.find((one) => one.activityId === activityId);
  if (description.status.name !== 'RUNNING' || !pending) return { state: 'goes on', isTask, startedMs: null };
  const now = pending.attempt ?? 1;
  const startedMs = msOf(pending.lastStartedTime);
  const aliveMs = msOf(pending.lastHeartbeatTime) ?? 0;
  if (carriedOnMs !== undefined && now === attempt && aliveMs >= carriedOnMs)
    return { state: 'goes on', isTask, startedMs: carriedOnMs };
  // In the attempt after the next one, the next one had been started.
  const again = now > attempt + 1 || (now > attempt && pending.state !== SCHEDULED);
  if (again) return { state: 'goes on', isTask, startedMs };
  const step = pending.activityType?.name ?? 'its step';
  const still = carriedOnMs === undefined ? 'was not given back' : 'gives no sign of life';
  const why = now > attempt ? `${step} waits for a worker` : `${step} ${still}`;
  return { state: 'waits', why };
}

function msOf(time: { seconds?: unknown; nanos?: number | null } | null | undefined): number | null {
  return time ? Number(time.seconds ?? 0) * 1000 + (time.nanos ?? 0) / 1e6 : null;
}

async function inTurns<T>(all: readonly T[], work: (one: T) => Promise<void>): Promise<void> {
  const left = [...all];
  const lane = async (): Promise<void> => {
    for (let one = left.shift(); one !== undefined; one = left.shift()) await work(one);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
}
