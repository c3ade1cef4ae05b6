import { rmSync, statSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { Logger } from '../logger.ts';
import { listedIds } from '../tasks/list-runs.ts';
import { type GivenBack, giveBack } from './give-back.ts';
import { type ActivityInFlight, keyOf } from './in-flight-journal.ts';
import { NOTHING_TAKEN_OVER } from './messages.ts';
import { type AbandonedJournal, abandonedJournals, disown } from './read-journals.ts';

/** What a restarted worker took over from dead ones. */
export interface TakeOver {
  readonly deadWorkers: number;
  /**
   * Activities that go on at once instead of after their heartbeat timeout: carried on by this process, or failed in the
   * dead worker's name.
   */
  readonly activities: number;
  /** Workflows whose next task waited for the dead worker. */
  readonly workflows: number;
  /** What the dead workers were doing. */
  readonly inFlight: readonly TakenOver[];
}

/** An activity of a dead worker. */
export interface TakenOver extends Omit<ActivityInFlight, 'work'> {
  /** Since when this process carries the attempt on, in ms since the epoch; absent: it is done again, in a new attempt. */
  readonly carriedOnMs?: number;
}

type Execution = Pick<ActivityInFlight, 'workflowId' | 'runId'>;

const RESETS_AT_ONCE = 5;
const RESETS_AFTER_MS = 300;
/**
 * A journal of what could not be given back is kept for the next one who takes over, but not for longer than this: by then
 * the server has helped itself. In ms.
 */
const KEPT_MS = 3_600_000;

/** Goes on with an attempt of a dead worker, if that is possible; true: it does. Called before anything else is done. */
export type CarryOn = (activity: ActivityInFlight) => boolean;

/**
 * Lets the tasks of workers that died on this machine go on at once. Without it they would wait for their heartbeat
 * timeout, and their workflow tasks for the dead worker's sticky queue (both measured in DESIGN).
 * @param dir where workers of this data directory keep their journals.
 * @param carryOn @default nothing is carried on; all is done again, in new attempts
 * @param retryForMs as for {@link giveBack}.
 */
export async function takeOver(
  dir: string,
  client: Client,
  log: Logger,
  carryOn: CarryOn = () => false,
  retryForMs?: number,
): Promise<TakeOver> {
  const journals = abandonedJournals(dir);
  if (journals.length === 0) return NOTHING_TAKEN_OVER;
  const inFlight = journals.flatMap((journal) => takenOverFrom(journal, carryOn));
  // What has to be done again goes on first; it needs no workflow task. Every call is a write of the server's.
  const again = inFlight.filter(({ carriedOnMs }) => carriedOnMs === undefined);
  const results = await Promise.all(again.map((activity) => letGo(client, activity, log, retryForMs)));
  // What is carried on is asking for more just now, and needs no workflow task soon.
  if (again.length < inFlight.length) await delay(RESETS_AFTER_MS);
  const busy = new Set(inFlight.map(({ workflowId }) => workflowId));
  const workflows = await resetStickyQueues(client, busy, log);
  const open = new Set(again.filter((_, i) => results[i] === 'open').map(keyOf));
  for (const journal of journals) removeOrKeep(journal, open);
  return {
    deadWorkers: journals.length,
    activities: inFlight.length - again.length + results.filter((result) => result === 'given back').length,
    workflows,
    inFlight,
  };
}

/** Nothing is awaited in here: nobody else must find what is carried on in the dead worker's journal. */
function takenOverFrom({ file, inFlight }: AbandonedJournal, carryOn: CarryOn): TakenOver[] {
  const carried = new Set(inFlight.filter((activity) => !activity.cancelled && carryOn(activity)));
  disown(file, [...carried].map(keyOf));
  const now = Date.now();
  return inFlight.map((activity) => {
    const { work: _, ...rest } = activity;
    return carried.has(activity) ? { ...rest, carriedOnMs: now } : rest;
  });
}

/**
 * Lets an activity go on. A failure that is final, since the activity was being cancelled, makes a workflow task: that
 * must not go to the dead worker's queue.
 */
async function letGo(
  client: Client,
  activity: TakenOver,
  log: Logger,
  retryForMs?: number,
): Promise<GivenBack> {
  if (activity.cancelled) await resetStickyQueue(client, activity, log);
  return await giveBack(client, activity, log, retryForMs);
}

/**
 * Lets what waits for a workflow task go on. Those with a step in flight come last: they wait for that first. Only a few
 * at a time, since the steps that go on meanwhile need the server, too.
 * @returns how many.
 */
async function resetStickyQueues(client: Client, busy: ReadonlySet<string>, log: Logger): Promise<number> {
  const waiting: Execution[] = [];
  const later: Execution[] = [];
  for await (const { workflowId, runId } of listedIds(client, 'ExecutionStatus = "Running"')) {
    (busy.has(workflowId) ? later : waiting).push({ workflowId, runId });
  }
  const queue = [...waiting, ...later].values();
  const slot = async (): Promise<void> => {
    // The slots share one iterator: each takes the next one that nobody has.
    for (const execution of queue) await resetStickyQueue(client, execution, log);
  };
  await Promise.all(Array.from({ length: RESETS_AT_ONCE }, slot));
  return waiting.length + later.length;
}

async function resetStickyQueue(
  client: Client,
  { workflowId, runId }: Execution,
  log: Logger,
): Promise<void> {
  const { namespace } = client.options;
  try {
    await client.workflowService.resetStickyTaskQueue({ namespace, execution: { workflowId, runId } });
  } catch (error) {
    log.debug({ workflowId, message: (error as Error).message }, 'sticky queue not reset');
  }
}

/** @param open what could not be given back. */
function removeOrKeep({ file, inFlight }: AbandonedJournal, open: ReadonlySet<string>): void {
  const keys = inFlight.map(keyOf);
  const isKept = keys.some((key) => open.has(key)) && !isOlderThan(file, KEPT_MS);
  const done = keys.filter((key) => !open.has(key));
  if (isKept) disown(file, done);
  else rmSync(file, { force: true });
}

/** One that is missing (somebody else has taken over meanwhile) counts as old. */
function isOlderThan(file: string, ms: number): boolean {
  const stats = statSync(file, { throwIfNoEntry: false });
  return !stats || Date.now() - stats.mtimeMs > ms;
}
