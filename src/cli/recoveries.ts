import type { RecoverOptions, RecoveryManager } from '../supervisor/recovery-manager.ts';
import type { RecoverySession } from '../supervisor/recovery-session.ts';
import type { Output } from './output.ts';

/** Recoveries of a process that run beside its work, and say how they went. */
export class Recoveries {
  readonly #manager: RecoveryManager;
  readonly #output: Output | undefined;
  readonly #ending = new AbortController();
  readonly #running = new Set<Promise<unknown>>();

  /** @param output told of each that has ended; undefined: nobody is told. */
  constructor(manager: RecoveryManager, output: Output | undefined) {
    this.#manager = manager;
    this.#output = output;
  }

  /** Begins one; nobody waits for it. */
  begin(crash: RecoverOptions): void {
    const running = this.#manager
      .recover({ ...crash, signal: this.#ending.signal })
      .then((session) => {
        if (session && !this.#ending.signal.aborted) this.#output?.say(lineOf(session, this.#output));
      })
      .finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  /** Breaks off what still looks, and waits until it is written down. */
  async end(): Promise<void> {
    this.#ending.abort();
    await Promise.allSettled(this.#running);
  }
}

function lineOf({ cause, seconds, recovered_count, problems }: RecoverySession, { texts }: Output): string {
  const line = texts.recovered(texts.crashCause[cause], recovered_count, seconds);
  return problems.length === 0 ? line : `${line}; ${texts.recoveryProblems(problems)}`;
}
