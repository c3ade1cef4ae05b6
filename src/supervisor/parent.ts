import { isRekindleError } from '../domain/error-codes.ts';
import { type FromChild, isMessage, type ToChild } from './messages.ts';

type Of<T extends ToChild['type']> = Extract<ToChild, { type: T }>;

/** A child's channel to its supervisor. */
export class Parent {
  /**
   * Aborted when the child is to end: it was told so, got a SIGTERM, or its supervisor is gone. A Ctrl-C reaches every
   * process of the terminal; the supervisor decides what comes of it.
   */
  readonly signal: AbortSignal;
  readonly #stop = new AbortController();
  readonly #listeners = new Map<string, (message: ToChild) => void>();
  readonly #early: ToChild[] = [];
  #extraMs = 0;

  constructor() {
    this.signal = this.#stop.signal;
    process.on('SIGINT', () => undefined);
    process.on('SIGTERM', () => this.#stop.abort());
    process.on('disconnect', () => this.#stop.abort());
    process.on('message', (message) => {
      if (isMessage(message)) this.#told(message as ToChild);
    });
  }

  /** How much longer than others this child may take to end, in ms. */
  get extraMs(): number {
    return this.#extraMs;
  }

  /** Its end takes so much longer. */
  mayTake(ms: number): void {
    this.#extraMs = ms;
  }

  tell(message: FromChild): void {
    if (process.connected) process.send?.(message);
  }

  /** Says why the child cannot begin. */
  failed(error: unknown): void {
    const ours = isRekindleError(error);
    this.tell({
      type: 'failed',
      error: {
        code: ours ? error.code : null,
        message: error instanceof Error ? error.message : String(error),
        hint: ours ? (error.hint ?? null) : null,
      },
    });
  }

  /** Calls back for every message of this type, those that have come already included. */
  on<T extends ToChild['type']>(type: T, listener: (message: Of<T>) => void): void {
    this.#listeners.set(type, listener as (message: ToChild) => void);
    for (const message of this.#early.filter((one) => one.type === type)) listener(message as Of<T>);
  }

  /** Whether a message of this type has come that nobody has asked for yet. */
  has(type: ToChild['type']): boolean {
    return this.#early.some((message) => message.type === type);
  }

  /** The first message of this type. @throws the abort's reason when the child is to end before. */
  async next<T extends ToChild['type']>(type: T): Promise<Of<T>> {
    return await new Promise((resolve, reject) => {
      this.on(type, resolve);
      this.signal.addEventListener('abort', () => reject(this.signal.reason), { once: true });
      if (this.signal.aborted) reject(this.signal.reason);
    });
  }

  #told(message: ToChild): void {
    if (message.type === 'stop') this.#stop.abort();
    const listener = this.#listeners.get(message.type);
    if (listener) listener(message);
    else this.#early.push(message);
  }
}
