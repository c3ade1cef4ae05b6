import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { RekindleClient } from '../../client/rekindle-client.ts';
import { type Config, loadConfig } from '../../config.ts';
import { connect, type EngineConnection } from '../../engine/connect.ts';
import { engineStatus } from '../../engine/embedded.ts';
import type { Engine } from '../../engine/engine.ts';
import { ensureEngine } from '../../engine/ensure-engine.ts';
import { prepareNamespace } from '../../engine/prepare-namespace.ts';
import type { Logger } from '../../logger.ts';
import { inSlots } from '../../tasks/in-slots.ts';
import { VisibilitySource } from '../../tasks/visibility-source.ts';
import { type KeptEngine, keepEngine } from '../keep-engine.ts';
import type { Seen, SeenFault } from './account.ts';
import { Family } from './family.ts';
import { DrillServer } from './file-server.ts';
import { lookAtTasks } from './look.ts';
import { MirrorLook } from './mirror-look.ts';
import { CuttableLine } from './network-cut.ts';
import type { DrillPlan, PlannedFault } from './plan.ts';
import { kill } from './processes.ts';
import { SmallDisk } from './small-disk.ts';
import { strike, type Target } from './strike.ts';
import { Survivor } from './survivor.ts';

/** How a drill is run. */
export interface DrillOptions {
  /** A directory of its own, for everything; it may be there already. */
  readonly directory: string;
  /** Where the server's executable comes from. */
  readonly engine: Pick<Config['engine'], 'executable' | 'cacheDir'>;
  /** The drill is given up after so long, in ms. */
  readonly limitMs: number;
  readonly signal: AbortSignal;
  readonly log: Logger;
  readonly onFault?: (fault: SeenFault, number: number) => void;
}

/** Looks at the tasks' files so often, in ms. */
const POLL_MS = 100;
const GONE_WITHIN_MS = 5000;
const MIB = 1024 * 1024;

/** Starts a rekindle of its own, gives it work, does it harm, and sees what becomes of it. Leaves nothing running. */
export async function runDrill(plan: DrillPlan, options: DrillOptions): Promise<Seen> {
  const limit = AbortSignal.timeout(options.limitMs);
  const over = new AbortController();
  const signal = AbortSignal.any([options.signal, limit, over.signal]);
  const drill = new Drill(plan, { ...options, signal });
  try {
    return await drill.run();
  } finally {
    // What still waits for something, or is about to strike, gives up.
    over.abort();
    await drill.clearAway();
  }
}

class Drill {
  readonly #plan: DrillPlan;
  readonly #options: DrillOptions;
  readonly #config: Config;
  readonly #configFile: string;
  readonly #files: string;
  readonly #faults: SeenFault[] = [];
  /** Tasks whose start was acknowledged. */
  readonly #started = new Set<string>();
  readonly #done = new Set<string>();
  /** Tasks that can only fail, at once. */
  readonly #missing: ReadonlySet<string>;
  /** Tasks that were under way while the disk was full. */
  readonly #metFullDisk = new Set<string>();
  readonly #closers: (() => unknown)[] = [];
  #family: Family | undefined;
  #survivor: Survivor | undefined;
  readonly #disk: SmallDisk | undefined;
  #atWork: readonly Promise<void>[] = [];

  constructor(plan: DrillPlan, options: DrillOptions) {
    this.#plan = plan;
    this.#missing = new Set(plan.files.filter((file) => file.missing).map(({ name }) => name));
    this.#options = options;
    const { engine } = options;
    // The log of what happens while the disk is full stands on another one.
    if (plan.faults.some(({ kind }) => kind === 'disk-full')) this.#disk = this.#mountDisk();
    const directory = this.#disk?.directory ?? options.directory;
    this.#files = join(directory, 'files');
    this.#configFile = join(directory, 'rekindle.yaml');
    mkdirSync(this.#files, { recursive: true });
    writeFileSync(
      this.#configFile,
      JSON.stringify({
        log_level: 'warn',
        engine: {
          ...(engine.executable ? { executable: engine.executable } : {}),
          cache_dir: engine.cacheDir,
        },
      }),
    );
    this.#config = loadConfig({ dataDir: join(directory, 'data'), configFile: this.#configFile }, {});
  }

  async run(): Promise<Seen> {
    this.#survivor = new Survivor({
      dataDir: this.#config.dataDir,
      disk: this.#disk?.directory ?? null,
    });
    const server = await DrillServer.start();
    this.#closers.push(() => server.close());
    const line = await this.#lineWhenNeeded();
    const logFile = join(this.#options.directory, 'up.log');
    const family = new Family(this.#config, this.#configFile, logFile, line?.address);
    this.#family = family;
    await family.start();
    const address = (): string => engineStatus(this.#config.dataDir)?.address ?? '';
    const connection = await connect(this.#config, { address: address(), namespace: this.#config.namespace });
    this.#closers.push(() => connection.close());
    const target: Target = {
      family,
      server,
      directory: this.#files,
      line,
      disk: this.#disk,
      engineAddress: address,
      signal: this.#options.signal,
    };
    const client = new RekindleClient(connection.client, this.#config);
    this.#atWork = [this.#startTasks(client, server), this.#strikeAll(target)];
    await Promise.all(this.#atWork);
    server.unthrottle();
    this.#options.log.info('all faults are over; waiting for the tasks');
    await this.#untilAllDone(client);
    this.#options.log.info('all tasks have ended; waiting for worker, spare and keeper');
    return await this.#look(connection, server, family);
  }

  /** Whatever happened, nothing of the drill goes on. */
  async clearAway(): Promise<void> {
    this.#family?.killAll();
    await Promise.allSettled(this.#atWork);
    this.#family?.killAll();
    for (let close = this.#closers.pop(); close; close = this.#closers.pop()) {
      try {
        await close();
      } catch (error) {
        this.#options.log.warn({ err: error }, 'the drill could not clear something away');
      }
    }
    for (const { pid } of this.#family?.leftovers() ?? []) kill(pid);
    await this.#survivor?.dismiss();
  }

  #mountDisk(): SmallDisk {
    const bytes = this.#plan.files.reduce((sum, { size }) => sum + size, 0);
    const disk = SmallDisk.mount(join(this.#options.directory, 'disk'), 2 * bytes + 400 * MIB);
    this.#closers.push(() => disk.unmount());
    return disk;
  }

  /** So that the line between worker and engine can be cut, the engine is the drill's, and `up` comes over the line. */
  async #lineWhenNeeded(): Promise<CuttableLine | undefined> {
    if (!this.#plan.faults.some(({ kind }) => kind === 'network')) return undefined;
    const kept = await this.#ownEngine();
    const line = await CuttableLine.to(Number(kept.current.address.split(':').at(-1)));
    this.#closers.push(() => line.close());
    return line;
  }

  async #ownEngine(): Promise<KeptEngine> {
    const options = { purpose: 'rekindle drill', signal: this.#options.signal };
    const engine: Engine = await ensureEngine(this.#config, options);
    const kept = keepEngine(this.#config, engine, options, this.#options.log, () => undefined);
    this.#closers.push(() => kept.release());
    const { connection, close } = await connect(this.#config, engine);
    const { namespace, engine: settings } = this.#config;
    await prepareNamespace(connection, { namespace, retentionMs: settings.retentionMs, create: true });
    await close();
    return kept;
  }

  /** Some tasks more after each fault, so that faults meet tasks from the first to the last. */
  async #startTasks(client: RekindleClient, server: DrillServer): Promise<void> {
    const { files, atOnce, allAtOnce } = this.#plan;
    for (const [i, file] of files.entries()) {
      await this.#until(() => (allAtOnce || i < this.#allowed()) && this.#underWay() < atOnce);
      const url = server.offer(file);
      const { name, connections } = file;
      await this.#insist(() =>
        client.download({ url, to: this.#files, name, connections }, { taskId: name }),
      );
      this.#started.add(name);
    }
  }

  /** How many tasks may have been started by now. */
  #allowed(): number {
    const { files, faults } = this.#plan;
    return Math.ceil((files.length * (this.#faults.length + 1)) / (faults.length + 1));
  }

  #underWay(): number {
    return this.#started.size - this.#countDone();
  }

  #countDone(): number {
    for (const name of this.#started) if (this.#isDone(name)) this.#done.add(name);
    return this.#done.size;
  }

  #isDone(name: string): boolean {
    return this.#done.has(name) || this.#missing.has(name) || existsSync(join(this.#files, name));
  }

  async #strikeAll(target: Target): Promise<void> {
    const { faults, files, allAtOnce, whole } = this.#plan;
    // Before the first fault there is something to lose.
    const enough = allAtOnce ? files.length : Math.min(5, this.#allowed());
    await this.#until(() => target.server.underWay().length + this.#countDone() >= enough);
    for (const fault of faults) {
      if (whole) await this.#until(() => target.family.isWhole());
      await delay(fault.afterMs, undefined, { signal: this.#options.signal });
      const seen = await this.#strike(fault, target);
      this.#faults.push(seen);
      this.#options.onFault?.(seen, this.#faults.length);
    }
  }

  async #strike(fault: PlannedFault, target: Target): Promise<SeenFault> {
    const noteTasks = (): void => {
      if (fault.kind !== 'disk-full') return;
      for (const name of this.#started) if (!this.#isDone(name)) this.#metFullDisk.add(name);
    };
    noteTasks();
    const seen = await strike(fault, target);
    noteTasks();
    return seen;
  }

  async #untilAllDone(client: RekindleClient): Promise<void> {
    await inSlots(this.#plan.files, 8, async ({ name }) => {
      await this.#until(async () => {
        const { view } = await client.task(name).show();
        return view.run_status !== 'RUNNING';
      });
    });
  }

  async #look(connection: EngineConnection, server: DrillServer, family: Family): Promise<Seen> {
    const { signal } = this.#options;
    await this.#until(() => family.isWhole());
    this.#options.log.info('all processes stand; looking at the mirror and the tasks');
    const mirror = new MirrorLook({
      config: this.#config,
      source: new VisibilitySource(connection.client),
      tasks: this.#plan.files.length,
      log: this.#options.log,
      signal,
    });
    const settled = await mirror.settled();
    const tasks = await lookAtTasks(
      connection.client,
      this.#plan.files,
      server,
      this.#files,
      this.#metFullDisk,
    );
    const recoveries = await mirror.recoveries(this.#faults);
    // The engine outlives `up` for a last look.
    const engine = await ensureEngine(this.#config, { purpose: 'rekindle drill', signal });
    await family.stop();
    const mirrorAfter = await mirror.reconciled();
    await engine.release();
    const leftRunning = await this.#leftRunning(family);
    return { faults: this.#faults, tasks, ...settled, mirrorAfter, recoveries, leftRunning };
  }

  async #leftRunning(family: Family): Promise<string[]> {
    // With a line the engine is the drill's own, and ends with it.
    const mine = this.#plan.faults.some(({ kind }) => kind === 'network')
      ? family.members().engine
      : undefined;
    const running = () => family.leftovers().filter(({ pid }) => pid !== mine);
    const deadline = performance.now() + GONE_WITHIN_MS;
    while (running().length > 0 && performance.now() < deadline) await delay(POLL_MS);
    return running().map(({ line }) => line);
  }

  /** Waits for something that comes. @throws when the drill's time is over. */
  async #until(condition: () => boolean | Promise<boolean>): Promise<void> {
    for (;;) {
      this.#options.signal.throwIfAborted();
      this.#family?.expectRunning();
      if (await this.#insist(condition)) return;
      await delay(POLL_MS, undefined, { signal: this.#options.signal });
    }
  }

  /** The engine may be dead just now: asks again until it answers. */
  async #insist<T>(work: () => T | Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await work();
      } catch (error) {
        const { signal, log } = this.#options;
        // Given up: this is what it was waited for in vain.
        if (signal.aborted) log.warn({ err: error }, 'the drill was given up while this failed');
        signal.throwIfAborted();
        log.debug({ err: error }, 'asking again');
        await delay(POLL_MS, undefined, { signal: this.#options.signal });
      }
    }
  }
}

/** Removes what a drill has left on the disk. */
export function removeDrill(directory: string): void {
  rmSync(directory, { recursive: true, force: true, maxRetries: 3, retryDelay: 100 });
}
