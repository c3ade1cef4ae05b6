/** The configuration of the soaked `rekindle up`: the documented rhythms, delays and ages, as much shorter as time is faster. */
import type { SoakClock } from './clock.ts';

/** What the configuration needs to know of its surroundings. */
export interface Surroundings {
  readonly sitesDir: string;
  readonly webhookUrl: string;
  /** File with the webhook's signing secret. */
  readonly webhookSecret: string;
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
/** Schedules go by whole seconds. */
const SCAN_AT_LEAST_MS = SECOND;
const RECONCILE_AT_LEAST_MS = SECOND;
/** The shortest that the configuration takes; shorter ones are triggered (rhythms.ts). */
const BACKUP_AT_LEAST_MS = MINUTE;

/** SPEC section 3, with the attempts as documented. */
const DELAYS = {
  recoverable_network: [30 * SECOND, MINUTE, 2 * MINUTE, 4 * MINUTE],
  recoverable_system: [5 * MINUTE, 10 * MINUTE, 20 * MINUTE],
  recoverable_temporary: [3 * MINUTE, 6 * MINUTE, 12 * MINUTE],
};

/** SPEC section 2: base and longest delay. */
const RETRIES = {
  network_error: [SECOND, 60 * SECOND],
  rate_limit_error: [30 * SECOND, 300 * SECOND],
  auth_error: [5 * SECOND, 30 * SECOND],
  system_error: [10 * SECOND, 120 * SECOND],
  temporary_error: [2 * SECOND, 60 * SECOND],
  unknown_error: [SECOND, 30 * SECOND],
} as const;

/** `rekindle.yaml` as an object; JSON is YAML. */
export function soakSettings(clock: SoakClock, { sitesDir, webhookUrl, webhookSecret }: Surroundings) {
  const seconds = (simulatedMs: number): number => clock.scaled(simulatedMs) / SECOND;
  const minutes = (simulatedMs: number): number => clock.scaled(simulatedMs) / MINUTE;
  const hours = (simulatedMs: number): number => clock.scaled(simulatedMs) / HOUR;
  const all = <T, R>(of: Readonly<Record<string, T>>, made: (one: T) => R): Record<string, R> =>
    Object.fromEntries(Object.entries(of).map(([key, one]) => [key, made(one)]));
  return {
    locale: 'en',
    sites_dir: sitesDir,
    recovery: {
      database: {
        backup_interval: Math.max(BACKUP_AT_LEAST_MS, clock.scaled(HOUR)) / SECOND,
        reconcile_interval: Math.max(RECONCILE_AT_LEAST_MS, clock.scaled(5 * MINUTE)) / SECOND,
      },
      cleanup: {
        completed_task_retention: hours(24 * HOUR),
        session_timeout: seconds(24 * HOUR),
        log_retention: hours(168 * HOUR),
        failure_retention: hours(720 * HOUR),
      },
      retry: all(RETRIES, ([base, longest]) => ({ base_delay: seconds(base), max_delay: seconds(longest) })),
    },
    failure: {
      scan_interval_minutes: Math.max(SCAN_AT_LEAST_MS, clock.scaled(30 * MINUTE)) / MINUTE,
      categories: all(DELAYS, (delays) => ({ delays: delays.map(seconds) })),
    },
    notification: {
      quiet_minutes: minutes(10 * MINUTE),
      max_quiet_hours: hours(6 * HOUR),
      channels: { hook: { type: 'webhook', url: webhookUrl, secret: `file:${webhookSecret}` } },
      teams: { administrators: ['in-app', 'hook'], users: ['in-app', 'hook'] },
    },
  };
}
