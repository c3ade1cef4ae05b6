/** What comes by the clock and cannot be configured so fast is started as its schedule, or `schedule trigger`, does. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { Config } from '../../src/config.ts';
import { triggerSchedule } from '../../src/engine/schedules.ts';
import {
  BACKUP,
  CLEAN_UP,
  HEALTH_CHECK,
  PATTERN_ANALYSIS,
  systemSchedules,
} from '../../src/engine/system-schedules.ts';
import type { SoakClock } from './clock.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** A run of the health check lasts that long. */
const HEALTH_RUN_MS = 30 * MINUTE;
const RETRY_MS = 1000;

/** Keeps the rhythms of a day until the signal aborts. */
export async function keepRhythms(
  client: Client,
  config: Config,
  clock: SoakClock,
  signal: AbortSignal,
): Promise<void> {
  const every = async (what: string, simulatedMs: number, work: () => Promise<unknown>): Promise<void> => {
    while (!signal.aborted) {
      try {
        await work();
        await delay(clock.scaled(simulatedMs), undefined, { signal });
      } catch (error) {
        if (signal.aborted) return;
        console.error(`${what}: ${(error as Error).message}`);
        await delay(RETRY_MS);
      }
    }
  };
  await Promise.all([
    every(PATTERN_ANALYSIS, 6 * HOUR, () => triggerSchedule(client, PATTERN_ANALYSIS)),
    every(CLEAN_UP, HOUR, () => triggerSchedule(client, CLEAN_UP)),
    every(BACKUP, HOUR, () => triggerSchedule(client, BACKUP)),
    every(HEALTH_CHECK, HEALTH_RUN_MS, () => startHealthRun(client, config, clock)),
  ]);
}

/** What comes by the clock, by the type of its workflow. */
const RHYTHMS = ['failureScan', 'patternAnalysis', 'healthCheck', 'mirrorBackup', 'cleanUp'] as const;

/** How often a rhythm was kept. */
export interface Kept {
  readonly rhythm: (typeof RHYTHMS)[number];
  readonly completed: number;
  readonly failed: number;
}

/** How often each rhythm was kept, as Temporal has it. */
export async function keptRhythms(client: Client): Promise<Kept[]> {
  const count = async (rhythm: string, status: string): Promise<number> => {
    const query = `WorkflowType = '${rhythm}' AND ExecutionStatus = '${status}'`;
    return (await client.workflow.count(query)).count;
  };
  return await Promise.all(
    RHYTHMS.map(async (rhythm) => ({
      rhythm,
      completed: (await count(rhythm, 'Completed')) + (await count(rhythm, 'ContinuedAsNew')),
      failed: (await count(rhythm, 'Failed')) + (await count(rhythm, 'TimedOut')),
    })),
  );
}

let healthRuns = 0;

/** The workflow of the schedule, with its minute as short as time is fast. */
async function startHealthRun(client: Client, config: Config, clock: SoakClock): Promise<void> {
  const schedule = systemSchedules(config).find(({ id }) => id === HEALTH_CHECK);
  if (!schedule) throw new Error('there is no health check');
  healthRuns += 1;
  const { workflowType, taskQueue } = schedule.action;
  const everyMs = clock.scaled(MINUTE);
  await client.workflow.start(workflowType, {
    workflowId: `soak-health-${healthRuns}`,
    taskQueue,
    args: [{ everyMs, forMs: clock.scaled(HEALTH_RUN_MS) - everyMs / 2 }],
  });
}
