import type { Locale } from '../failures/index.ts';
import { TARGET_TEXTS } from './target-texts.ts';

/** How many there were and how many of them went well. */
export interface Tally {
  readonly total: number;
  readonly good: number;
}

/** How long something took; make it with {@link durationsOf}. All in seconds. */
export interface Durations {
  readonly count: number;
  readonly mean: number;
  readonly p95: number;
  readonly longest: number;
}

/** The plain counts that the nine targets are computed from; each is defined in {@link TARGET_TEXTS}. */
export interface TargetCounts {
  readonly resumes: Tally & { readonly durations: Durations };
  /** `tries`: attempts in all of the steps that were retried and succeeded. */
  readonly retriedSteps: Tally & { readonly tries: number };
  readonly crashRecoveries: Durations;
  readonly comparedTasks: Tally;
  /** Seconds that health checks speak for, those in which tasks could move, and how many checks there were. */
  readonly uptime: { readonly observed: number; readonly available: number; readonly checks: number };
  readonly recoveries: Tally;
  readonly processingDelays: Durations;
  readonly judgedClassifications: Tally;
  readonly notificationDelays: Durations;
}

/** What the system has to reach (SPEC section 7). */
export interface TargetSpec {
  /** `share` 0–1 or seconds. */
  readonly unit: 'share' | 'seconds';
  /** The measured value has to be above or below {@link target}. */
  readonly must: 'exceed' | 'stay_below';
  readonly target: number;
  /** The actual value that the documents report of the system before this one. */
  readonly documented: { readonly value: number; readonly detail?: number } | null;
}

const MINUTE = 60;
const above = (target: number, documented: TargetSpec['documented']): TargetSpec => ({
  unit: 'share',
  must: 'exceed',
  target,
  documented,
});
const below = (target: number, documented: TargetSpec['documented']): TargetSpec => ({
  unit: 'seconds',
  must: 'stay_below',
  target,
  documented,
});

/** The nine targets, with the documented actual values (error-recovery document, "performance"; details: mean seconds, mean tries). */
const TARGETS = {
  resume_success: above(0.98, { value: 0.992, detail: 5.2 }),
  retry_success: above(0.85, { value: 0.897, detail: 2.3 }),
  crash_recovery_time: below(30, { value: 12.8 }),
  state_consistency: above(0.999, { value: 0.9998 }),
  stability: above(0.995, { value: 0.997 }),
  auto_recovery_success: above(0.8, null),
  processing_delay: below(30 * MINUTE, null),
  classification_accuracy: above(0.95, null),
  notification_delay: below(5 * MINUTE, null),
} as const satisfies Record<string, TargetSpec>;
export type TargetId = keyof typeof TARGETS;

/** A target as the system measured it; JSON. */
export interface MeasuredTarget {
  readonly id: TargetId;
  readonly name: string;
  readonly definition: string;
  readonly unit: TargetSpec['unit'];
  readonly must: TargetSpec['must'];
  readonly target: number;
  /** null: nothing to measure yet. */
  readonly value: number | null;
  /** A second figure that belongs to it (mean seconds, mean tries, the longest); null when there is none. */
  readonly detail: number | null;
  /** Number of observations behind the value. */
  readonly samples: number;
  /** null: nothing to measure yet. */
  readonly met: boolean | null;
  readonly documented: TargetSpec['documented'];
}

interface Measure {
  readonly value: number | null;
  readonly detail?: number;
  readonly samples: number;
}

const COMPUTE = {
  resume_success: ({ resumes }) => ({ ...shareOf(resumes), detail: resumes.durations.mean }),
  retry_success: ({ retriedSteps }) => ({
    ...shareOf(retriedSteps),
    ...(retriedSteps.good > 0 ? { detail: retriedSteps.tries / retriedSteps.good } : {}),
  }),
  crash_recovery_time: ({ crashRecoveries }) => secondsOf(crashRecoveries, crashRecoveries.mean),
  state_consistency: ({ comparedTasks }) => shareOf(comparedTasks),
  stability: ({ uptime }) => ({
    ...shareOf({ total: uptime.observed, good: uptime.available }),
    samples: uptime.checks,
  }),
  auto_recovery_success: ({ recoveries }) => shareOf(recoveries),
  processing_delay: ({ processingDelays }) => secondsOf(processingDelays, processingDelays.p95),
  classification_accuracy: ({ judgedClassifications }) => shareOf(judgedClassifications),
  notification_delay: ({ notificationDelays }) => secondsOf(notificationDelays, notificationDelays.p95),
} as const satisfies Record<TargetId, (counts: TargetCounts) => Measure>;

/** Measures all nine targets, in the order of SPEC section 7. */
export function measureTargets(counts: TargetCounts, locale: Locale = 'zh-CN'): MeasuredTarget[] {
  return (Object.keys(TARGETS) as TargetId[]).map((id) => measureTarget(id, counts, locale));
}

function measureTarget(id: TargetId, counts: TargetCounts, locale: Locale): MeasuredTarget {
  const { unit, must, target, documented }: TargetSpec = TARGETS[id];
  const { value, detail, samples }: Measure = COMPUTE[id](counts);
  const met = value === null ? null : must === 'exceed' ? value > target : value < target;
  return {
    id,
    ...TARGET_TEXTS[id][locale],
    unit,
    must,
    target,
    value,
    detail: detail ?? null,
    samples,
    met,
    documented,
  };
}

/** Sums up times in seconds; the 95th percentile is the nearest rank. */
export function durationsOf(seconds: readonly number[]): Durations {
  const count = seconds.length;
  if (count === 0) return { count, mean: 0, p95: 0, longest: 0 };
  const sorted = [...seconds].sort((a, b) => a - b);
  return {
    count,
    mean: sorted.reduce((sum, one) => sum + one, 0) / count,
    p95: sorted[Math.ceil(0.95 * count) - 1] as number,
    longest: sorted[count - 1] as number,
  };
}

function shareOf({ total, good }: Tally): Measure {
  return { value: total === 0 ? null : good / total, samples: total };
}

/** With the longest time beside it, which a mean or a percentile hides. */
function secondsOf({ count, longest }: Durations, value: number): Measure {
  return count === 0 ? { value: null, samples: 0 } : { value, detail: longest, samples: count };
}
