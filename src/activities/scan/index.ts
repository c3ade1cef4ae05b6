import type { Client } from '@temporalio/client';
import type { Notification } from '../../domain/notification.ts';
import type { TaskRecord } from '../../domain/task-record.ts';
import { type Classifier, type Locale, shortMessage } from '../../failures/index.ts';
import type { Logger } from '../../logger.ts';
import type { HandlingInput } from '../../mirror/index.ts';
import { countFailure, noCounts, type ProcessedFailure, writeProcessing } from '../../report/index.ts';
import { maskText } from '../../secrets/mask-text.ts';
import { inSlots } from '../../tasks/in-slots.ts';
import { listFailedRuns } from '../../tasks/list-failed-runs.ts';
import type { RecoveryPolicies } from '../../tasks/recover-task.ts';
import type {
  FinishScanInput,
  ScanActivities,
  ScanPageInput,
  ScanPageResult,
  ScanSummary,
} from '../recovery-types.ts';
import { Complaints } from './complaints.ts';
import { type HandledRun, type HandlingDeps, handleRun } from './handle-run.ts';
import { type Outcome, PageFiles } from './page-files.ts';

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
  const scan = new Scan(deps);
  return {
    scanPage: (input) => scan.page(input),
    finishScan: (input) => scan.finish(input),
  };
}

class Scan {
  readonly #deps: ScanDeps;
  readonly #complaints: Complaints;
  readonly #handling: HandlingDeps;

  constructor(deps: ScanDeps) {
    const { client, settings, classifier, fingerprint, now = Date.now } = deps;
    this.#deps = deps;
    this.#complaints = new Complaints(deps.log);
    this.#handling = {
      client,
      recoveryEnabled: settings.recoveryEnabled,
      notificationEnabled: settings.notificationEnabled,
      policies: settings,
      understanding: {
        classify: classifier.classify,
        shortMessage: (error) => maskText(shortMessage(error)),
        fingerprint,
      },
      now,
    };
  }

  async page(input: ScanPageInput): Promise<ScanPageResult> {
    const { client, settings, mirror } = this.#deps;
    const listed = await listFailedRuns(client, {
      sinceMs: input.sinceMs,
      pageSize: settings.pageSize ?? PAGE_SIZE,
      pageToken: input.pageToken,
    });
    const files = this.#files(input.scanId);
    await this.#complaints.bestEffort('what a scan does will lack in its report', () => files.open());
    const before = await files.before(input.page);
    const known = await this.#known([...listed.records, ...listed.unreadable.map(({ record }) => record)]);
    const isNew = ({ runId }: TaskRecord): boolean => before.has(runId) || !known.has(runId);
    const handled = await this.#told([
      ...listed.unreadable
        .filter(({ record }) => isNew(record))
        .map(({ record, error }) => this.#unreadable(record, error)),
      ...(await this.#handleAll(listed.records.filter(isNew), before, async (outcome) => {
        await this.#complaints.bestEffort('what a scan does may lack in its report', () =>
          files.note(input.page, outcome),
        );
      })),
    ]);
    const written = await this.#complaints.bestEffort(
      'what a page of a scan did will lack in its report',
      async () => {
        await files.write(input.page, handled.map(outcomeOf));
        return true;
      },
    );
    if (!written) this.#logInstead(handled.map(({ processed }) => processed));
    const handledAtMs = this.#handling.now();
    await this.#complaints.bestEffort('the mirror cannot be told what a scan did', () =>
      mirror.recordHandling(handled.map((one) => rowOf(one, input.scanId, handledAtMs))),
    );
    const counts = noCounts();
    for (const { processed } of handled) countFailure(counts, processed);
    return {
      nextPageToken: listed.nextPageToken,
      counts,
      firstErrorAtMs: firstFailure(handled, ({ action }) => action === 'error'),
      switchedOffAtMs: firstFailure(handled, isSwitchedOff),
    };
  }

  async #handleAll(
    records: readonly TaskRecord[],
    before: ReadonlyMap<string, Outcome>,
    onRecovered: (outcome: Outcome) => Promise<void>,
  ): Promise<HandledRun[]> {
    const handled = await inSlots(records, AT_ONCE, async (record) => {
      const outcome = before.get(record.runId);
      if (outcome && outcome.processed.action !== 'error') return { record, notification: null, ...outcome };
      const run = await handleRun(record, this.#handling);
      if (run?.processed.action === 'auto_recovery') await onRecovered(outcomeOf(run));
      return run;
    });
    return handled.filter((one) => one !== undefined);
  }

  /** What was handled before, as far as the mirror knows; whatever it does not know is asked of Temporal. */
  async #known(records: readonly TaskRecord[]): Promise<ReadonlySet<string>> {
    const runIds = records.map(({ runId }) => runId);
    const known = await this.#complaints.bestEffort(
      'the mirror cannot be asked which failures were handled; Temporal is',
      () => this.#deps.mirror.handledRuns(runIds),
    );
    return known ?? new Set();
  }

  #unreadable(record: TaskRecord, error: unknown): HandledRun {
    const why = this.#handling.understanding.shortMessage(error);
    const processed = { taskId: record.taskId, category: null, action: 'error' as const, error: why };
    return { record, processed, attempt: null, notification: null };
  }

  /** Hands in all notifications of a page; what is not taken is an error of its task, and comes again. */
  async #told(handled: readonly HandledRun[]): Promise<HandledRun[]> {
    const notifications = handled.flatMap(({ notification }) => notification ?? []);
    if (notifications.length === 0) return [...handled];
    const failed = await this.#deps.notify(notifications);
    return handled.map((one) => {
      const error = one.notification && failed.get(one.notification.id);
      if (!error) return one;
      const { taskId, category } = one.processed;
      const why = this.#handling.understanding.shortMessage(error);
      const processed: ProcessedFailure = { taskId, category, action: 'error', error: why };
      return { ...one, processed };
    });
  }

  async finish(input: FinishScanInput): Promise<ScanSummary> {
    const { onFinished, log } = this.#deps;
    const files = this.#files(input.scanId);
    const { scanned, recovered, notified, errors } = input.counts;
    const wanted = scanned > 0 || input.always || input.brokenOffBy !== null;
    const report = wanted ? await this.#report(files, input) : null;
    await this.#complaints.bestEffort('notes of a scan are left behind', () => files.remove());
    await this.#complaints.bestEffort('the alerts were not looked at after a scan', () => onFinished?.());
    if (scanned > 0)
      log.info({ scanned, recovered, notified, errors, path: report }, 'failed tasks processed');
    return { scanned, recovered, notified, errors, report };
  }

  /**
   * A report that cannot be written (no space, no right) goes to the log instead: everything it would tell was done, and
   * the next scan must not wait for a disk.
   */
  async #report(files: PageFiles, { pages, atMs, brokenOffBy }: FinishScanInput): Promise<string | null> {
    const { reportsDirectory, locale } = this.#deps.settings;
    try {
      return await writeProcessing(reportsDirectory, () => files.read(pages), {
        atMs,
        locale,
        ...(brokenOffBy === null ? {} : { brokenOffBy }),
      });
    } catch (error) {
      this.#deps.log.error({ err: error }, 'the report of a scan could not be written; its work is done');
      await this.#logPages(files, pages);
      return null;
    }
  }

  async #logPages(files: PageFiles, pages: number): Promise<void> {
    let some: ProcessedFailure[] = [];
    for await (const one of files.read(pages)) {
      some.push(one);
      if (some.length < PAGE_SIZE) continue;
      this.#logInstead(some);
      some = [];
    }
    this.#logInstead(some);
  }

  #logInstead(results: readonly ProcessedFailure[]): void {
    if (results.length > 0) this.#deps.log.warn({ results }, 'what a scan did, and no report tells');
  }

  #files(scanId: string): PageFiles {
    return new PageFiles(this.#deps.settings.reportsDirectory, scanId);
  }
}

/** The run was understood and then left alone, since somebody has switched off what it needs. */
function isSwitchedOff(processed: ProcessedFailure): boolean {
  return processed.action === 'skipped' && processed.why.endsWith('_disabled');
}

/** When the first of some failed, in ms since the epoch. */
function firstFailure(
  handled: readonly HandledRun[],
  counts: (processed: ProcessedFailure) => boolean,
): number | null {
  const times = handled.filter(({ processed }) => counts(processed)).map(({ record }) => failedAt(record));
  return times.length > 0 ? Math.min(...times) : null;
}

function failedAt({ closedAtMs, startedAtMs }: TaskRecord): number {
  return closedAtMs ?? startedAtMs;
}

function outcomeOf({ record, processed, attempt }: HandledRun): Outcome {
  return { runId: record.runId, processed, attempt };
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
    failedAtMs: failedAt(record),
  };
}

function detailOf(processed: ProcessedFailure): string | null {
  if (processed.action === 'error') return processed.error;
  return processed.action === 'skipped' ? processed.why : null;
}
