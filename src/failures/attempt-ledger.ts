import type { Context } from '@temporalio/activity';
import { isPlainObject, type JsonObject } from '../domain/json.ts';
import {
  decideRetry,
  type RetryDecision,
  type RetryErrorType,
  type RetryHints,
  type RetryPolicy,
} from '../domain/retry-policy.ts';
import { FIRST_HEARTBEAT, type StepHeartbeat } from '../domain/step.ts';

interface Beat extends StepHeartbeat {
  /** Lost attempts before the last progress, which count no more. @default 0 */
  readonly forgivenLosses?: number;
  /** Attempts that gave their place away to wait for something. @default 0 */
  readonly waits?: number;
  /** How often another worker has carried this attempt on, since the one that did it had died. @default 0 */
  readonly carriedOn?: number;
  /** When the present wait began, ms since the epoch; absent: it does not wait. */
  readonly waitsSinceMs?: number;
  /** What attempts tell each other beside the checkpoint. */
  readonly notes?: JsonObject;
}

const ledgers = new WeakMap<Context, AttemptLedger>();

/** The heartbeat that an attempt goes on with whose worker has died: one more loss. */
export function carriedOn(details: unknown): Beat {
  const beat: Beat = isHeartbeat(details) ? details : FIRST_HEARTBEAT;
  return { ...beat, carriedOn: (beat.carriedOn ?? 0) + 1 };
}

/**
 * What one step's attempts hand on to each other, kept in the heartbeat details: a heartbeat sent just before an
 * error is thrown is there in the next attempt (DESIGN), while a killed worker writes nothing and so spends nothing.
 */
export class AttemptLedger {
  readonly #context: Context;
  #beat: Beat;
  #onBeat: (beat: StepHeartbeat) => void = () => undefined;

  /** The ledger of the running activity; the same one wherever it is asked for. */
  static of(context: Context): AttemptLedger {
    const known = ledgers.get(context);
    if (known) return known;
    const made = new AttemptLedger(context);
    ledgers.set(context, made);
    return made;
  }

  private constructor(context: Context) {
    this.#context = context;
    const details: unknown = context.info.heartbeatDetails;
    this.#beat = isHeartbeat(details) ? details : FIRST_HEARTBEAT;
  }

  /** The last heartbeat, of this attempt or of the one before. */
  get beat(): StepHeartbeat {
    return this.#beat;
  }

  /**
   * How often, since the last progress, the step lost its worker: that died, or it stopped. (What an attempt finds done
   * when it begins is the progress of the one before.)
   */
  get lostAttempts(): number {
    return this.#allLosses - (this.#beat.forgivenLosses ?? 0);
  }

  get #allLosses(): number {
    const { failures, waits = 0, carriedOn = 0 } = this.#beat;
    return this.#context.info.attempt - 1 - failures - waits + carriedOn;
  }

  /** Notes how far the step is, and tells the server (which throttles). */
  report(change: { fraction: number; progress: number; data: JsonObject }): void {
    const progressed = change.progress > this.#beat.progress;
    const forgiven = progressed && this.#allLosses > 0 ? { forgivenLosses: this.#allLosses } : {};
    const { waitsSinceMs: _, ...beat } = this.#beat;
    this.#beat = { ...beat, ...change, ...forgiven };
    this.beatNow();
  }

  /** What the attempts before this one have noted. */
  get notes(): JsonObject {
    return this.#beat.notes ?? {};
  }

  /** Notes something for the attempts after this one. */
  note(change: JsonObject): void {
    this.#beat = { ...this.#beat, notes: { ...this.notes, ...change } };
    this.beatNow();
  }

  /** Books an attempt that gives its place away. @returns for how long the step has waited, in ms. */
  wait(now = Date.now()): number {
    const since = this.#beat.waitsSinceMs ?? now;
    this.#beat = { ...this.#beat, waits: (this.#beat.waits ?? 0) + 1, waitsSinceMs: since };
    this.beatNow();
    return now - since;
  }

  /** Tells the server that the step is alive. */
  beatNow(): void {
    this.#context.heartbeat(this.#beat);
    this.#onBeat(this.#beat);
  }

  /** Calls back with each heartbeat, those too that the SDK does not send since the last one is not old enough. */
  onBeat(listener: (beat: StepHeartbeat) => void): void {
    this.#onBeat = listener;
  }

  /** Books a failed attempt and decides what follows. Progress since the last failure renews every budget. */
  fail(policy: RetryPolicy, type: RetryErrorType, hints: RetryHints): RetryDecision {
    const progressed = this.#beat.progress > this.#beat.progressAtFailure;
    const decision = decideRetry(policy, type, progressed ? {} : this.#beat.budget, hints);
    this.#beat = {
      ...this.#beat,
      budget: decision.budget,
      failures: this.#beat.failures + 1,
      progressAtFailure: this.#beat.progress,
    };
    this.beatNow();
    return decision;
  }
}

/** Details that somebody else's code or an older version wrote are no ledger of ours. */
function isHeartbeat(value: unknown): value is Beat {
  return (
    isPlainObject(value) &&
    isPlainObject(value.budget) &&
    isPlainObject(value.data) &&
    [value.forgivenLosses, value.waits, value.waitsSinceMs, value.carriedOn].every(
      (n) => n === undefined || typeof n === 'number',
    ) &&
    (value.notes === undefined || isPlainObject(value.notes)) &&
    [value.fraction, value.progress, value.progressAtFailure, value.failures].every(
      (n) => typeof n === 'number',
    )
  );
}
