/**
 * The morning after, as an experiment: many downloads, most of them with a fault of one kind, beside a real
 * `rekindle up` that nobody helps. Used by a test (small) and a benchmark (large).
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { RekindleClient } from '../../src/client/rekindle-client.ts';
import type { TaskHandle } from '../../src/client/task-handle.ts';
import type { TaskView } from '../../src/domain/task-record.ts';
import { type Behaviour, content, type MisbehavingServer } from './misbehaving-server.ts';

/** What becomes of a task when rekindle does its work. */
export type Ending = 'heals' | 'administrators' | 'user';

/** One kind of fault. */
export interface FaultKind {
  readonly name: string;
  readonly ending: Ending;
  /** Of a hundred tasks. */
  readonly share: number;
  /** Category that the failure has to be given; null: it never fails. */
  readonly category: string | null;
}

/** Every recoverable category with transient faults, every other one with lasting ones. */
export const FAULTS = [
  { name: 'none', ending: 'heals', share: 22, category: null },
  { name: 'connection cut', ending: 'heals', share: 14, category: 'recoverable_network' },
  { name: 'server too busy (503)', ending: 'heals', share: 14, category: 'recoverable_temporary' },
  { name: 'rate limit (429)', ending: 'heals', share: 8, category: 'recoverable_temporary' },
  { name: 'directory is no directory', ending: 'heals', share: 14, category: 'recoverable_system' },
  { name: 'run terminated', ending: 'heals', share: 8, category: 'unknown' },
  { name: 'wrong checksum', ending: 'administrators', share: 6, category: 'unrecoverable_data' },
  { name: 'not authorised (401)', ending: 'administrators', share: 6, category: 'unrecoverable_config' },
  { name: 'not found (404)', ending: 'user', share: 8, category: 'unrecoverable_business' },
] as const satisfies readonly FaultKind[];
type FaultName = (typeof FAULTS)[number]['name'];

/** A task of the run. */
export interface InjectedTask {
  readonly fault: FaultKind;
  readonly handle: TaskHandle;
  /** Undoes the fault once the task has failed, where a person's hand or time does that and not the server by itself. */
  readonly repaired?: Promise<void>;
}

const SIZE = 100_000;
/** More than the attempts of any kind of error inside a step (SPEC section 2), so that the task itself fails. */
const MORE_THAN_RETRIES = 12;
const FOREVER = 1_000_000;
const LOOK_MS = 200;
const MOST_LOOKS = 1500;

/** Configuration of the `up` beside it: the documented rules with their delays a hundredth to a thousandth as long. */
export const QUICK_CONFIG = `
failure:
  categories:
    recoverable_network: { delays: [0.3, 0.6, 1.2, 2.4], max_attempts: 5 }
    recoverable_system: { delays: [1, 2, 4], max_attempts: 3 }
    recoverable_temporary: { delays: [0.5, 1, 2], max_attempts: 3 }
    unknown: { delays: [0.5], max_attempts: 1 }
recovery:
  retry:
${['network_error', 'rate_limit_error', 'auth_error', 'system_error', 'temporary_error', 'unknown_error']
  .map((type) => `    ${type}: { base_delay: 0.005, max_delay: 0.02 }`)
  .join('\n')}
`;

/** Starts `count` tasks, faults mixed by their shares. */
export async function injectFaults(
  client: RekindleClient,
  server: MisbehavingServer,
  directory: string,
  count: number,
): Promise<InjectedTask[]> {
  const tasks: InjectedTask[] = [];
  for (let i = 0; i < count; i++) tasks.push(await inject(client, server, directory, i));
  return tasks;
}

/** The shares, dealt out evenly: any hundred tasks in a row have them. */
function faultOf(i: number): (typeof FAULTS)[number] {
  // 37 and 100 have no common divisor, so the step visits every number below 100 once.
  let at = (i * 37) % 100;
  for (const fault of FAULTS) {
    if (at < fault.share) return fault;
    at -= fault.share;
  }
  throw new Error('the shares do not add up to 100');
}

async function inject(
  client: RekindleClient,
  server: MisbehavingServer,
  directory: string,
  i: number,
): Promise<InjectedTask> {
  const fault = faultOf(i);
  const path = `/task-${i}.bin`;
  const url = server.serve(path, behaviourOf(fault.name, i));
  const to = join(directory, `task-${i}`);
  if (fault.name === 'directory is no directory') writeFileSync(to, 'in the way');
  else mkdirSync(to);
  const wrong = fault.name === 'wrong checksum' ? { sha256: '0'.repeat(64) } : {};
  const handle = await client.download({ url, to, connections: 1, ...wrong }, { taskId: `heal-${i}` });
  switch (fault.name) {
    case 'directory is no directory':
      return { fault, handle, repaired: clearOnceFailed(handle, to) };
    case 'run terminated':
      await handle.handle().terminate('the experiment wants it so');
      server.serve(path, { size: SIZE, seed: i + 1 });
      return { fault, handle };
    default:
      return { fault, handle };
  }
}

function behaviourOf(name: FaultName, i: number): Behaviour {
  const sound: Behaviour = { size: SIZE, seed: i + 1 };
  switch (name) {
    case 'connection cut':
      return { ...sound, cutAfter: 0, troubles: MORE_THAN_RETRIES };
    case 'server too busy (503)':
      return { ...sound, refuse: { status: 503, times: MORE_THAN_RETRIES } };
    case 'rate limit (429)':
      return { ...sound, refuse: { status: 429, times: MORE_THAN_RETRIES } };
    case 'not authorised (401)':
      return { ...sound, refuse: { status: 401, times: FOREVER } };
    case 'not found (404)':
      return { ...sound, refuse: { status: 404, times: FOREVER } };
    case 'run terminated':
      return { ...sound, bytesPerSecond: 1000 };
    default:
      return sound;
  }
}

/** How a task ended. */
export interface EndedTask extends InjectedTask {
  readonly view: TaskView;
  /** Lines of both log files that name it. */
  readonly notifications: number;
  readonly problems: readonly string[];
}

/** What is read of a line. */
export interface LogLine {
  readonly task_id?: string;
}

/** Waits until each task has ended as it should, or the time is up, and says of each what is wrong with its end. */
export async function untilAllEnded(
  tasks: readonly InjectedTask[],
  dataDir: string,
  directory: string,
  timeoutMs: number,
): Promise<EndedTask[]> {
  const deadline = performance.now() + timeoutMs;
  return await Promise.all(tasks.map((task) => endOf(task, dataDir, directory, deadline)));
}

/** Somebody clears the way after the task has failed. From its start on: recoveries do not wait for the other tasks. */
async function clearOnceFailed(handle: TaskHandle, path: string): Promise<void> {
  for (let looks = 0; looks < MOST_LOOKS; looks++) {
    const { view } = await handle.show();
    if (view.status === 'failed' || view.recovery_attempts > 0) return rmSync(path, { force: true });
    await delay(LOOK_MS);
  }
}

async function endOf(
  task: InjectedTask,
  dataDir: string,
  directory: string,
  deadline: number,
): Promise<EndedTask> {
  await task.repaired;
  for (;;) {
    const { view } = await task.handle.show();
    const notifications = linesAbout(dataDir, view.task_id).length;
    const problems = problemsOf(task, view, notifications, directory);
    if (problems.length === 0 || performance.now() > deadline) {
      return { ...task, view, notifications, problems };
    }
    await delay(500);
  }
}

function problemsOf(
  { fault }: InjectedTask,
  view: TaskView,
  notifications: number,
  directory: string,
): string[] {
  if (fault.ending === 'heals') {
    return [
      ...(view.status === 'completed' ? [] : [`is ${view.status}: ${view.last_error?.message}`]),
      ...(notifications === 0 ? [] : [`was reported ${notifications} times`]),
      ...(view.status === 'completed' ? contentProblem(view, directory) : []),
    ];
  }
  return [
    ...(view.status === 'failed' ? [] : [`is ${view.status}`]),
    ...(view.last_error?.category === fault.category
      ? []
      : [`is ${view.last_error?.category}, not ${fault.category}`]),
    ...(view.recovery_attempts === 0 ? [] : [`was recovered ${view.recovery_attempts} times`]),
    ...(notifications === 1 ? [] : [`was reported ${notifications} times`]),
  ];
}

function contentProblem({ task_id }: TaskView, directory: string): string[] {
  const i = Number(task_id.replace('heal-', ''));
  const file = join(directory, `task-${i}`, `task-${i}.bin`);
  return readFileSync(file).equals(content(i + 1, 0, SIZE)) ? [] : ['has the wrong content'];
}

/** Lines of both log files that name a task. */
export function linesAbout(dataDir: string, taskId: string): LogLine[] {
  return [...logLines(dataDir, 'admin_alerts.log'), ...logLines(dataDir, 'user_notifications.log')].filter(
    (line) => line.task_id === taskId,
  );
}

/** What a log file has; none when it is not there yet. */
function logLines(dataDir: string, name: string): LogLine[] {
  let text: string;
  try {
    text = readFileSync(join(dataDir, 'logs', name), 'utf8');
  } catch {
    return [];
  }
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as LogLine);
}
