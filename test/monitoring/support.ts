import { setTimeout as delay } from 'node:timers/promises';
import type { Notification } from '../../src/domain/notification.ts';
import type {
  AlertBook,
  HealthCounts,
  HealthJournal,
  HealthMirror,
  ScheduleState,
  TemporalStatus,
} from '../../src/monitoring/index.ts';

/** 2026-01-02 12:00 UTC. */
export const NOON = Date.UTC(2026, 0, 2, 12);

/** A day on which nothing happened. */
export const QUIET: HealthCounts = {
  endedTasks: 0,
  failedTasks: 0,
  lastRecoveryOutcomes: [],
  recoveries: { total: 0, good: 0 },
  recentFailures: 0,
  unknownErrors: 0,
  undelivered: { oldestDecidedMs: null, count: 0 },
  slowestDeliverySeconds: null,
};

/** A mirror of which only the counts matter; alerts are kept as the real one keeps them. */
export class FakeMirror implements HealthMirror, AlertBook, HealthJournal {
  counts: HealthCounts = QUIET;
  /** Thrown instead of reading, while it is set. */
  failure: Error | undefined;
  /** Never behind, until a test says so. */
  projectedMs: number | null = NOON + 86_400_000;
  readonly logged = new Set<string>();
  readonly checks: { atMs: number; available: boolean; faults: string[] }[] = [];
  newestBackup: number | null = NOON;
  readonly #alerts = new Map<string, { raised: boolean; sinceMs: number }>();

  readonly healthCounts = () => {
    if (this.failure) throw this.failure;
    return this.counts;
  };
  readonly lastProjectedMs = () => this.projectedMs;
  readonly setAlert: AlertBook['setAlert'] = ({ name, raised, atMs }) => {
    const before = this.#alerts.get(name);
    if ((before?.raised ?? false) === raised) return 'unchanged';
    this.#alerts.set(name, { raised, sinceMs: atMs });
    return raised ? 'raised' : 'cleared';
  };
  readonly listAlerts = () => [...this.#alerts].map(([name, alert]) => ({ name, ...alert }));
  readonly isLogged = (id: string) => this.logged.has(id);
  readonly newestBackupMs = () => this.newestBackup;
  readonly lastHealthCheck = () => this.checks.at(-1);
  readonly recordHealthCheck: HealthJournal['recordHealthCheck'] = ({ atMs, available, details }) => {
    const faults = details.checks.filter(({ ok }) => !ok).map(({ name }) => name);
    this.checks.push({ atMs, available, faults });
  };
}

/** Keeps what people are told, as the outbox does: an ID once. */
export class FakeOutbox {
  readonly told: Notification[] = [];
  /** Thrown instead, while it is set. */
  failure: Error | undefined;
  readonly #mirror: FakeMirror;

  constructor(mirror: FakeMirror) {
    this.#mirror = mirror;
  }

  readonly notify = async (notifications: readonly Notification[]): Promise<void> => {
    await delay(1);
    if (this.failure) throw this.failure;
    for (const one of notifications) {
      if (!this.told.some(({ id }) => id === one.id)) this.told.push(one);
      this.#mirror.logged.add(one.id);
    }
  };

  get kinds(): string[] {
    return this.told.map(({ kind, alert }) => `${kind} ${alert?.name}`);
  }
}

/** A Temporal on which all is well but what `faults` names. */
export function fakeTemporal(
  faults: {
    readonly gone?: Error;
    readonly notPolled?: readonly string[];
    readonly schedules?: Readonly<Record<string, ScheduleState>>;
  } = {},
): TemporalStatus {
  return {
    async isPolled(queue) {
      if (faults.gone) throw faults.gone;
      return !faults.notPolled?.includes(queue);
    },
    async schedule(id) {
      if (faults.gone) throw faults.gone;
      return faults.schedules?.[id] ?? { state: 'active', note: null };
    },
  };
}
