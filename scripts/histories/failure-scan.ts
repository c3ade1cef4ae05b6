/** Histories of the failure scan, for scripts/record-histories.ts. */
import type { Client, WorkflowHandle } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { ScanActivities } from '../../src/activities/recovery-types.ts';
import type { FailureScanInput } from '../../src/workflows/failure-scan.ts';

type Keep = (name: string, handle: WorkflowHandle) => Promise<void>;

const PAGES = 3;
const SCAN = 'failureScan';
let tries = 0;
let broken = false;

/** Activities of which the first try fails, for a scan of three pages. */
export const scanFakes: ScanActivities = {
  async scanPage({ page }) {
    tries += 1;
    if (tries === 1) throw new Error('the engine is busy');
    if (broken && page === 1) throw ApplicationFailure.nonRetryable('the engine is gone');
    const nextPageToken = page + 1 < PAGES ? `page-${page + 1}` : null;
    const counts = { scanned: 100, recovered: 70, notified: 30, errors: 0 };
    return { nextPageToken, counts, firstErrorAtMs: null, switchedOffAtMs: null };
  },
  async finishScan() {
    return { scanned: 300, recovered: 200, notified: 100, errors: 0, report: '/reports/one.json' };
  },
};

/** @param keep writes a history under a name. */
export async function recordFailureScan(client: Client, taskQueue: string, keep: Keep): Promise<void> {
  const start = (workflowId: string, input: Partial<FailureScanInput> = {}) =>
    client.workflow.start(SCAN, { workflowId, taskQueue, args: [{ intervalMs: 1_800_000, ...input }] });

  const simple = await start('recorded-scan-pages');
  await simple.result();
  await keep('failure-scan-pages', simple);

  const { workflowId } = await start('recorded-scan-gone-on', { pagesPerRun: 2 });
  await client.workflow.getHandle(workflowId).result();
  const runs = await runsOf(client, workflowId, 2);
  for (const [i, runId] of runs.entries())
    await keep(`failure-scan-gone-on-${i + 1}`, client.workflow.getHandle(workflowId, runId));

  broken = true;
  const brokenOff = await start('recorded-scan-broken-off');
  await brokenOff.result().catch(() => undefined);
  await keep('failure-scan-broken-off', brokenOff);
  broken = false;

  await recordScheduled(client, taskQueue, keep);
}

/** The second scan of a schedule begins where the first one was. */
async function recordScheduled(client: Client, taskQueue: string, keep: Keep): Promise<void> {
  const scheduleId = 'recorded-scans';
  const schedule = await client.schedule.create({
    scheduleId,
    spec: {},
    action: { type: 'startWorkflow', workflowType: SCAN, taskQueue, args: [{ intervalMs: 1_800_000 }] },
  });
  for (let n = 1; n <= 2; n++) {
    // As rekindle triggers it; with Temporal's own default no result is handed on.
    await schedule.trigger('BUFFER_ONE');
    const started = await nthStart(schedule, n);
    await client.workflow.getHandle(started).result();
    if (n === 2) await keep('failure-scan-after-another', client.workflow.getHandle(started));
  }
  await schedule.delete();
}

async function nthStart(
  schedule: Awaited<ReturnType<Client['schedule']['create']>>,
  n: number,
): Promise<string> {
  for (;;) {
    const { info } = await schedule.describe();
    const started = info.recentActions[n - 1]?.action.workflow.workflowId;
    if (started) return started;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** The runs of a workflow, the oldest first, once lists show so many. */
async function runsOf(client: Client, workflowId: string, count: number): Promise<string[]> {
  for (;;) {
    const runs: string[] = [];
    for await (const { runId } of client.workflow.list({ query: `WorkflowId = '${workflowId}'` }))
      runs.unshift(runId);
    if (runs.length >= count) return runs;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
