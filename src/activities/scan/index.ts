import type { Client } from '@temporalio/client';
import type { Notification } from '../../domain/notification.ts';
import type { TaskRecord } from '../../domain/task-record.ts';
import { type Classifier, type Locale, shortMessage } from '../../failures/index.ts';
import type { Logger } from '../../logger.ts';
import type { HandlingInput } from '../../mirror/index.ts';
import { type ProcessedFailure, processingReport, writeReport } from '../../report/index.ts';
import { maskText } from '../../secrets/mask-text.ts';
import { listFailedRuns } from '../../tasks/list-failed-runs.ts';
import type { RecoveryPolicies } from '../../tasks/recover-task.ts';
import type {
  FinishScanInput,
  ScanActivities,
  ScanPageInput,
  ScanPageResult,
  ScanSummary,
} from '../recovery-types.ts';
import { type HandledRun, type HandlingDeps, handleRun } from './handle-run.ts';
import { PageFiles } from './page-files.ts';

/** What the scan's activities need from outside. */
export interface ScanDeps {
  readonly client: Client;
  readonly settings: RecoveryPolicies & {
    readonly recoveryEnabled: boolean;
    readonly notificationEnabled: boolean;
    readonly locale: Locale;
    readonly reportsDirectory: string;
    /** Runs of one page. @default 100 */
    readonly pageSize?: number;
  };
  readonly classifier: Classifier;
  /** Groups messages that differ in their values only. */
  readonly fingerprint: (message: string) => string;
  readonly mirror: ScanMirror;
  /** Hands notifications in. @returns those that were not taken, by ID, with the error. */
  readonly notify: (notifications: readonly Notification[]) => Promise<ReadonlyMap<string, unknown>>;
  /** Called at the end of each scan. */
  readonly onFinished?: () => Promise<void>;
  readonly log: Logger;
  /** @default Date.now */
  readonly now?: () => number;
}

/** The mirror remembers what was done; a scan that cannot ask it asks Temporal about each run. */
export interface ScanMirror {
  readonly handledRuns: (runIds: readonly string[]) => ReadonlySet<string>;
  readonly recordHandling: (rows: readonly HandlingInput[]) => void;
}

const PAGE_SIZE = 100;
/** Runs that are handled at once: each asks the engine three or four times, which serves the tasks as well. */
const AT_ONCE = 10;

/** Makes the activities of the failure scan. */
export function createScanActivities(deps: ScanDeps): ScanActivities {
  return {
    scanPage: (input) => scanPage(deps, input),
    finishScan: (input) => finishScan(deps, input),
  };
}

async function scanPage(deps: ScanDeps, input: ScanPageInput): Promise<ScanPageResult> {
  const { client, settings } = deps;
  const { records, nextPageToken } = await listFailedRuns(client, {
    sinceMs: input.sinceMs,
    pageSize: settings.pageSize ?? PAGE_SIZE,
    pageToken: input.pageToken,
  });
  const handled = await told(deps, await handleAll(deps, unhandled(deps, records)));
  const files = new PageFiles(settings.reportsDirectory, input.scanId);
  await bestEffort(deps, 'what a page of the scan did will lack in its report', () =>
    files.write(
      input.page,
      handled.map(({ processed }) => processed),
    ),
  );
  await bestEffort(deps, 'the mirror does not know what a scan did', () =>
    deps.mirror.recordHandling(handled.map((one) => rowOf(one, input.scanId, now(deps)))),
  );
  const errors = handled.filter(({ processed }) => processed.action === 'error');
  const firstErrorAtMs = errors.map(({ record }) => record.closedAtMs ?? record.startedAtMs);
  return {
    nextPageToken,
    scanned: handled.length,
    firstErrorAtMs: firstErrorAtMs.length > 0 ? Math.min(...firstErrorAtMs) : null,
  };
}

/** What no scan has done yet, as far as the mirror knows; whatever it does not know is asked of Temporal. */
function unhandled({ mirror, log }: ScanDeps, records: readonly TaskRecord[]): readonly TaskRecord[] {
  try {
    const known = mirror.handledRuns(records.map(({ runId }) => runId));
    return records.filter(({ runId }) => !known.has(runId));
  } catch (error) {
    log.warn({ err: error }, 'the mirror cannot be asked which failures were handled; Temporal is');
    return records;
  }
}

async function handleAll(deps: ScanDeps, records: readonly TaskRecord[]): Promise<HandledRun[]> {
  const handling: HandlingDeps = {
    client: deps.client,
    recoveryEnabled: deps.settings.recoveryEnabled,
    notificationEnabled: deps.settings.notificationEnabled,
    policies: deps.settings,
    understanding: {
      classify: deps.classifier.classify,
      shortMessage: (error) => maskText(shortMessage(error)),
      fingerprint: deps.fingerprint,
    },
    now: () => now(deps),
  };
  const results: (HandledRun | undefined)[] = Array.from({ length: records.length });
  const left = [...records.entries()];
  const lane = async (): Promise<void> => {
    for (let next = left.shift(); next; next = left.shift()) {
      const [i, record] = next;
      results[i] = await handleRun(record, handling);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  return results.filter((one) => one !== undefined);
}

/** Hands in all notifications of a page; what is not taken is an error of its task, and comes again. */
async function told(deps: ScanDeps, handled: readonly HandledRun[]): Promise<HandledRun[]> {
  const notifications = handled.flatMap(({ notification }) => notification ?? []);
  if (notifications.length === 0) return [...handled];
  const failed = await deps.notify(notifications);
  return handled.map((one) => {
    const error = one.notification && failed.get(one.notification.id);
    if (!error) return one;
    const { taskId, category } = one.processed;
    const processed: ProcessedFailure = { taskId, category, action: 'error', error: shortMessage(error) };
    return { ...one, processed };
  });
}

function rowOf(
  { record, processed, attempt }: HandledRun,
  scanId: string,
  handledAtMs: number,
): HandlingInput {
  return {
    runId: record.runId,
    taskId: record.taskId,
    action: processed.action,
    detail: detailOf(processed),
    delaySeconds: processed.action === 'auto_recovery' ? processed.delayMs / 1000 : null,
    attempt,
    scanId,
    handledAtMs,
    failedAtMs: record.closedAtMs ?? record.startedAtMs,
  };
}

function detailOf(processed: ProcessedFailure): string | null {
  if (processed.action === 'error') return processed.error;
  return processed.action === 'skipped' ? processed.why : null;
}

async function finishScan(deps: ScanDeps, input: FinishScanInput): Promise<ScanSummary> {
  const { settings, log } = deps;
  const files = new PageFiles(settings.reportsDirectory, input.scanId);
  const all: ProcessedFailure[] = [];
  for await (const one of files.read(input.pages)) all.push(one);
  const atMs = now(deps);
  const report = processingReport(all, {
    atMs,
    locale: settings.locale,
    ...(input.brokenOffBy === null ? {} : { brokenOffBy: input.brokenOffBy }),
  });
  const { scanned, recovered, notified, errors } = report.stats;
  const wanted = scanned > 0 || input.always || input.brokenOffBy !== null;
  const path = wanted
    ? await writeReport(settings.reportsDirectory, 'failure_processing', report, atMs)
    : null;
  await files.remove();
  await bestEffort(deps, 'the alerts were not looked at after a scan', () => deps.onFinished?.());
  if (scanned > 0)
    log.info({ scanned, recovered, notified, errors: errors.length, path }, 'failed tasks processed');
  return { scanned, recovered, notified, errors: errors.length, report: path };
}

async function bestEffort(
  { log }: ScanDeps,
  complaint: string,
  work: () => void | Promise<void>,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    log.warn({ err: error }, complaint);
  }
}

function now({ now: clock = Date.now }: ScanDeps): number {
  return clock();
}
