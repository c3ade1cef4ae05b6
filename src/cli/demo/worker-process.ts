import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Config } from '../../config.ts';

const LAUNCHER = fileURLToPath(new URL('../../../bin/rekindle.js', import.meta.url));

/** The last of what a worker said, to be shown when it fails. */
const KEPT_STDERR = 4000;

/** A `rekindle worker` as a process of its own, which can be killed as an operator or the kernel would. */
export class WorkerProcess {
  readonly #child: ChildProcess;
  #stderr = '';

  private constructor(child: ChildProcess) {
    this.#child = child;
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-KEPT_STDERR);
    });
  }

  /** Starts one and waits until it polls. */
  static async start({ dataDir, file, locale, logLevel }: Config): Promise<WorkerProcess> {
    const options = ['--data-dir', dataDir, '--locale', locale, '--log-level', logLevel, '--json'];
    const args = [LAUNCHER, 'worker', ...options, ...(file ? ['--config', file] : [])];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    const worker = new WorkerProcess(child);
    const ready = once(createInterface({ input: child.stdout as NodeJS.ReadableStream }), 'line');
    const failed = once(child, 'exit').then(([code]) => {
      throw new Error(
        `the demo's worker ended with exit code ${code} before it was ready:\n${worker.#stderr}`,
      );
    });
    failed.catch(() => undefined); // It ends later as well, and then nobody waits for it.
    await Promise.race([ready, failed]);
    return worker;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** kill -9: no clean-up, no goodbye. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** Lets it end gracefully. */
  async stop(): Promise<void> {
    await this.#end('SIGTERM');
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, 'exit');
    this.#child.kill(signal);
    await exited;
  }
}
