import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import { RekindleError } from '../domain/error-codes.ts';
import { type ProcessLock, tryLock } from '../locks/process-lock.ts';
import { type Logger, silentLogger } from '../logger.ts';
import { type CrashEvidence, crashEvidence } from './crash-evidence.ts';
import { InFlightJournal, journalInterceptor } from './in-flight-journal.ts';
import { journalDir } from './journal-dir.ts';
import type { Cleaned } from './left-behind.ts';
import { NOTHING_TAKEN_OVER } from './messages.ts';
import type { CrashCause, RecoverySession, RecoveryStep, UnfinishedTasks } from './recovery-session.ts';
import { RunFile } from './run-file.ts';
import type { TakeOver } from './take-over.ts';
import type { Validation, ValidationOptions } from './validate-recovery.ts';

/** A client, and how it is closed when it was opened for this. */
export interface OpenedClient {
  readonly client: Client;
  close(): Promise<void>;
}

/** What a {@link RecoveryManager} works with. */
export interface RecoveryManagerOptions {
  /** Where PID file, locks and journals are; shared by all processes that take over from each other. */
  readonly dataDir: string;
  /** The mirror. @default `recovery.db` in the data directory */
  readonly databasePath?: string;
  /** Name of the program: its PID file is `run/<name>.json`. One process of a name runs at a time. @default app */
  readonly name?: string;
  /** What people know it by. @default the name */
  readonly purpose?: string;
  /** A client, or how one is opened when there is something to recover. */
  readonly client: Client | (() => Promise<OpenedClient>);
  /** @default no log */
  readonly log?: Logger;
}

/** What is known of the crash that is recovered from. All fields may be left out. */
export interface RecoverOptions extends ValidationOptions {
  /** @default what {@link RecoveryManager.detectCrash} finds */
  readonly cause?: CrashCause;
  /** When the crash, or the start after it, was; ms since the epoch. @default the start of this process */
  readonly sinceMs?: number;
  /** What a worker has taken over already. @default it is taken over now */
  readonly takenOver?: TakeOver;
  /** When it had been taken over, ms since the epoch. @default now */
  readonly takenOverAtMs?: number;
  /** As for `removeLeftOvers`. @default 10 s */
  readonly quietMs?: number;
}

const LISTED_TASKS = 100;
const LISTED_RECOVERED = 1000;
/** Every run of every task that has not ended. */
const UNFINISHED = `TaskType IS NOT NULL AND ExecutionStatus = 'Running'`;

/**
 * Notices at the start of a process that the last one crashed, and gets over it: what was left behind is cleaned, what
 * was interrupted goes on at once, and it is looked whether it does (SPEC section 8). `rekindle up` does this by itself;
 * this is for programs that run a worker of their own:
 *
 * ```ts
 * const recovery = new RecoveryManager({ dataDir: 'data', name: 'my-worker', client });
 * const { crashed } = recovery.detectCrash();
 * recovery.start();
 * const worker = await Worker.create({ …, interceptors: { activity: [recovery.journal()] } });
 * const running = worker.run();
 * if (crashed) console.log((await recovery.recover())?.recovered_tasks);
 * await running;
 * recovery.end();
 * ```
 *
 * What only a recovery needs is loaded then: the start of `up`, on which tasks wait, is not to be delayed by it.
 */
export class RecoveryManager {
  readonly #options: RecoveryManagerOptions;
  readonly #log: Logger;
  readonly #runFile: RunFile;
  readonly #purpose: string;
  #evidence: CrashEvidence | undefined;
  #journal: InFlightJournal | undefined;
  #process: ProcessLock | undefined;
  #session: ProcessLock | undefined;
  #sessions = 0;

  constructor(options: RecoveryManagerOptions) {
    const { dataDir, name = 'app', log = silentLogger } = options;
    this.#options = options;
    this.#log = log;
    this.#purpose = options.purpose ?? name;
    this.#runFile = new RunFile(join(dataDir, 'run', `${name}.json`));
  }

  /**
   * How the last process ended, by its PID file, and what workers that died left. Changes nothing. After
   * {@link start} it still tells of the time before.
   */
  detectCrash(): CrashEvidence {
    this.#evidence ??= crashEvidence(this.#options.dataDir, this.#runFile);
    return this.#evidence;
  }

  /**
   * Notes that this process runs, until {@link end}.
   * @throws {RekindleError} `TASK_STATE` when another process of this name runs; `NOT_WRITABLE`.
   */
  start(): void {
    const { lastRun } = this.detectCrash();
    const { path } = this.#runFile;
    this.#process ??= tryLock(path.replace(/\.json$/, '.lock'), this.#purpose) ?? undefined;
    // Somebody may have removed the lock's file, which frees it for everybody; its holder is there all the same.
    if (!this.#process || (lastRun.state === 'running' && lastRun.process.pid !== process.pid))
      throw this.#alreadyRuns(lastRun.state === 'running' ? lastRun.process.pid : null);
    try {
      this.#runFile.begin(this.#purpose);
    } catch (error) {
      throw new RekindleError('NOT_WRITABLE', `cannot write ${path}: ${(error as Error).message}`, {
        hint: 'Correct the permissions of the data directory, or choose another one.',
        cause: error,
      });
    }
  }

  #alreadyRuns(pid: number | null): RekindleError {
    this.#process?.release();
    this.#process = undefined;
    const who = pid === null ? '' : ` (process ${pid})`;
    return new RekindleError(
      'TASK_STATE',
      `a ${this.#purpose} runs for ${this.#options.dataDir} already${who}`,
      { hint: 'One is enough. End it, or use another data directory or name.' },
    );
  }

  /** Notes that this process ends properly. Call it last. */
  end(): void {
    this.#journal?.close();
    this.#journal = undefined;
    if (!this.#process) return;
    try {
      this.#runFile.end(this.#purpose);
    } catch (error) {
      this.#log.warn({ err: error }, 'the end of this process could not be written down');
    }
    this.#process.release();
    this.#process = undefined;
  }

  /** Keeps the record from which another process takes over what a worker of this one was doing. */
  journal(): ActivityInterceptorsFactory {
    this.#journal ??= new InFlightJournal(journalDir(this.#options), 'command');
    return journalInterceptor(this.#journal);
  }

  /**
   * Gets over a crash: clean, recover, validate. The result is written down for `rekindle doctor` and the mirror. Never
   * throws for what it finds; that is in the result.
   * @returns null when another process of the data directory is at it.
   */
  async recover(options: RecoverOptions = {}): Promise<RecoverySession | null> {
    if (!this.#beginSession()) return null;
    try {
      const begun = this.#begun(options);
      // Whatever cuts it short: that it had begun is known.
      await this.#leave(begun, this.#sessions === 1 && this.#session !== undefined);
      const session = await this.#recover(begun, options);
      await this.#writeDown(session);
      return session;
    } finally {
      this.#endSession();
    }
  }

  /** Several crashes in a row are several sessions of one process, of which one may begin before the other has ended. */
  #beginSession(): boolean {
    const path = join(this.#options.dataDir, 'run', 'recovery.lock');
    try {
      this.#session ??= tryLock(path, this.#purpose) ?? undefined;
    } catch (error) {
      this.#log.warn({ err: error }, 'a recovery goes on without its lock');
      this.#sessions += 1;
      return true;
    }
    if (this.#session) this.#sessions += 1;
    return this.#session !== undefined;
  }

  #endSession(): void {
    this.#sessions -= 1;
    if (this.#sessions > 0) return;
    this.#session?.release();
    this.#session = undefined;
  }

  #begun({ sinceMs = performance.timeOrigin, cause, takenOver }: RecoverOptions): RecoverySession {
    const evidence = this.detectCrash();
    return {
      session_id: `recovery-${compact(sinceMs)}-${process.pid}-${randomUUID().slice(0, 4)}`,
      status: 'running',
      crashed: true,
      cause: cause ?? evidence.cause ?? 'unknown',
      started_at: new Date(sinceMs).toISOString(),
      ended_at: new Date().toISOString(),
      seconds: 0,
      steps: [],
      cleaned: [],
      recovered_tasks: [],
      recovered_count: 0,
      unfinished: { count: null, task_ids: [] },
      validated: false,
      problems: [],
      dead_workers: takenOver?.deadWorkers ?? evidence.deadWorkers,
      steps_taken_over: takenOver?.activities ?? 0,
      workflows: takenOver?.workflows ?? 0,
    };
  }

  async #recover(begun: RecoverySession, options: RecoverOptions): Promise<RecoverySession> {
    const sinceMs = options.sinceMs ?? performance.timeOrigin;
    const opened = await this.#open().catch((error: Error) => error);
    const client = opened instanceof Error ? undefined : opened.client;
    try {
      // What had been interrupted goes on first; the rest is done beside it.
      const recovering = timed(() => this.#takeOver(client, options));
      const cleaning = timed(() => this.#clean(client, options));
      const recovered = await recovering;
      const takenOver = recovered.value ?? NOTHING_TAKEN_OVER;
      const goneOnMs = options.takenOverAtMs ?? Date.now();
      const [validating, unfinished] = await Promise.all([
        timed(() => this.#validate(client, takenOver, options)),
        unfinishedTasks(client),
      ]);
      const cleaned = await cleaning;
      const validation = validating.value;
      const steps: RecoveryStep[] = [
        stepOf('clean', cleaned, cleaned.value?.problems),
        stepOf('recover', recovered, opened instanceof Error ? [opened.message] : []),
        stepOf('validate', validating, validation?.problems),
      ];
      const problems = steps.flatMap((step) => step.problems);
      const tasks = validation?.tasks ?? [];
      const endMs = Math.max(goneOnMs, validation?.goesOnMs ?? 0);
      return {
        ...begun,
        status: problems.length === 0 ? 'completed' : 'failed',
        ended_at: new Date().toISOString(),
        // Clocks may have been set meanwhile.
        seconds: Math.max(0, Math.round(endMs - sinceMs)) / 1000,
        steps,
        cleaned: cleaned.value?.paths ?? [],
        recovered_tasks: tasks.slice(0, LISTED_RECOVERED),
        recovered_count: tasks.length,
        unfinished,
        validated: validation !== undefined && validation.problems.length === 0,
        problems,
        dead_workers: takenOver.deadWorkers,
        steps_taken_over: takenOver.activities,
        workflows: takenOver.workflows,
      };
    } finally {
      if (!(opened instanceof Error)) await opened.close().catch(() => undefined);
    }
  }

  async #open(): Promise<OpenedClient> {
    const { client } = this.#options;
    return typeof client === 'function' ? await client() : { client, close: async () => undefined };
  }

  async #takeOver(client: Client | undefined, { takenOver }: RecoverOptions): Promise<TakeOver> {
    if (takenOver || !client) return takenOver ?? NOTHING_TAKEN_OVER;
    const { takeOver } = await import('./take-over.ts');
    return await takeOver(journalDir(this.#options), client, this.#log);
  }

  async #clean(client: Client | undefined, { signal, quietMs }: RecoverOptions): Promise<Cleaned> {
    const { dataDir, databasePath = join(dataDir, 'recovery.db') } = this.#options;
    const { releaseLocks, removeLeftOvers } = await import('./left-behind.ts');
    const [locks, files] = await Promise.all([
      releaseLocks(dataDir, databasePath),
      removeLeftOvers({ dataDir, databasePath, scanRuns: () => scanRuns(client), signal, quietMs }),
    ]);
    return { paths: [...locks.paths, ...files.paths], problems: [...locks.problems, ...files.problems] };
  }

  async #validate(
    client: Client | undefined,
    { inFlight }: TakeOver,
    options: RecoverOptions,
  ): Promise<Validation> {
    if (inFlight.length === 0) return { tasks: [], goesOnMs: null, problems: [] };
    if (!client) throw new Error('Temporal cannot be asked whether everything goes on');
    const { validateRecovery } = await import('./validate-recovery.ts');
    return await validateRecovery(client, inFlight, options);
  }

  async #writeDown(session: RecoverySession): Promise<void> {
    const { session_id, cause, seconds, recovered_count, problems } = session;
    const summary = { session_id, cause, seconds, recovered_count, problems };
    if (session.status === 'failed') this.#log.warn(summary, 'the recovery from a crash left problems');
    else this.#log.info(summary, 'recovered from a crash');
    await this.#leave(session, false);
  }

  /** @param first whether no other session can be running, so that those that say so were cut short. */
  async #leave(session: RecoverySession, first: boolean): Promise<void> {
    const { dataDir } = this.#options;
    try {
      const { leaveSession, markInterrupted } = await import('./session-files.ts');
      if (first) markInterrupted(dataDir);
      leaveSession(dataDir, session);
    } catch (error) {
      const { session_id } = session;
      this.#log.warn({ err: error, session_id }, 'a recovery from a crash could not be written down');
    }
  }
}

interface Timed<T> {
  readonly seconds: number;
  readonly value: T | undefined;
  readonly problem: string | null;
}

async function timed<T>(work: () => Promise<T>): Promise<Timed<T>> {
  const start = performance.now();
  const seconds = (): number => Math.round(performance.now() - start) / 1000;
  try {
    const value = await work();
    return { value, seconds: seconds(), problem: null };
  } catch (error) {
    return { value: undefined, seconds: seconds(), problem: (error as Error).message };
  }
}

function stepOf(
  step: RecoveryStep['step'],
  { seconds, problem }: Timed<unknown>,
  found: readonly string[] = [],
): RecoveryStep {
  return { step, seconds, problems: problem === null ? found : [...found, problem] };
}

async function unfinishedTasks(client: Client | undefined): Promise<UnfinishedTasks> {
  if (!client) return { count: null, task_ids: [] };
  try {
    const { count } = await client.workflow.count(UNFINISHED);
    const task_ids: string[] = [];
    // What lists needs the client, which `up` itself does not load before its worker works.
    const { listedIds } = await import('../tasks/list-runs.ts');
    for await (const { workflowId } of listedIds(client, UNFINISHED)) {
      task_ids.push(workflowId);
      if (task_ids.length >= LISTED_TASKS) break;
    }
    return { count, task_ids };
  } catch {
    return { count: null, task_ids: [] };
  }
}

/** When that is not known, its pages stay. */
async function scanRuns(client: Client | undefined): Promise<boolean> {
  if (!client) return true;
  const query = `WorkflowType = 'failureScan' AND ExecutionStatus = 'Running'`;
  return (await client.workflow.count(query)).count > 0;
}

/** Sorts as time. */
function compact(ms: number): string {
  return new Date(ms).toISOString().replaceAll(/[-:.]/g, '');
}
