/** Histories of the workflows on queue `monitoring`, for scripts/record-histories.ts. */
import type { Client, WorkflowHandle } from '@temporalio/client';
import type { HealthSummary, MonitoringActivities } from '../../src/activities/monitoring-types.ts';

let analyses = 0;
let looks = 0;

/** Activities of which the first try fails. */
export const monitoringFakes: MonitoringActivities = {
  async analysePatterns() {
    analyses += 1;
    if (analyses === 1) throw new Error('the mirror is locked');
    return { failures: 3, report: 'failure_analysis_20260102_120000.json', insights: ['one'] };
  },
  async checkHealth(): Promise<HealthSummary> {
    looks += 1;
    if (looks === 1) throw new Error('the mirror is locked');
    return { healthy: true, faults: [], alerts: [] };
  },
  async recordVerdict() {},
  async markMessagesRead() {
    return { read: 1, unknown: ['none'] };
  },
};

const STORIES: readonly (readonly [name: string, workflow: string, args: unknown[]])[] = [
  ['pattern-analysis-retried', 'patternAnalysis', []],
  ['health-check-one-failed', 'healthCheck', [{ everyMs: 400, forMs: 1000 }]],
  [
    'record-verdict-kept',
    'recordVerdict',
    [{ runId: 'run-1', rightCategory: 'recoverable_network', atMs: 1_767_355_200_000 }],
  ],
  [
    'messages-read-noted',
    'markMessagesRead',
    [{ ids: ['message-1', 'none'], team: null, atMs: 1_767_355_200_000 }],
  ],
];

/** @param keep writes a history under a name. */
export async function recordMonitoring(
  client: Client,
  taskQueue: string,
  keep: (name: string, handle: WorkflowHandle) => Promise<void>,
): Promise<void> {
  for (const [name, workflow, args] of STORIES) {
    const handle = await client.workflow.start(workflow, { taskQueue, workflowId: `recorded-${name}`, args });
    await handle.result();
    await keep(name, handle);
  }
}
