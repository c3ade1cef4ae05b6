import { setTimeout as delay } from 'node:timers/promises';
import { asyncLocalStorage, Context, type Info } from '@temporalio/activity';
import {
  ActivityCancelledError,
  ActivityNotFoundError,
  ActivityPausedError,
  ActivityResetError,
  type Client,
} from '@temporalio/client';
import {
  ApplicationFailure,
  CancelledFailure,
  noopMetricMeter,
  type Logger as TemporalLogger,
} from '@temporalio/common';
import type { ActivityExecuteInput, ActivityInterceptorsFactory } from '@temporalio/worker';
import type { Logger } from '../logger.ts';
import { attemptOf } from './give-back.ts';
import type { ActivityInFlight, WorkInFlight } from './in-flight-journal.ts';

/** An activity's implementation. */
export type ActivityFunction = (...args: readonly unknown[]) => Promise<unknown>;

/** What an attempt is carried on with: what a worker does its activities with. */
export interface CarryDeps {
  readonly client: Client;
  /** From the outermost one inwards. */
  readonly interceptors: readonly ActivityInterceptorsFactory[];
  /** How often Temporal hears of it, in ms. */
  readonly heartbeatEveryMs: number;
  readonly log: Logger;
  readonly temporalLog: TemporalLogger;
}

/** The first sign of life waits a moment, in ms: all that a dead worker did goes on at once. */
const FIRST_BEAT_MS = 250;
/** Between two tries to say how it ended, in ms. */
const TELL_AGAIN_MS = 500;
/** An attempt that nobody tells of times out before that. In ms. */
const TELL_FOR_MS = 60_000;

/**
 * An attempt of an activity whose worker has died, carried on in this process in the attempt's own name: with its task
 * token. For the server nothing has happened; nothing has to be written before it goes on.
 *
 * The SDK makes its `Context` for workers only; it is made here as `MockActivityEnvironment` of its testing package does.
 */
export class CarriedAttempt {
  readonly #deps: CarryDeps;
  readonly #activity: ActivityInFlight;
  readonly #attempt: ReturnType<typeof attemptOf>;
  readonly #context: Context;
  readonly #cancelling = new AbortController();
  readonly #over = new AbortController();
  #beat: unknown;

  /** @param beat the heartbeat that it goes on with */
  constructor(deps: CarryDeps, activity: ActivityInFlight & { readonly work: WorkInFlight }, beat: unknown) {
    this.#deps = deps;
    this.#activity = activity;
    this.#attempt = attemptOf(deps.client, activity);
    this.#beat = beat;
    const { signal } = this.#cancelling;
    const cancelled = new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    });
    cancelled.catch(() => undefined);
    this.#context = new Context(
      this.#info(),
      cancelled,
      signal,
      (details: unknown) => {
        this.#beat = details;
      },
      deps.client,
      deps.temporalLog,
      noopMetricMeter,
      {},
    );
  }

  /** Goes on with it; resolves when the server has heard how it ended. Never rejects. */
  async run(work: ActivityFunction): Promise<void> {
    const beating = this.#keepBeating();
    const tell = await asyncLocalStorage.run(this.#context, () => this.#outcome(work));
    await this.#tell(tell);
    this.#over.abort();
    await beating;
  }

  /** Lets it save what it has and end. @param reason as a worker of the SDK gives it, say `WORKER_SHUTDOWN` */
  cancel(reason: string): void {
    this.#cancelling.abort(new CancelledFailure(reason));
  }

  #info(): Info {
    const { work, taskToken } = this.#activity;
    return {
      ...(work?.info as unknown as Info),
      taskToken: Buffer.from(taskToken, 'base64'),
      base64TaskToken: taskToken,
      heartbeatDetails: this.#beat,
    };
  }

  /** Does it. @returns how the server is told what came of it. */
  async #outcome(work: ActivityFunction): Promise<() => Promise<void>> {
    const { client, interceptors } = this.#deps;
    const { token, options } = this.#attempt;
    const { args = [] } = this.#activity.work ?? {};
    try {
      const result = await intercepted(work, this.#context, interceptors)({ args: [...args], headers: {} });
      return () => client.activity.complete(token, result, options);
    } catch (error) {
      if (!(error instanceof CancelledFailure)) return () => client.activity.fail(token, error, options);
      const { message } = error;
      if (message === 'CANCELLED') return () => client.activity.reportCancellation(token, undefined, options);
      // Somebody paused or reset the activity itself: only a failure ends an attempt then.
      const ended = ApplicationFailure.retryable(`the attempt ended: ${message}`, message);
      return () => client.activity.fail(token, ended, options);
    }
  }

  async #keepBeating(): Promise<void> {
    const { client, heartbeatEveryMs } = this.#deps;
    const { token, options } = this.#attempt;
    for (let pauseMs = FIRST_BEAT_MS; await pause(pauseMs, this.#over.signal); pauseMs = heartbeatEveryMs) {
      try {
        await client.activity.heartbeat(token, this.#beat, options);
      } catch (error) {
        const reason = reasonToEnd(error);
        if (reason) this.cancel(reason);
        if (reason === 'NOT_FOUND') return;
      }
    }
  }

  async #tell(tell: () => Promise<void>): Promise<void> {
    const { workflowId, activityId, attempt } = this.#activity;
    const id = { workflowId, activityId, attempt };
    const giveUpAt = performance.now() + TELL_FOR_MS;
    do {
      try {
        return await tell();
      } catch (error) {
        const { message } = error as Error;
        if (error instanceof ActivityNotFoundError)
          return this.#deps.log.debug(id, 'an attempt that was carried on is no longer open');
        this.#deps.log.debug({ ...id, message }, 'the end of an attempt could not be told; trying again');
      }
      // Its workflow waits for this. An engine that is away comes back, or the attempt times out there.
    } while ((await pause(TELL_AGAIN_MS, this.#over.signal)) && performance.now() < giveUpAt);
    this.#deps.log.warn(id, 'the end of an attempt could not be told; it is done again');
  }
}

type Execute = (input: ActivityExecuteInput) => Promise<unknown>;

function intercepted(
  work: ActivityFunction,
  context: Context,
  interceptors: readonly ActivityInterceptorsFactory[],
): Execute {
  return interceptors.reduceRight<Execute>(
    (next, factory) => {
      const { inbound } = factory(context);
      return (input) => inbound?.execute?.(input, next) ?? next(input);
    },
    ({ args }) => work(...args),
  );
}

/** As the SDK's worker calls it; undefined: the server could not be asked. */
function reasonToEnd(error: unknown): string | undefined {
  if (error instanceof ActivityNotFoundError) return 'NOT_FOUND';
  if (error instanceof ActivityCancelledError) return 'CANCELLED';
  if (error instanceof ActivityPausedError) return 'PAUSED';
  if (error instanceof ActivityResetError) return 'RESET';
  return undefined;
}

/** @returns whether to go on. */
async function pause(ms: number, signal: AbortSignal): Promise<boolean> {
  return await delay(ms, true, { signal }).catch(() => false);
}
