import { RETRY_ERROR_TYPES, type RetryErrorType } from '../domain/retry-policy.ts';

/** What became of the errors of one kind. */
export interface TypeStatistics {
  /** Calls that failed with it. */
  readonly attempts: number;
  /** Calls that succeeded after it had been the last error. */
  readonly successes_after_retry: number;
  /** Calls given up with it. */
  readonly give_ups: number;
  /** Mean number of tries of the calls above, the first one included; 0 when there were none. */
  readonly mean_tries: number;
}

/** Retries of a manager since it was made. */
export interface RetryStatistics {
  /** Calls that are being tried or waited for now. */
  readonly active_contexts: number;
  /** Strategies of the policy, and those that calls brought with them. */
  readonly total_strategies: number;
  readonly by_type: Readonly<Record<RetryErrorType, TypeStatistics>>;
}

interface Counter {
  attempts: number;
  successes: number;
  giveUps: number;
  tries: number;
}

/** Counts what {@link RetryStatistics} shows. */
export class RetryCounters {
  private active = 0;
  private readonly strategies: Set<object>;
  private readonly counters = new Map<RetryErrorType, Counter>(
    RETRY_ERROR_TYPES.map((type) => [type, { attempts: 0, successes: 0, giveUps: 0, tries: 0 }]),
  );

  /** @param strategies those of the manager's policy. */
  constructor(strategies: readonly object[]) {
    this.strategies = new Set(strategies);
  }

  /** @param strategies those that the call brings with it. */
  begin(strategies: readonly object[]): void {
    this.active++;
    for (const strategy of strategies) this.strategies.add(strategy);
  }

  failed(type: RetryErrorType): void {
    this.counter(type).attempts++;
  }

  /** @param type kind of the last error; undefined: there was none that could be retried. */
  end(outcome: 'success' | 'gave_up', type: RetryErrorType | undefined, tries: number): void {
    this.active--;
    if (type === undefined) return;
    const counter = this.counter(type);
    if (outcome === 'success') counter.successes++;
    else counter.giveUps++;
    counter.tries += tries;
  }

  read(): RetryStatistics {
    const entries = [...this.counters].map(([type, { attempts, successes, giveUps, tries }]) => {
      const calls = successes + giveUps;
      const mean = calls === 0 ? 0 : tries / calls;
      return [
        type,
        { attempts, successes_after_retry: successes, give_ups: giveUps, mean_tries: mean },
      ] as const;
    });
    return {
      active_contexts: this.active,
      total_strategies: this.strategies.size,
      by_type: Object.fromEntries(entries) as Record<RetryErrorType, TypeStatistics>,
    };
  }

  private counter(type: RetryErrorType): Counter {
    return this.counters.get(type) as Counter;
  }
}
