/** A day's work: downloads that succeed, fail and heal, sessions, pauses, cancellations, and people who look. */
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { contentSha256 } from '../../src/cli/drill/content.ts';
import { Random } from '../../src/cli/drill/random.ts';
import { sha256OfFile } from '../../src/cli/sha256-of-file.ts';
import type { RekindleClient } from '../../src/client/rekindle-client.ts';
import type { TaskHandle } from '../../src/client/task-handle.ts';
import type { TaskView } from '../../src/domain/task-record.ts';
import type { Behaviour, MisbehavingServer } from '../../test/support/misbehaving-server.ts';
import { SITE, SITE_ACCOUNTS, type SoakSite } from './site.ts';

/** What becomes of a task. */
export type End = 'completed' | 'healed' | 'failed' | 'cancelled';

/** What tasks are like, in the order in which they come, again and again. */
const KINDS = [
  'plain',
  'session',
  'plain',
  'busy',
  'slow',
  'plain',
  'session',
  'missing',
  'plain',
  'paused',
  'plain',
  'cut',
  'session',
  'plain',
  'cancelled',
  'plain',
  'wrong checksum',
  'login',
] as const;
type Kind = (typeof KINDS)[number];

const ENDS: Readonly<Record<Kind, End>> = {
  plain: 'completed',
  session: 'completed',
  slow: 'completed',
  paused: 'completed',
  login: 'completed',
  busy: 'healed',
  cut: 'healed',
  missing: 'failed',
  'wrong checksum': 'failed',
  cancelled: 'cancelled',
};

/** A task of the soak. */
export interface SoakTask {
  readonly taskId: string;
  readonly kind: Kind;
  readonly end: End;
  /** What its file must be; null: none. */
  readonly file: { readonly path: string; readonly seed: number; readonly size: number } | null;
}

/** What a task has to do with. */
export interface Surroundings {
  readonly client: RekindleClient;
  readonly server: MisbehavingServer;
  readonly site: SoakSite;
  /** Where files go. */
  readonly directory: string;
}

const KIB = 1024;
const SMALL = [4 * KIB, 200 * KIB] as const;
const SLOW = { size: 300 * KIB, bytesPerSecond: 100 * KIB };
/** Few contents: each costs the benchmark some memory. */
const SEEDS = 32;
/** More than the attempts inside a task (SPEC section 2), so that it fails and is recovered. */
const MORE_THAN_RETRIES = 12;
const FOREVER = 1_000_000;
const PAUSED_AFTER_MS = 500;
const CANCELLED_AFTER_MS = 700;

/** Starts tasks at a steady rate until the signal aborts. What goes wrong in between shows in the end. */
export async function keepWorking(
  surroundings: Surroundings,
  perSecond: number,
  signal: AbortSignal,
): Promise<SoakTask[]> {
  const random = new Random(1);
  const tasks: SoakTask[] = [];
  const beside = new Set<Promise<unknown>>();
  for (let i = 0; !signal.aborted; i++) {
    const kind = KINDS[i % KINDS.length] as Kind;
    const started = startTask(surroundings, kind, i, random);
    tasks.push(started.task);
    const running = started.done
      .catch((error: Error) => console.error(`${started.task.taskId} (${kind}): ${error.message}`))
      .finally(() => beside.delete(running));
    beside.add(running);
    await delay(1000 / perSecond, undefined, { signal }).catch(() => undefined);
  }
  await Promise.all(beside);
  return tasks;
}

function startTask(
  surroundings: Surroundings,
  kind: Kind,
  i: number,
  random: Random,
): { readonly task: SoakTask; readonly done: Promise<unknown> } {
  const { client, server, site, directory } = surroundings;
  const end = ENDS[kind];
  if (kind === 'login') {
    const account = SITE_ACCOUNTS[i % SITE_ACCOUNTS.length] as string;
    const taskId = `login-${SITE}-${account}`;
    return { task: { taskId, kind, end, file: null }, done: client.login({ site: SITE, account }) };
  }
  const taskId = `soak-${String(i).padStart(5, '0')}`;
  const seed = 1 + (i % SEEDS);
  const size = isSlow(kind) ? SLOW.size : Math.round(random.between(...SMALL));
  const account = `${SITE}/${SITE_ACCOUNTS[i % SITE_ACCOUNTS.length]}`;
  const url =
    kind === 'session'
      ? site.fileUrl(taskId, seed, size)
      : server.serve(`/${taskId}`, behaviourOf(kind, seed, size));
  const request = {
    url,
    to: directory,
    name: taskId,
    connections: 1,
    ...(kind === 'session' ? { session: account } : {}),
    ...(kind === 'wrong checksum' ? { sha256: '0'.repeat(64) } : {}),
  };
  const done = client.download(request, { taskId }).then((handle) => disturb(kind, handle));
  const hasFile = end === 'completed' || end === 'healed';
  return {
    task: { taskId, kind, end, file: hasFile ? { path: join(directory, taskId), seed, size } : null },
    done,
  };
}

const isSlow = (kind: Kind): boolean => ['slow', 'paused', 'cancelled'].includes(kind);

function behaviourOf(kind: Kind, seed: number, size: number): Behaviour {
  const sound: Behaviour = { size, seed };
  switch (kind) {
    case 'busy':
      return { ...sound, refuse: { status: 503, times: MORE_THAN_RETRIES } };
    case 'missing':
      return { ...sound, refuse: { status: 404, times: FOREVER } };
    case 'cut':
      return { ...sound, cutAfter: 0, troubles: MORE_THAN_RETRIES };
    default:
      return isSlow(kind) ? { ...sound, bytesPerSecond: SLOW.bytesPerSecond } : sound;
  }
}

async function disturb(kind: Kind, handle: TaskHandle): Promise<void> {
  if (kind === 'paused') {
    await delay(PAUSED_AFTER_MS);
    await handle.pause();
    await delay(PAUSED_AFTER_MS);
    await handle.resume();
  }
  if (kind === 'cancelled') {
    await delay(CANCELLED_AFTER_MS);
    await handle.cancel();
  }
}

/** A task that has not ended as it should, and what is wrong. */
export interface WrongTask {
  readonly task: SoakTask;
  readonly problem: string;
}

/** What came of the tasks. */
export interface Ends {
  readonly ended: Readonly<Record<End, number>>;
  /** Temporal knows no such task. */
  readonly lost: number;
  readonly wrong: readonly WrongTask[];
}

const LOOK_MS = 1000;

/** Waits until all tasks have ended as they should, or the time is up. */
export async function endsOf(
  tasks: readonly SoakTask[],
  client: RekindleClient,
  withinMs: number,
): Promise<Ends> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const views = new Map(
      (await client.list({ limit: Number.POSITIVE_INFINITY })).map((view) => [view.task_id, view]),
    );
    const wrong = tasks.flatMap((task) => {
      const problem = problemOf(task, views.get(task.taskId));
      return problem === null ? [] : [{ task, problem }];
    });
    if (wrong.length > 0 && performance.now() < deadline) {
      await delay(LOOK_MS);
      continue;
    }
    const ended = { completed: 0, healed: 0, failed: 0, cancelled: 0 };
    for (const { end, taskId } of tasks)
      if (!wrong.some(({ task }) => task.taskId === taskId)) ended[end] += 1;
    return { ended, lost: tasks.filter(({ taskId }) => !views.has(taskId)).length, wrong };
  }
}

/** What is wrong with how a task stands; null: nothing. */
function problemOf({ end, kind }: SoakTask, view: TaskView | undefined): string | null {
  if (!view) return 'is not known';
  const { status, run_status, recovery_attempts, last_error } = view;
  const how = `is ${run_status}/${status}${last_error ? `: ${last_error.message}` : ''}`;
  switch (end) {
    case 'completed':
    case 'healed':
      if (status !== 'completed') return how;
      return kind !== 'login' && recovery_attempts > 0 !== (end === 'healed')
        ? `was recovered ${recovery_attempts} times`
        : null;
    case 'failed':
      return run_status === 'FAILED' ? null : how;
    case 'cancelled':
      return run_status === 'CANCELLED' ? null : how;
  }
}

/** IDs of completed tasks whose file is not there or not right. */
export async function wrongFiles(tasks: readonly SoakTask[]): Promise<string[]> {
  const wrong: string[] = [];
  for (const { taskId, file } of tasks) {
    if (!file) continue;
    const { path, seed, size } = file;
    if ((await sha256OfFile(path)) !== contentSha256(seed, size)) wrong.push(taskId);
  }
  return wrong;
}
