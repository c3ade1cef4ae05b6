/** The failure scan: finds failed tasks, has them recovered or reported, and writes what it did. */
import {
  ActivityFailure,
  ApplicationFailure,
  continueAsNew,
  isCancellation,
  log,
  proxyActivities,
  setCurrentDetails,
  workflowInfo,
} from '@temporalio/workflow';
import type {
  FinishScanInput,
  ScanActivities,
  ScanCounts,
  ScanSummary,
} from '../activities/recovery-types.ts';

const { scanPage } = proxyActivities<ScanActivities>({
  startToCloseTimeout: '5 minutes',
  // What hinders it (a restart, a broken engine) is over by then, or the next scan begins where this one was.
  scheduleToCloseTimeout: '15 minutes',
  retry: { initialInterval: '1 second', maximumInterval: '30 seconds' },
});

const { finishScan } = proxyActivities<ScanActivities>({
  startToCloseTimeout: '5 minutes',
  scheduleToCloseTimeout: '10 minutes',
  retry: { initialInterval: '1 second', maximumInterval: '1 minute' },
});

/** What the schedule starts it with. */
export interface FailureScanInput {
  /** Of the schedule, in ms: how often a scan is reported even when it found nothing. */
  readonly intervalMs: number;
  /** After so many pages a new run goes on. @default 50 */
  readonly pagesPerRun?: number;
  /** What a run hands on to the one that continues it. */
  readonly carried?: CarriedScan;
}

interface CarriedScan {
  readonly startedMs: number;
  readonly sinceMs: number;
  readonly always: boolean;
  readonly page: number;
  readonly pageToken: string | null;
  readonly counts: ScanCounts;
  readonly firstErrorAtMs: number | null;
  readonly switchedOffAtMs: number | null;
  /** When the last scan began that was reported whatever it found. */
  readonly fullAtMs: number;
}

/** What a scan leaves for the next one. */
export interface FailureScanResult extends ScanSummary {
  /** Everything that closed before was handled, in ms since the epoch. */
  readonly watermarkMs: number;
  /** Last scan that was reported whatever it found, in ms since the epoch. */
  readonly fullAtMs: number;
  /** When the first run failed that waits for a switch, in ms since the epoch; null: none does. */
  readonly switchedOffAtMs: number | null;
}

const HOUR_MS = 3_600_000;
/** Failed tasks of the last 24 hours are looked at (SPEC section 4). */
const LOOK_BACK_MS = 24 * HOUR_MS;
/** Temporal's lists may show an end this late; looking again costs little, and nothing is done twice. */
const OVERLAP_MS = 2 * 60_000;
/** A page costs some ten events, and a run should stay readable. */
const PAGES_A_RUN = 50;
/** The scheduled scan is a little early or late. */
const ALMOST = 0.9;

/** Started by the schedule `failure-scan`, and early by a new failure. */
export async function failureScan(input: FailureScanInput): Promise<FailureScanResult> {
  const { carried = begin(input) } = input;
  const scanId = workflowInfo().firstExecutionRunId;
  const pagesPerRun = input.pagesPerRun ?? PAGES_A_RUN;
  let { page, pageToken, counts, firstErrorAtMs, switchedOffAtMs } = carried;
  for (let inRun = 0; ; inRun++) {
    if (inRun >= pagesPerRun || workflowInfo().continueAsNewSuggested) {
      const next: CarriedScan = { ...carried, page, pageToken, counts, firstErrorAtMs, switchedOffAtMs };
      return await continueAsNew<typeof failureScan>({ ...input, carried: next });
    }
    let done: Awaited<ReturnType<ScanActivities['scanPage']>>;
    try {
      done = await scanPage({ scanId, sinceMs: carried.sinceMs, page, pageToken });
    } catch (error) {
      if (isCancellation(error) || !(error instanceof ActivityFailure)) throw error;
      const why = error.cause?.message ?? error.message;
      await finished({ scanId, pages: page, counts, always: carried.always, brokenOffBy: why });
      // Without a result the next scan begins where the last good one ended.
      throw ApplicationFailure.nonRetryable(`the scan was broken off: ${why}`, 'SCAN_BROKEN_OFF');
    }
    page += 1;
    pageToken = done.nextPageToken;
    counts = added(counts, done.counts);
    firstErrorAtMs = earlier(firstErrorAtMs, done.firstErrorAtMs);
    switchedOffAtMs = earlier(switchedOffAtMs, done.switchedOffAtMs);
    setCurrentDetails(`${page} page(s) of failed runs looked at`);
    if (pageToken === null) break;
  }
  const { startedMs, always, fullAtMs } = carried;
  const summary = await finished({ scanId, pages: page, counts, always, brokenOffBy: null });
  return {
    ...summary,
    watermarkMs: earlier(startedMs, firstErrorAtMs) ?? startedMs,
    fullAtMs,
    switchedOffAtMs,
  };
}

function begin({ intervalMs }: FailureScanInput): CarriedScan {
  const startedMs = workflowInfo().startTime.getTime();
  const last = lastResult();
  const always = startedMs - (last?.fullAtMs ?? 0) >= ALMOST * intervalMs;
  // What waits for a switch is looked at by the scheduled scans only, or each early one would look at all of it.
  const waiting = last?.switchedOffAtMs ?? null;
  const handledUntilMs = (last?.watermarkMs ?? 0) - OVERLAP_MS;
  const sinceMs = always ? (earlier(handledUntilMs, waiting) ?? handledUntilMs) : handledUntilMs;
  return {
    startedMs,
    sinceMs: Math.max(startedMs - LOOK_BACK_MS, sinceMs),
    always,
    page: 0,
    pageToken: null,
    counts: NOTHING,
    firstErrorAtMs: null,
    switchedOffAtMs: always ? null : waiting,
    fullAtMs: always ? startedMs : (last?.fullAtMs ?? startedMs),
  };
}

/** A report that cannot be written undoes nothing: every failure was handled. */
async function finished(input: Omit<FinishScanInput, 'atMs'>): Promise<ScanSummary> {
  try {
    return await finishScan({ ...input, atMs: Date.now() });
  } catch (error) {
    if (isCancellation(error)) throw error;
    log.warn('the end of a scan could not be written down', { error });
    return { ...input.counts, report: null };
  }
}

/** What the scan before left, by way of the schedule; undefined for the first. */
function lastResult(): FailureScanResult | undefined {
  return workflowInfo().lastResult as FailureScanResult | undefined;
}

const NOTHING: ScanCounts = { scanned: 0, recovered: 0, notified: 0, errors: 0 };

function added(a: ScanCounts, b: ScanCounts): ScanCounts {
  return {
    scanned: a.scanned + b.scanned,
    recovered: a.recovered + b.recovered,
    notified: a.notified + b.notified,
    errors: a.errors + b.errors,
  };
}

function earlier(a: number | null, b: number | null): number | null {
  if (a === null || b === null) return a ?? b;
  return Math.min(a, b);
}
