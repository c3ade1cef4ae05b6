import { MONITORING_QUEUE, RECOVERY_QUEUE } from '../domain/queues.ts';
import type { Locale } from '../failures/index.ts';
import { type Alert, evaluateAlerts } from './alerts.ts';
import { faultAlerts } from './fault-alerts.ts';
import { type CheckName, faultName } from './fault-texts.ts';
import { HEALTH_TEXTS, type HealthTexts } from './health-texts.ts';
import { checkDiskSpace, checkLogDirectory, type Found } from './host-checks.ts';
import type { AlertBook, HealthCounts, HealthMirror, KeptCheck, Notify, TemporalStatus } from './ports.ts';
import type { AlertThresholds } from './thresholds.ts';
import { type StandingAlert, updateAlerts } from './update-alerts.ts';

/** One thing that was looked at; JSON. */
export interface HealthItem extends Found {
  readonly name: CheckName;
}

/** How the system stands; JSON. */
export interface HealthReport {
  /** Every check is right and no alert is raised. */
  readonly healthy: boolean;
  /** Tasks can move: the engine is reached and a worker polls the task queue. */
  readonly available: boolean;
  readonly checks: readonly HealthItem[];
  /** Empty when the mirror cannot be read; its check says so. */
  readonly alerts: readonly Alert[];
}

/** What is looked at. */
export interface HealthSettings {
  /** Queue of the tasks. */
  readonly taskQueue: string;
  /** Schedules that have to be there and not be paused. */
  readonly schedules: readonly string[];
  /** Whether backups are made by a schedule. */
  readonly backups: boolean;
  readonly dataDirectory: string;
  readonly logDirectory: string;
  readonly thresholds: AlertThresholds;
  /** Language of the details and definitions. */
  readonly locale: Locale;
}

/** What the health is read from. */
export interface HealthSources {
  readonly temporal: TemporalStatus;
  readonly mirror: HealthMirror;
}

/** Where the checks are kept; the stability of the system is measured from it. */
export interface HealthJournal {
  readonly recordHealthCheck: (check: {
    readonly atMs: number;
    readonly available: boolean;
    readonly details: HealthReport;
  }) => void;
  readonly lastHealthCheck: () => KeptCheck | undefined;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** The projector notes its passes every 5 s, and waits up to 30 s when something fails. */
const MIRROR_OLD_MS = 60_000;

/** Looks at everything and changes nothing. Never throws: what cannot be looked at is not right. */
export async function lookAtHealth(
  { temporal, mirror }: HealthSources,
  settings: HealthSettings,
  nowMs: number,
): Promise<HealthReport> {
  const texts = HEALTH_TEXTS[settings.locale];
  const engine = await askTemporal(temporal, settings, texts);
  const read = readMirror(mirror, settings, nowMs, texts);
  const checks: HealthItem[] = [
    ...engine,
    { name: 'mirror', ...read.found },
    { name: 'disk_space', ...checkDiskSpace(settings.dataDirectory, texts) },
    { name: 'log_directory', ...checkLogDirectory(settings.logDirectory, texts) },
    ...read.backup,
  ];
  const isOk = (name: CheckName) => checks.some((check) => check.name === name && check.ok);
  return {
    healthy: checks.every((check) => check.ok) && read.alerts.every((alert) => alert.state !== 'raised'),
    available: isOk('engine') && isOk('worker'),
    checks,
    alerts: read.alerts,
  };
}

/** Evaluates the alerts alone, e.g. at the end of a scan: raises, clears and tells. @throws what the ports throw. */
export async function checkAlerts(
  ports: { readonly mirror: HealthMirror & AlertBook; readonly notify: Notify },
  settings: Pick<HealthSettings, 'thresholds' | 'locale'>,
  nowMs: number,
): Promise<readonly Alert[]> {
  const counts = alertCounts(ports.mirror, nowMs);
  const alerts = evaluateAlerts(counts, settings.thresholds, nowMs, settings.locale);
  await updateAlerts(alerts.map(standingOf), ports, nowMs);
  return alerts;
}

/** What the health check reads and writes. */
export interface HealthPorts {
  readonly temporal: TemporalStatus;
  readonly mirror: HealthMirror & AlertBook & HealthJournal;
  readonly notify: Notify;
}

/**
 * Looks at everything, keeps what it saw, then raises and clears alerts and tells people. May be called by several at once.
 * @throws what writing and telling throw.
 */
export async function checkHealth(
  ports: HealthPorts,
  settings: HealthSettings,
  nowMs: number,
): Promise<HealthReport> {
  const report = await lookAtHealth(ports, settings, nowMs);
  const { available } = report;
  const before = ports.mirror.lastHealthCheck();
  ports.mirror.recordHealthCheck({ atMs: nowMs, available, details: report });
  const standing = [...report.alerts.map(standingOf), ...faultAlerts(report.checks, before, nowMs)];
  await updateAlerts(standing, ports, nowMs);
  return report;
}

function standingOf({ name, state, value, threshold }: Alert): StandingAlert {
  return { name, raised: state === 'raised', value: value ?? 0, threshold };
}

function alertCounts(mirror: HealthMirror, nowMs: number): HealthCounts {
  // What was delivered slowly yesterday needs nobody now.
  return mirror.healthCounts({ sinceMs: nowMs - DAY_MS, untilMs: nowMs }, nowMs - HOUR_MS);
}

async function askTemporal(
  temporal: TemporalStatus,
  { taskQueue, schedules }: HealthSettings,
  texts: HealthTexts,
): Promise<HealthItem[]> {
  const queues = [
    ['worker', taskQueue],
    ['recovery_queue', RECOVERY_QUEUE],
    ['monitoring_queue', MONITORING_QUEUE],
  ] as const;
  try {
    const [polled, scheduled] = await Promise.all([
      Promise.all(
        queues.map(async ([name, queue]) => ({ name, ...(await checkQueue(temporal, queue, texts)) })),
      ),
      checkSchedules(temporal, schedules, texts),
    ]);
    return [
      { name: 'engine', ok: true, detail: texts.engineOk },
      ...polled,
      { name: 'schedules', ...scheduled },
    ];
  } catch (error) {
    const unknown = { ok: false, detail: texts.notAsked };
    return [
      { name: 'engine', ok: false, detail: texts.engineGone((error as Error).message) },
      ...queues.map(([name]) => ({ name, ...unknown })),
      { name: 'schedules', ...unknown },
    ];
  }
}

async function checkQueue(temporal: TemporalStatus, queue: string, texts: HealthTexts): Promise<Found> {
  const ok = await temporal.isPolled(queue);
  return { ok, detail: ok ? texts.polled(queue) : texts.notPolled(queue) };
}

async function checkSchedules(
  temporal: TemporalStatus,
  ids: readonly string[],
  texts: HealthTexts,
): Promise<Found> {
  const states = await Promise.all(ids.map(async (id) => ({ id, ...(await temporal.schedule(id)) })));
  const faults = states.flatMap(({ id, state, note }) => {
    if (state === 'active') return [];
    return [state === 'paused' ? texts.schedulePaused(id, note) : texts.scheduleMissing(id)];
  });
  return { ok: faults.length === 0, detail: faults.join('; ') || texts.schedulesOk(ids.length) };
}

function readMirror(
  mirror: HealthMirror,
  { thresholds, locale, backups }: HealthSettings,
  nowMs: number,
  texts: HealthTexts,
): {
  readonly found: Found;
  readonly backup: readonly HealthItem[];
  readonly alerts: readonly Alert[];
} {
  try {
    const alerts = evaluateAlerts(alertCounts(mirror, nowMs), thresholds, nowMs, locale);
    const backup = backups ? [{ name: 'backup' as const, ...checkBackup(mirror, nowMs, texts) }] : [];
    return { found: freshness(mirror.lastProjectedMs(), nowMs, texts), backup, alerts };
  } catch (error) {
    return {
      found: { ok: false, detail: texts.mirrorBroken((error as Error).message) },
      backup: [],
      alerts: [],
    };
  }
}

/** Whether the last scheduled backup failed, as its alert says. */
function checkBackup(mirror: HealthMirror, nowMs: number, texts: HealthTexts): Found {
  const newestMs = mirror.newestBackupMs();
  const minutes = newestMs === null ? null : Math.max(0, Math.round((nowMs - newestMs) / 60_000));
  const ok = !mirror.listAlerts().some(({ name, raised }) => raised && name === faultName('backup'));
  return { ok, detail: ok ? texts.backupOk(minutes) : texts.backupFailed(minutes) };
}

function freshness(lastMs: number | null, nowMs: number, texts: HealthTexts): Found {
  if (lastMs === null) return { ok: false, detail: texts.mirrorNever };
  const ageMs = Math.max(0, nowMs - lastMs);
  const seconds = Math.round(ageMs / 1000);
  const ok = ageMs <= MIRROR_OLD_MS;
  return { ok, detail: ok ? texts.mirrorOk(seconds) : texts.mirrorOld(seconds) };
}
