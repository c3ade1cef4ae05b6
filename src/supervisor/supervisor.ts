import { setTimeout as delay } from 'node:timers/promises';
import { isRekindleError } from '../domain/error-codes.ts';
import type { Logger } from '../logger.ts';
import type { Child } from './child.ts';
import { type ChildRole, NOTHING_TAKEN_OVER, type SeenCrash, type ToChild } from './messages.ts';
import { Restarts } from './restarts.ts';
import type { TakeOver } from './take-over.ts';

/** What a supervisor works with. */
export interface SupervisorOptions {
  /** Starts a process for one of the jobs. */
  readonly spawn: (role: ChildRole) => Child;
  /** A worker's process that was started already. @default none: {@link Supervisor.spawn} starts it */
  readonly firstWorker?: Child;
  /**
   * Keep a second worker ready. It takes over about 60 ms after the exit of the first; until 50 downloads in flight ask
   * for more, 0.28 s pass (p95, docs/decisions/0010). @default true
   */
  readonly hotSpare: boolean;
  /** Tasks wait for the worker: nothing else is started until it works. @default false: all start side by side */
  readonly workerFirst?: boolean;
  /** How long a child that is prepared may take until it takes work, in ms. @default 30 s: it takes milliseconds */
  readonly workWithinMs?: number;
  /** How long children get to save what they have when all is to end, in ms. */
  readonly graceMs: number;
  readonly log: Logger;
  /** Told of each spare that stands ready; null: the last one has ended. */
  readonly onSpare?: (pid: number | null) => void;
  /** Told of a worker that died, when what it was doing has been taken over. */
  readonly onRecovered: (crash: SeenCrash) => void;
}

/** A new spare is made when what has crashed goes on: starting a process takes a core for a second. In ms. */
const NEW_SPARE_AFTER_MS = 1500;
/** Getting ready takes a second, on a busy machine ten. In ms. */
const PREPARED_WITHIN_MS = 30_000;
/** Beginning to work takes milliseconds; the keeper may have to bring a large mirror to a new version. In ms. */
const WORK_WITHIN_MS = { worker: 30_000, keeper: 120_000 } as const satisfies Record<ChildRole, number>;

/** It has nothing to save. In ms. */
const SPARE_GRACE_MS = 2000;

/**
 * Keeps the processes of `up` running: a worker, a spare one that takes its place when it dies, and the keeper (mirror,
 * failure scan, notifications). It does no work of its own, so hardly anything can end it; when something does, the
 * children notice and end.
 */
export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #stopping = new AbortController();
  readonly #restarts: Readonly<Record<'worker' | 'spare' | 'keeper', Restarts>> = {
    worker: new Restarts(),
    spare: new Restarts(),
    keeper: new Restarts(),
  };
  #engine: Extract<ToChild, { type: 'engine' }> | undefined;
  #worker: Child | undefined;
  #spare: Child | undefined;
  #keeper: Child | undefined;

  constructor(options: SupervisorOptions) {
    this.#options = options;
  }

  /** Starts the processes; they load what they need while the engine still starts. */
  spawn(): void {
    const { firstWorker } = this.#options;
    if (firstWorker) this.#restarts.worker.started(performance.now());
    this.#worker = firstWorker ?? this.#start('worker', 'worker');
    if (!this.#options.workerFirst) this.#keeper = this.#start('keeper', 'keeper');
  }

  /** Says where the engine is: they get ready there, but do not work yet. */
  introduce({ address, namespace }: { readonly address: string; readonly namespace: string }): void {
    this.#engine = { type: 'engine', address, namespace };
    for (const child of [this.#worker, this.#keeper]) {
      if (!child) continue;
      child.tell(this.#engine);
      this.#expectPrepared(child);
    }
  }

  /**
   * Lets the worker work, and keeps one working from then on.
   * @returns what it took over from one that had died before.
   * @throws {RekindleError} when it cannot begin.
   */
  async runWorker(): Promise<TakeOver> {
    this.#worker ??= this.#start('worker', 'worker');
    const worker = this.#worker;
    try {
      const takenOver = (await this.#run(worker)) ?? NOTHING_TAKEN_OVER;
      this.#watchWorker(worker);
      return takenOver;
    } catch (error) {
      throwWhatAPersonCorrects(error);
      this.#options.log.error({ err: error }, 'the worker could not begin; another takes its place');
      worker.kill();
      const next = await this.#nextWorker();
      return next?.takenOver ?? NOTHING_TAKEN_OVER;
    }
  }

  /**
   * The same for the keeper. Only then a spare is made: both take a core for a second.
   * @throws {RekindleError} when it cannot begin.
   */
  async runKeeper(): Promise<void> {
    this.#keeper ??= this.#start('keeper', 'keeper');
    const keeper = this.#keeper;
    try {
      await this.#run(keeper);
      this.#watchKeeper(keeper);
    } catch (error) {
      throwWhatAPersonCorrects(error);
      this.#options.log.error({ err: error }, 'the keeper could not begin; another takes its place');
      keeper.kill();
      await this.#replaceKeeper();
    }
    void this.#makeSpare(0);
  }

  /**
   * The engine was started again. Children find it by themselves where it was; when it had to move they are replaced.
   */
  moveTo({ address, namespace }: { readonly address: string; readonly namespace: string }): void {
    if (this.#engine?.address === address) return;
    this.#engine = { type: 'engine', address, namespace };
    for (const child of [this.#spare, this.#worker, this.#keeper]) child?.kill();
  }

  /** PIDs of the children, for `doctor` and tests. */
  get pids(): Readonly<Record<'worker' | 'spare' | 'keeper', number | null>> {
    const pid = (child: Child | undefined): number | null => child?.pid ?? null;
    return { worker: pid(this.#worker), spare: pid(this.#spare), keeper: pid(this.#keeper) };
  }

  /** Lets all of them save what they have and end: first those who work, then the keeper, which sees the last of it. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    const { graceMs } = this.#options;
    // Killed it would leave a journal behind, as if a worker had died.
    await Promise.all([this.#worker?.stop(graceMs), this.#spare?.stop(SPARE_GRACE_MS)]);
    this.#showSpare(null);
    await this.#keeper?.stop(graceMs);
  }

  /** Ends all of them at once. */
  kill(): void {
    this.#stopping.abort();
    for (const child of [this.#worker, this.#spare, this.#keeper]) child?.kill();
  }

  #start(role: ChildRole, kind: 'worker' | 'spare' | 'keeper'): Child {
    this.#restarts[kind].started(performance.now());
    const child = this.#options.spawn(role);
    if (this.#engine) {
      child.tell(this.#engine);
      this.#expectPrepared(child);
    }
    return child;
  }

  /** Lets it work. @returns what it took over. */
  async #run(child: Child): Promise<TakeOver | null> {
    this.#expectWorking(child);
    return await child.run();
  }

  #expectPrepared(child: Child): void {
    this.#expect(child, child.prepared, PREPARED_WITHIN_MS, 'a process does not get ready; ending it');
  }

  #expectWorking(child: Child): void {
    const withinMs = this.#options.workWithinMs ?? WORK_WITHIN_MS[child.role];
    child.prepared.then(
      () => this.#expect(child, child.working, withinMs, 'a process does not begin to work; ending it'),
      () => undefined,
    );
  }

  /** One whose connection broke at the wrong moment may wait for ever: it is killed, and so replaced. */
  #expect(child: Child, sign: Promise<void>, withinMs: number, otherwise: string): void {
    const late = setTimeout(() => {
      this.#options.log.error({ role: child.role, pid: child.pid }, otherwise);
      child.kill();
    }, withinMs);
    late.unref();
    const settled = (): void => clearTimeout(late);
    sign.then(settled, settled);
  }

  #watchWorker(worker: Child): void {
    void worker.exited.then(async ({ code, signal }) => {
      if (this.#stopping.signal.aborted) return;
      const crashedMs = Date.now();
      const { log } = this.#options;
      log.warn(
        { pid: worker.pid, code, signal, spare: this.#spare?.pid },
        'the worker has ended; another takes its place',
      );
      await this.#replaceWorker(crashedMs);
    });
  }

  async #replaceWorker(crashedMs: number): Promise<void> {
    const next = await this.#nextWorker();
    if (!next) return;
    const { takenOver, waitedMs } = next;
    this.#options.onRecovered({
      cause: 'worker',
      sinceMs: crashedMs,
      takenOver,
      takenOverAtMs: Date.now(),
    });
    void this.#makeSpare(NEW_SPARE_AFTER_MS + waitedMs);
  }

  /** Tries until one works. @returns undefined when all is to end. */
  async #nextWorker(): Promise<{ takenOver: TakeOver; waitedMs: number } | undefined> {
    const { log } = this.#options;
    for (;;) {
      const waitMs = this.#restarts.worker.ended(performance.now());
      if (waitMs > 0)
        log.error({ waitMs }, 'the worker keeps ending; waiting before another process is started');
      // A spare that stands ready costs nothing more: it takes over at once, and the one after it waits.
      if (!(await this.#pause(this.#spare ? 0 : waitMs))) return undefined;
      const next = this.#spare ?? this.#start('worker', 'worker');
      this.#spare = undefined;
      this.#worker = next;
      this.#restarts.worker.started(performance.now());
      try {
        const takenOver = (await this.#run(next)) ?? NOTHING_TAKEN_OVER;
        this.#watchWorker(next);
        return { takenOver, waitedMs: waitMs };
      } catch (error) {
        if (this.#stopping.signal.aborted) return undefined;
        next.kill();
        log.error({ err: error }, 'a worker could not begin');
      }
    }
  }

  #watchKeeper(keeper: Child): void {
    void keeper.exited.then(async ({ code, signal }) => {
      if (this.#stopping.signal.aborted) return;
      this.#options.log.warn(
        { pid: keeper.pid, code, signal },
        'the keeper has ended; another takes its place',
      );
      await this.#replaceKeeper();
    });
  }

  async #replaceKeeper(): Promise<void> {
    for (;;) {
      if (!(await this.#pause(this.#restarts.keeper.ended(performance.now())))) return;
      const next = this.#start('keeper', 'keeper');
      this.#keeper = next;
      try {
        await this.#run(next);
        this.#watchKeeper(next);
        return;
      } catch (error) {
        if (this.#stopping.signal.aborted) return;
        next.kill();
        this.#options.log.error({ err: error }, 'the keeper could not begin');
      }
    }
  }

  async #makeSpare(afterMs: number): Promise<void> {
    if (!this.#options.hotSpare || !(await this.#pause(afterMs)) || this.#spare) return;
    const spare = this.#start('worker', 'spare');
    this.#spare = spare;
    spare.prepared.then(
      () => this.#showSpare(spare.pid),
      () => undefined,
    );
    void spare.exited.then(() => {
      if (this.#spare !== spare) return; // It works now, or has been replaced.
      this.#spare = undefined;
      void this.#makeSpare(NEW_SPARE_AFTER_MS + this.#restarts.spare.ended(performance.now()));
    });
  }

  /** Only a sign for others: the spare is ready whether it can be put up or not. */
  #showSpare(pid: number | null): void {
    try {
      this.#options.onSpare?.(pid);
    } catch (error) {
      this.#options.log.warn({ err: error }, 'the sign of the spare worker could not be written');
    }
  }

  /** @returns whether to go on. */
  async #pause(ms: number): Promise<boolean> {
    const { signal } = this.#stopping;
    if (ms > 0) await delay(ms, undefined, { signal }).catch(() => undefined);
    return !signal.aborted;
  }
}

/** What a busy engine did not answer in time, or a kill, must not end `up`: another process tries again. */
function throwWhatAPersonCorrects(error: unknown): void {
  if (isRekindleError(error) && error.code !== 'ENGINE_UNAVAILABLE') throw error;
}
