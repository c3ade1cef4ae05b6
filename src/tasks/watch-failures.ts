import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { Logger } from '../logger.ts';
import { ALL_TASKS } from './task-records.ts';

/** How {@link watchFailures} watches. */
export interface FailureWatch {
  /** Ends the watching. */
  readonly signal: AbortSignal;
  readonly log: Logger;
  /** Told when runs of tasks have failed that were not there at the last look. */
  readonly onFailures: () => void;
  /** Between two looks, in ms. @default 500 */
  readonly intervalMs?: number;
}

/** A look takes no more of the engine than a tenth, however busy that is. */
const PAUSE_FOR_EACH_MS = 9;
/** Runs may appear in the lists this long after their end. */
const LATE_MS = 60_000;
/** The newest are enough: of a burst some are always among them. */
const NEWEST = 20;
/** While Temporal cannot be reached. */
const TROUBLE_PAUSE_MS = 5000;

/**
 * Watches Temporal's lists for tasks that fail, time out or are terminated, apart from the mirror: a mirror that is slow
 * or broken must not delay anybody's recovery. One small question a look, which an index answers.
 */
export async function watchFailures(client: Client, watch: FailureWatch): Promise<void> {
  const { signal, log, onFailures, intervalMs = 500 } = watch;
  let known = new Set<string>();
  while (!signal.aborted) {
    let pauseMs = intervalMs;
    try {
      const startedAt = performance.now();
      const newest = await newestFailures(client, Date.now() - LATE_MS);
      if (newest.some((runId) => !known.has(runId))) onFailures();
      known = new Set(newest);
      pauseMs = Math.max(intervalMs, PAUSE_FOR_EACH_MS * (performance.now() - startedAt));
    } catch (error) {
      if (signal.aborted) return;
      log.debug({ err: error }, 'Temporal could not be asked for new failures');
      pauseMs = TROUBLE_PAUSE_MS;
    }
    await delay(pauseMs, undefined, { signal }).catch(() => undefined);
  }
}

async function newestFailures(client: Client, sinceMs: number): Promise<string[]> {
  const since = new Date(sinceMs).toISOString();
  const { executions } = await client.workflowService.listWorkflowExecutions({
    namespace: client.options.namespace,
    query: `ExecutionStatus IN ('Failed', 'TimedOut', 'Terminated') AND CloseTime >= '${since}' AND ${ALL_TASKS}`,
    pageSize: NEWEST,
  });
  return (executions ?? []).map(({ execution }) => execution?.runId ?? '');
}
