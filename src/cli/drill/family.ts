import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Config } from '../../config.ts';
import { engineStatus } from '../../engine/embedded.ts';
import { holderOf } from '../../locks/process-lock.ts';
import { CHILD_WORD } from '../../supervisor/child-word.ts';
import type { ChildRole } from '../../supervisor/messages.ts';
import { isReadySpare } from '../../supervisor/spare-sign.ts';
import { kill, processesWith, type SeenProcess } from './processes.ts';

const LAUNCHER = fileURLToPath(new URL('../../../bin/rekindle.js', import.meta.url));
/** Longer than a worker and a keeper take one after the other to save what they have. */
const STOP_MS = 40_000;

/** The processes of a `rekindle up`. */
export interface Members {
  readonly supervisor: number | undefined;
  readonly worker: number | undefined;
  readonly spare: number | undefined;
  readonly keeper: number | undefined;
  readonly engine: number | undefined;
}

/** A `rekindle up` as its operating system sees it: processes that can be killed. */
export class Family {
  readonly #config: Config;
  readonly #configFile: string;
  readonly #logFile: string;
  readonly #temporalAddress: string | undefined;
  #up: ChildProcess | undefined;
  #ended: string | undefined;

  /** @param temporalAddress where it shall reach a Temporal server. @default its own engine */
  constructor(config: Config, configFile: string, logFile: string, temporalAddress?: string) {
    this.#config = config;
    this.#configFile = configFile;
    this.#logFile = logFile;
    this.#temporalAddress = temporalAddress;
  }

  /** Starts it. @returns when it is ready to work. @throws when it ends before. */
  async start(): Promise<void> {
    const log = openSync(this.#logFile, 'a');
    const node = [process.execPath, LAUNCHER, 'up', '--json', '--locale', 'en'];
    const where = ['--data-dir', this.#config.dataDir, '--config', this.#configFile];
    const env = this.#temporalAddress ? ['env', `TEMPORAL_ADDRESS=${this.#temporalAddress}`] : [];
    const [command = '', ...args] = [...env, ...node, ...where];
    // A session of its own: a Ctrl-C ends the drill, which then ends this.
    const up = spawn(command, args, { stdio: ['ignore', 'pipe', log], detached: true });
    closeSync(log);
    this.#up = up;
    const ready = once(createInterface({ input: up.stdout as NodeJS.ReadableStream }), 'line').then(
      ([line]) => {
        // An error is a line, too.
        if (!String(line).includes('"status":"up"')) throw new Error(`rekindle up cannot begin: ${line}`);
      },
    );
    const failed = once(up, 'exit').then(([code, signal]) => {
      throw new Error(`rekindle up ended (${signal ?? `exit code ${code}`}) before it was ready`);
    });
    failed.catch(() => undefined); // It ends later as well, and then nobody waits for it.
    await Promise.race([ready, failed]);
    up.once('exit', (code) => {
      if (code !== null) this.#ended = `rekindle up ended by itself with exit code ${code}`;
    });
  }

  /** @throws when `up` has ended although nobody killed it. */
  expectRunning(): void {
    if (this.#ended) throw new Error(this.#ended);
  }

  members(): Members {
    const supervisor = this.#running(this.#up);
    const children = processesWith(this.#config.dataDir).filter(({ parent }) => parent === supervisor);
    const pids = (role: ChildRole): number[] =>
      children.filter(({ line }) => line.includes(`${CHILD_WORD} ${role}`)).map(({ pid }) => pid);
    // The spare is always the younger one.
    const [worker, spare] = pids('worker');
    return {
      supervisor,
      worker,
      spare,
      keeper: pids('keeper')[0],
      engine: engineStatus(this.#config.dataDir)?.pid,
    };
  }

  /** Whether a spare has everything loaded and is connected. */
  isPrepared(pid: number): boolean {
    return isReadySpare(this.#config, pid);
  }

  /** Whether the keeper has the mirror. */
  mirrorIsKept(): boolean {
    const owner = holderOf(`${this.#config.database.path}.lock`)?.process.pid;
    return owner !== undefined && owner === this.members().keeper;
  }

  /** Whether worker, spare and keeper stand ready. */
  isWhole(): boolean {
    const { worker, spare } = this.members();
    return Boolean(worker && spare && this.isPrepared(spare) && this.mirrorIsKept());
  }

  /** Kills `up`, its children and the engine in one go. */
  killAll(): void {
    const supervisor = this.#running(this.#up);
    // First the one that would start the others again.
    for (const pid of [supervisor, ...this.leftovers().map((one) => one.pid)]) if (pid) kill(pid);
  }

  /** Asks `up` to end, and waits for that. @returns its exit code; null when it has not ended in time, or was killed. */
  async stop(): Promise<number | null> {
    const up = this.#up;
    if (!up || this.#running(up) === undefined) return up?.exitCode ?? null;
    const exited = once(up, 'exit');
    up.kill('SIGTERM');
    const late = new AbortController();
    await Promise.race([exited, delay(STOP_MS, undefined, { signal: late.signal }).catch(() => undefined)]);
    late.abort();
    return up.exitCode;
  }

  /** What still runs of it. */
  leftovers(): SeenProcess[] {
    return processesWith(this.#config.dataDir);
  }

  #running(child: ChildProcess | undefined): number | undefined {
    return child && child.exitCode === null && child.signalCode === null ? child.pid : undefined;
  }
}
