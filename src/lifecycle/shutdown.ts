/** The proper end of a program: what its users registered runs in order, each within its time. */

/** Something to do before a program ends. */
export interface ShutdownHandler {
  /** Shown when it fails or takes too long. */
  readonly name: string;
  /** @param signal aborted when its time is over; what it does then is not waited for any more. */
  readonly run: (signal: AbortSignal) => unknown;
  /** In ms. @default 5000 */
  readonly timeoutMs?: number;
}

/** `shutdown`: saves what would be lost, e.g. a session; `clean-up`, after all of those: removes what is not needed any more. */
export type ShutdownPhase = 'shutdown' | 'clean-up';

/** A handler that did not do what it should. */
export interface ShutdownProblem {
  readonly phase: ShutdownPhase;
  readonly name: string;
  readonly message: string;
}

/** What is told of a shutdown's end. */
export interface ShutdownReport {
  /** Names of the handlers that ran to their end, in order. */
  readonly done: readonly string[];
  readonly problems: readonly ShutdownProblem[];
}

/** Options of {@link createShutdown}. */
export interface ShutdownOptions {
  /** Told at once of a handler that threw or took too long. @default a line on standard error */
  readonly onProblem?: (problem: ShutdownProblem) => void;
}

const DEFAULT_TIMEOUT_MS = 5000;
/** Exit code of a program that was made to end. */
const FORCED = 130;
/** A launcher and its child may both get the signal of one key press. */
const SAME_KEY_PRESS_MS = 200;

/** Handlers for the end of a program. Made with {@link createShutdown}. */
export class Shutdown {
  readonly #onProblem: (problem: ShutdownProblem) => void;
  readonly #handlers: Record<ShutdownPhase, ShutdownHandler[]> = { shutdown: [], 'clean-up': [] };
  readonly #begun = new AbortController();
  #running: Promise<ShutdownReport> | undefined;

  constructor({ onProblem = tell }: ShutdownOptions = {}) {
    this.#onProblem = onProblem;
  }

  /** Aborted when the end begins: take no new work. */
  get signal(): AbortSignal {
    return this.#begun.signal;
  }

  /** Runs at the end, in the order of registration. @returns takes it back. */
  onShutdown(handler: ShutdownHandler): () => void {
    return this.#add('shutdown', handler);
  }

  /** Runs after all of {@link onShutdown}, in the order of registration. @returns takes it back. */
  onCleanUp(handler: ShutdownHandler): () => void {
    return this.#add('clean-up', handler);
  }

  #add(phase: ShutdownPhase, handler: ShutdownHandler): () => void {
    this.#handlers[phase].push(handler);
    return () => {
      this.#handlers[phase] = this.#handlers[phase].filter((one) => one !== handler);
    };
  }

  /** How long all handlers may take together, in ms. */
  get budgetMs(): number {
    const all = [...this.#handlers.shutdown, ...this.#handlers['clean-up']];
    return all.reduce((sum, { timeoutMs = DEFAULT_TIMEOUT_MS }) => sum + timeoutMs, 0);
  }

  /**
   * Runs all handlers, one after the other. One that throws or takes too long does not stop the others. Called again it
   * waits for the same end. Never rejects.
   */
  run(): Promise<ShutdownReport> {
    this.#begun.abort();
    this.#running ??= this.#runAll();
    return this.#running;
  }

  async #runAll(): Promise<ShutdownReport> {
    const done: string[] = [];
    const problems: ShutdownProblem[] = [];
    for (const phase of ['shutdown', 'clean-up'] as const) {
      for (const handler of this.#handlers[phase]) {
        const message = await outcomeOf(handler);
        if (message === null) {
          done.push(handler.name);
          continue;
        }
        const problem = { phase, name: handler.name, message };
        problems.push(problem);
        this.#report(problem);
      }
    }
    return { done, problems };
  }

  #report(problem: ShutdownProblem): void {
    try {
      this.#onProblem(problem);
    } catch {
      // Telling of a problem must not be one.
    }
  }

  /**
   * Ends the program at SIGINT or SIGTERM: runs the handlers, then exits with code 0. A second signal exits at once with
   * code 130. For programs that have no handling of signals of their own.
   * @returns stops listening.
   */
  listen(signals: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM']): () => void {
    const first = (): void => void this.run().then(() => process.exit(0));
    let firstAt: number | undefined;
    const handler = (): void => {
      const again = firstAt !== undefined && performance.now() - firstAt > SAME_KEY_PRESS_MS;
      if (again) process.exit(FORCED);
      if (firstAt === undefined) first();
      firstAt ??= performance.now();
    };
    for (const signal of signals) process.on(signal, handler);
    return () => {
      for (const signal of signals) process.off(signal, handler);
    };
  }
}

/**
 * Makes a place to register what has to be done before a program ends.
 *
 * ```ts
 * const shutdown = createShutdown();
 * shutdown.onShutdown({ name: 'save session', run: () => saveSession(), timeoutMs: 3000 });
 * shutdown.onCleanUp({ name: 'remove temporary files', run: () => removeFiles() });
 * shutdown.listen();
 * ```
 */
export function createShutdown(options: ShutdownOptions = {}): Shutdown {
  return new Shutdown(options);
}

/** @returns what went wrong; null: nothing. */
async function outcomeOf({ run, timeoutMs = DEFAULT_TIMEOUT_MS }: ShutdownHandler): Promise<string | null> {
  const over = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => {
      resolve(`took longer than ${timeoutMs / 1000} s`);
      over.abort(new Error(`its ${timeoutMs / 1000} s are over`));
    }, timeoutMs);
  });
  const done = (async (): Promise<null> => {
    await run(over.signal);
    return null;
  })().catch((error: unknown) => (error instanceof Error ? error.message : String(error)));
  try {
    return await Promise.race([done, late]);
  } finally {
    clearTimeout(timer);
  }
}

function tell({ phase, name, message }: ShutdownProblem): void {
  process.stderr.write(`${phase} handler "${name}": ${message}\n`);
}
