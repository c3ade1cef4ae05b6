import { type ChildProcess, fork } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { type ErrorCode, RekindleError } from '../domain/error-codes.ts';
import type { ChildRole, FromChild, ToChild, ToldError } from './messages.ts';
import { isMessage } from './messages.ts';
import type { TakeOver } from './take-over.ts';

/** How a child is started. */
export interface ChildCommand {
  /** JavaScript file. */
  readonly script: string;
  readonly args: readonly string[];
  /** Options of Node itself. */
  readonly execArgv: readonly string[];
}

/** How a child ended; neither code nor signal: its process could not be made. */
export interface ChildExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A process of `up` that does one of its jobs. */
export class Child {
  readonly role: ChildRole;
  /** Settles when it is ready to begin; rejects when it ends before or says why it cannot. */
  readonly prepared: Promise<void>;
  /** Settles when it takes work; rejects when it ends before or says why it cannot. */
  readonly working: Promise<void>;
  /** Resolves when the process is gone, or could not be made. */
  readonly exited: Promise<ChildExit>;
  readonly #process: ChildProcess;
  readonly #prepared = Promise.withResolvers<void>();
  readonly #working = Promise.withResolvers<void>();
  readonly #running = Promise.withResolvers<TakeOver | null>();
  #endHandlersMs = 0;

  constructor(role: ChildRole, { script, args, execArgv }: ChildCommand) {
    this.role = role;
    this.#process = fork(script, [...args], {
      execArgv: [...execArgv],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    this.prepared = this.#prepared.promise;
    // Not everybody who starts a child waits for it.
    this.prepared.catch(() => undefined);
    this.working = this.#working.promise;
    this.working.catch(() => undefined);
    this.#running.promise.catch(() => undefined);
    const exit = Promise.withResolvers<ChildExit>();
    this.exited = exit.promise;
    this.#process.on('message', (message) => {
      if (isMessage(message)) this.#told(message as FromChild);
    });
    this.#process.on('exit', (code, signal) => {
      this.#fail(endedEarly(role, { code, signal }));
      exit.resolve({ code, signal });
    });
    this.#process.on('error', (error) => {
      this.#fail(error);
      // No process was made (too many of them, or of open files): there is no exit to wait for.
      if (this.#process.pid === undefined) exit.resolve({ code: null, signal: null });
    });
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  /** Tells it something; one that is gone hears nothing, and that shows by its end. */
  tell(message: ToChild): void {
    if (this.#process.connected) this.#process.send(message, () => undefined);
  }

  /** Lets it take work, as soon as it is prepared. @returns what it took over from one that died. */
  async run(): Promise<TakeOver | null> {
    this.tell({ type: 'run' });
    return await this.#running.promise;
  }

  /**
   * Lets it save what it has, run its handlers and end; one that does not within the time is killed.
   * @param graceMs without the time of its handlers, which it told of itself.
   */
  async stop(graceMs: number): Promise<void> {
    this.tell({ type: 'stop' });
    const late = new AbortController();
    const ended = this.exited.finally(() => late.abort());
    await Promise.race([
      ended,
      delay(graceMs + this.#endHandlersMs, undefined, { signal: late.signal }).catch(() => undefined),
    ]);
    this.kill();
    await ended;
  }

  /** Ends it at once. */
  kill(): void {
    if (this.#process.exitCode === null && this.#process.signalCode === null) this.#process.kill('SIGKILL');
  }

  #told(message: FromChild): void {
    switch (message.type) {
      case 'prepared':
        this.#endHandlersMs = message.endHandlersMs ?? 0;
        this.#prepared.resolve();
        break;
      case 'working':
        this.#working.resolve();
        break;
      case 'running':
        this.#working.resolve();
        this.#running.resolve(message.takenOver);
        break;
      case 'failed':
        this.#fail(errorOf(message.error));
        break;
    }
  }

  #fail(error: Error): void {
    this.#prepared.reject(error);
    this.#working.reject(error);
    this.#running.reject(error);
  }
}

function endedEarly(role: ChildRole, { code, signal }: ChildExit): RekindleError {
  const how = signal ? `by ${signal}` : `with exit code ${code}`;
  return new RekindleError('ENGINE_UNAVAILABLE', `the ${role} process ended ${how} before it was ready`, {
    hint: 'The log above says why; start it again.',
  });
}

function errorOf({ code, message, hint }: ToldError): Error {
  if (code === null) return new Error(message);
  return new RekindleError(code as ErrorCode, message, hint === null ? {} : { hint });
}
