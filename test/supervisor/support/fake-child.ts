import type { Child } from '../../../src/supervisor/child.ts';
import type { ChildRole } from '../../../src/supervisor/messages.ts';
import type { TakeOver } from '../../../src/supervisor/take-over.ts';

let pids = 0;

/** A child without a process, that does what a test says. */
export class FakeChild {
  readonly role: ChildRole;
  readonly pid = ++pids;
  killed = false;
  told = false;
  readonly #prepared = Promise.withResolvers<void>();
  readonly #working = Promise.withResolvers<void>();
  readonly #running = Promise.withResolvers<TakeOver | null>();
  readonly #exit = Promise.withResolvers<{ code: number | null; signal: NodeJS.Signals | null }>();
  readonly prepared = this.#prepared.promise;
  readonly working = this.#working.promise;
  readonly exited = this.#exit.promise;

  constructor(role: ChildRole) {
    this.role = role;
    for (const sign of [this.prepared, this.working, this.#running.promise]) sign.catch(() => undefined);
    this.#prepared.resolve();
  }

  /** It takes work, and still takes over. */
  works(): this {
    this.#working.resolve();
    return this;
  }

  /** It runs. */
  runs(takenOver: TakeOver | null = null): this {
    this.#running.resolve(takenOver);
    return this.works();
  }

  /** It says why it cannot begin. */
  fails(error: Error): this {
    this.#working.reject(error);
    this.#running.reject(error);
    return this;
  }

  tell(): void {}

  async run(): Promise<TakeOver | null> {
    this.told = true;
    return await this.#running.promise;
  }

  async stop(): Promise<void> {
    this.kill();
  }

  kill(): void {
    this.killed = true;
    this.fails(new Error('it ended before it was ready'));
    this.#exit.resolve({ code: null, signal: 'SIGKILL' });
  }

  get asChild(): Child {
    return this as unknown as Child;
  }
}
