import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { Config } from '../config.ts';
import type { TaskView } from '../domain/task-record.ts';
import type { ProcessLock } from '../locks/process-lock.ts';
import type { Logger } from '../logger.ts';
import { getTask, MirrorKeeper, projectOnce, runProjector } from '../mirror/index.ts';
import { fingerprintOf } from '../report/index.ts';
import type { OnUnreadable } from '../tasks/list-runs.ts';
import { VisibilitySource } from '../tasks/visibility-source.ts';
import { recordWaitingSessions } from './record-sessions.ts';

/** A process that keeps the mirror up to date; there is one for each mirror. */
export interface MirrorOwner {
  readonly mirror: MirrorKeeper;
  /**
   * Brings the mirror up to date a last time, closes it and gives up its ownership.
   * @param followed tasks that have ended: the mirror shall show it, and Temporal's lists may know it some
   *   milliseconds late.
   */
  stop(followed?: readonly TaskView[]): Promise<void>;
}

/** How long the end of a task may take to get into Temporal's lists. */
const FINAL_TIMEOUT_MS = 1000;
const FINAL_POLL_MS = 15;
/** Under load Temporal's lists run seconds behind; the last look goes back further than the projector does. */
const LATE_MS = 60_000;

/** Keeps the mirror up to date. @param lock the ownership; it is given back in the end. */
export function startMirrorOwner(
  config: Config,
  client: Client,
  lock: ProcessLock,
  log: Logger,
): MirrorOwner {
  const mirror = new MirrorKeeper(config.database.path, { maxReaders: config.database.maxConnections, log });
  const source = new VisibilitySource(client, onceEach(log));
  const ending = new AbortController();
  const record = (): void => recordWaitingSessions(mirror, config.dataDir, log);
  const running = runProjector({
    mirror,
    source,
    signal: ending.signal,
    log,
    fingerprintOf,
    onPass: record,
    reconcileMs: config.database.reconcileMs,
  });
  return {
    mirror,
    async stop(followed = []) {
      ending.abort();
      await running;
      try {
        await projectUntilFinal(mirror, source, followed);
        record();
      } catch (error) {
        log.warn({ err: error }, 'the mirror is left behind');
      } finally {
        mirror.close();
        lock.release();
      }
    },
  };
}

/** The same run comes with every look. */
function onceEach(log: Logger): OnUnreadable {
  const told = new Set<string>();
  return ({ taskId, runId, keyId, error }) => {
    if (told.has(runId)) return;
    told.add(runId);
    log.warn(
      { task_id: taskId, run_id: runId, key_id: keyId, err: error },
      'a task cannot be read and is left out of the mirror',
    );
  };
}

async function projectUntilFinal(
  mirror: MirrorKeeper,
  source: VisibilitySource,
  followed: readonly TaskView[],
): Promise<void> {
  const deadline = performance.now() + FINAL_TIMEOUT_MS;
  let missing = followed;
  for (;;) {
    await projectOnce(mirror, source, { overlapMs: LATE_MS, fingerprintOf });
    missing = missing.filter((view) => !shows(mirror, view));
    if (missing.length === 0 || performance.now() > deadline) return;
    await delay(FINAL_POLL_MS);
  }
}

/** Whether the mirror has this end of the task, and not that of an earlier run. */
function shows(mirror: MirrorKeeper, view: TaskView): boolean {
  const task = getTask(mirror.get(), view.task_id);
  if (task?.status !== view.status) return false;
  return Date.parse(task.updated_at) >= Date.parse(view.updated_at);
}
