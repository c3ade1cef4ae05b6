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
  /** Longest pause after a look that took long, in ms. @default 2 s */
  readonly maxPauseMs?: number;
}

/**
 * A look takes no more than a tenth of a busy engine. One that took long has mostly waited, which costs nobody anything:
 * so there is a longest pause.
 */
const PAUSE_FOR_EACH_MS = 9;
const MAX_PAUSE_MS = 2000;
/** Runs may appear in the lists this long after their end. */
const LATE_MS = 60_000;
/** The newest are enough: of a burst some are always among them. */
const NEWEST = 20;
/** While Temporal cannot be reached; it may be back in a moment. */
const TROUBLE_PAUSE_MS = 1000;

/**
 * Watches Temporal's lists for tasks that fail, time out or are terminated, apart from the mirror: a mirror that is slow
 * or broken must not delay anybody's recovery. One small question a look, which an index answers.
 */
export async function watchFailures(client: Client, watch: FailureWatch): Promise<void> {
  const { signal, log, onFailures, intervalMs = 500, maxPauseMs = MAX_PAUSE_MS } = watch;
  let known = new Set<string>();
  while (!signal.aborted) {
    let pauseMs = intervalMs;
    try {
      const startedAt = performance.now();
      const newest = await newestFailures(client, Date.now() - LATE_MS);
      if (newest.some((runId) => !known.has(runId))) onFailures();
      known = new Set(newest);
      const pauseForCost = PAUSE_FOR_EACH_MS * (performance.now() - startedAt);
      pauseMs = Math.max(intervalMs, Math.min(maxPauseMs, pauseForCost));
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
