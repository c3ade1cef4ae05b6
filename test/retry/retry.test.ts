import { describe, expect, it, vi } from 'vitest';
import { RekindleError } from '../../src/domain/error-codes.ts';
import {
  createRetryManager,
  NonRetryableError,
  RetryableError,
  RetryExhaustedError,
  type RetryManagerOptions,
  type RetryOptions,
  retry,
  sharedRetryManager,
} from '../../src/retry/index.ts';

/** A manager whose clock jumps instead of waiting; `waits` are the delays it was asked for. */
function managerWithClock(options: RetryManagerOptions = {}) {
  const waits: number[] = [];
  let now = 0;
  const wait = (ms: number): void => {
    waits.push(ms);
    now += ms;
  };
  const clock = {
    now: () => now,
    sleep: async (ms: number, signal: AbortSignal | undefined) => {
      signal?.throwIfAborted();
      wait(ms);
    },
    sleepSync: wait,
    random: () => 0,
  };
  return { ...createRetryManager({ ...options, clock }), waits, advance: wait };
}

const refused = () => Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:1'), { code: 'ECONNREFUSED' });
const limited = (retryAfter: string) =>
  Object.assign(new Error('Too Many Requests'), { status: 429, headers: { 'Retry-After': retryAfter } });

/** A function that fails with each of `errors` in turn and then returns "done". */
function failing(...errors: unknown[]) {
  return vi.fn(() => {
    if (errors.length > 0) throw errors.shift();
    return 'done';
  });
}

const thrownBy = async (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => expect.unreachable('it should have thrown'),
    (error: unknown) => error,
  );

type Form = (
  manager: ReturnType<typeof managerWithClock>,
  fn: () => string,
  options?: RetryOptions,
) => Promise<string>;

/** The forms must agree, so most rules are tried with each. */
const FORMS: Readonly<Record<string, Form>> = {
  retry: (manager, fn, options) => manager.retry(fn, options),
  retrySync: async (manager, fn, options) => manager.retrySync(fn, options),
  withRetry: (manager, fn, options) => manager.withRetry(fn, options)(),
};

describe.each(Object.entries(FORMS))('%s', (_, call) => {
  it('returns the first result without waiting', async () => {
    const manager = managerWithClock();
    expect(await call(manager, failing())).toBe('done');
    expect(manager.waits).toEqual([]);
  });

  it('tries again after the delays of the kind of error', async () => {
    const manager = managerWithClock();
    expect(await call(manager, failing(refused(), refused(), refused()))).toBe('done');
    expect(manager.waits).toEqual([1000, 2000, 4000]);
  });

  it("gives up at the kind's maximum and keeps the error of every attempt", async () => {
    const manager = managerWithClock();
    const errors = Array.from({ length: 5 }, refused);
    const error = await thrownBy(call(manager, failing(...errors)));
    expect(error).toBeInstanceOf(RetryExhaustedError);
    expect(error).toMatchObject({
      cause: errors[4],
      attempts: errors.map((one, i) => ({ attempt: i + 1, error: one, type: 'network_error' })),
      message: 'gave up after trying 5 times: connect ECONNREFUSED 127.0.0.1:1',
    });
  });

  it('gives each kind of error a budget of its own', async () => {
    const manager = managerWithClock();
    const locked = () => new Error('database is locked');
    const fn = failing(refused(), locked(), refused(), locked(), refused(), locked(), refused(), locked());
    expect(await call(manager, fn)).toBe('done');
    expect(fn).toHaveBeenCalledTimes(9);
  });

  it.each([
    ['wrong data', new SyntaxError('Unexpected end of JSON input')],
    ['a NonRetryableError', new NonRetryableError('connection refused')],
    ['an AbortError', new DOMException('stop', 'AbortError')],
    ['a code of our own that says so', new RekindleError('INVALID_URL', 'connection refused')],
  ])('throws %s at once and as it is', async (_kind, error) => {
    const fn = failing(error);
    expect(await thrownBy(call(managerWithClock(), fn))).toBe(error);
    expect(fn).toHaveBeenCalledOnce();
  });

  it('keeps the earlier attempts when a later error must not be retried', async () => {
    const last = new NonRetryableError('no');
    const error = await thrownBy(call(managerWithClock(), failing(refused(), last)));
    expect(error).toMatchObject({ cause: last, attempts: [{ type: 'network_error' }, { type: null }] });
  });

  it('takes the kind of a RetryableError from it', async () => {
    const manager = managerWithClock();
    await call(manager, failing(new RetryableError('wait', 'rate_limit_error')));
    expect(manager.waits).toEqual([30_000]);
  });

  it('calls at most maxAttempts times, whatever the errors', async () => {
    const fn = failing(refused(), new Error('database is locked'), refused());
    const error = await thrownBy(call(managerWithClock(), fn, { maxAttempts: 2 }));
    expect(error).toMatchObject({ attempts: [{ attempt: 1 }, { attempt: 2 }] });
    expect(fn).toHaveBeenCalledTimes(2);
  });

  it('can be allowed more attempts than the policy gives', async () => {
    const fn = failing(...Array.from({ length: 7 }, refused));
    expect(await call(managerWithClock(), fn, { maxAttempts: 8 })).toBe('done');
  });

  it('follows a strategy of its own', async () => {
    const manager = managerWithClock();
    const strategy = {
      maxAttempts: 3,
      backoffType: 'fixed',
      baseDelayMs: 7,
      maxDelayMs: 7,
      jitter: true,
    } as const;
    expect(await call(manager, failing(refused(), refused()), { strategy })).toBe('done');
    expect(manager.waits).toEqual([7, 7]);
  });

  it('waits as long as Retry-After says', async () => {
    const manager = managerWithClock();
    await call(manager, failing(limited('7')));
    expect(manager.waits).toEqual([7000]);
  });

  it('gives up when the wait would reach past the deadline', async () => {
    const manager = managerWithClock();
    const error = await thrownBy(call(manager, failing(limited('7')), { deadlineMs: 7000 }));
    expect(error).toBeInstanceOf(RetryExhaustedError);
    expect(manager.waits).toEqual([]);
  });

  it('counts the time of the calls against the deadline', async () => {
    const manager = managerWithClock();
    const slow = () => {
      manager.advance(9500);
      throw refused();
    };
    expect(await thrownBy(call(manager, slow, { deadlineMs: 10_000 }))).toBeInstanceOf(RetryExhaustedError);
  });

  it('lets shouldRetry stop and allow', async () => {
    const data = new SyntaxError('Unexpected token');
    const stopped = refused();
    expect(await thrownBy(call(managerWithClock(), failing(stopped), { shouldRetry: () => false }))).toBe(
      stopped,
    );
    expect(await call(managerWithClock(), failing(data), { shouldRetry: () => true })).toBe('done');
    expect(await call(managerWithClock(), failing(refused()), { shouldRetry: () => undefined })).toBe('done');
  });

  it('tells of each retry before it waits', async () => {
    const onRetry = vi.fn();
    const error = refused();
    await call(managerWithClock(), failing(error), { onRetry });
    expect(onRetry.mock.calls).toEqual([[{ attempt: 1, error, type: 'network_error', delayMs: 1000 }]]);
  });

  it('ends with what onRetry throws', async () => {
    const manager = managerWithClock();
    const veto = new Error('enough');
    const onRetry = () => {
      throw veto;
    };
    expect(await thrownBy(call(manager, failing(refused()), { onRetry }))).toBe(veto);
    expect(manager.statistics().active_contexts).toBe(0);
  });

  it('does not start when the signal is aborted already', async () => {
    const fn = failing();
    const reason = new Error('closing');
    expect(await thrownBy(call(managerWithClock(), fn, { signal: AbortSignal.abort(reason) }))).toBe(reason);
    expect(fn).not.toHaveBeenCalled();
  });

  it('stops with the reason of a signal that is aborted meanwhile', async () => {
    const manager = managerWithClock();
    const controller = new AbortController();
    const reason = new Error('closing');
    const onRetry = () => controller.abort(reason);
    const fn = failing(refused(), refused());
    expect(await thrownBy(call(manager, fn, { signal: controller.signal, onRetry }))).toBe(reason);
    expect(fn).toHaveBeenCalledOnce();
    expect(manager.statistics().active_contexts).toBe(0);
  });

  it.each([{ maxAttempts: 0 }, { maxAttempts: 1.5 }, { deadlineMs: -1 }, { deadlineMs: Number.NaN }])(
    'refuses %o',
    async (options) => {
      expect(await thrownBy(call(managerWithClock(), failing(), options))).toBeInstanceOf(RangeError);
    },
  );
});

describe('a wrapped function', () => {
  it('keeps its this, its arguments and its result', async () => {
    const manager = managerWithClock();
    const counter = {
      step: 2,
      add: manager.withRetry(function (this: { step: number }, a: number, b: number) {
        return a + b + this.step;
      }),
    };
    const sum: number = await counter.add(3, 4);
    expect(sum).toBe(9);
  });
});

const AT_ONCE = {
  maxAttempts: 2,
  backoffType: 'fixed',
  baseDelayMs: 1,
  maxDelayMs: 1,
  jitter: false,
} as const;

describe('the statistics of retries', () => {
  it('count strategies, attempts, successes after a retry, give-ups and mean tries per kind', async () => {
    const manager = managerWithClock();
    await manager.retry(failing(refused()));
    await manager.retry(failing(refused(), refused(), refused()));
    await thrownBy(manager.retry(failing(...Array.from({ length: 5 }, refused))));
    await manager.retry(failing());
    const { active_contexts, total_strategies, by_type } = manager.statistics();
    expect({ active_contexts, total_strategies }).toEqual({ active_contexts: 0, total_strategies: 6 });
    expect(by_type.network_error).toEqual({
      attempts: 9,
      successes_after_retry: 2,
      give_ups: 1,
      mean_tries: (2 + 4 + 5) / 3,
    });
    expect(by_type.auth_error).toEqual({ attempts: 0, successes_after_retry: 0, give_ups: 0, mean_tries: 0 });
  });

  it('count a strategy that a call brings with it once', async () => {
    const manager = managerWithClock();
    await manager.retry(failing(), { strategy: AT_ONCE });
    await manager.retry(failing(), { strategy: AT_ONCE });
    expect(manager.statistics().total_strategies).toBe(7);
  });

  it('are kept for the functions that share a manager, too', async () => {
    const before = sharedRetryManager.statistics().by_type.network_error.attempts;
    await retry(failing(refused()), { strategy: AT_ONCE });
    expect(sharedRetryManager.statistics().by_type.network_error.attempts).toBe(before + 1);
  });

  it('show the calls that are under way', async () => {
    const manager = managerWithClock();
    const { promise, resolve } = Promise.withResolvers<string>();
    const call = manager.retry(() => promise);
    expect(manager.statistics().active_contexts).toBe(1);
    resolve('done');
    await call;
    expect(manager.statistics().active_contexts).toBe(0);
  });
});

describe('the real clock', () => {
  it('ends a wait with the reason of the signal', async () => {
    const controller = new AbortController();
    const reason = new Error('closing');
    const manager = createRetryManager();
    const call = manager.retry(failing(limited('3600')), {
      signal: controller.signal,
      onRetry: () => queueMicrotask(() => controller.abort(reason)),
    });
    expect(await thrownBy(call)).toBe(reason);
  });

  it('blocks the thread for a synchronous wait', () => {
    const strategy = {
      maxAttempts: 2,
      backoffType: 'fixed',
      baseDelayMs: 1,
      maxDelayMs: 1,
      jitter: false,
    } as const;
    expect(createRetryManager().retrySync(failing(refused()), { strategy })).toBe('done');
  });
});
