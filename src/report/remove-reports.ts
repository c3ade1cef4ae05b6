import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { REPORT_FILE, REPORT_KINDS } from './write-report.ts';

/** What is left of a report, or of a scan's pages, that was never finished. */
const UNFINISHED_REPORT = /^\.failure_(?:processing|analysis)-[\w-]+\.tmp$/;
const UNFINISHED_SCAN = /^\.scan-/;

/** What was removed. */
export interface ReportsRemoved {
  readonly reports: number;
  readonly unfinished: number;
}

/**
 * Removes reports written before a moment, and what unfinished ones left that has not been touched since another. Files
 * with other names are not ours.
 * @param directory `reports/` of the data directory. Moments in ms since the epoch.
 */
export async function removeReports(
  directory: string,
  { beforeMs, unfinishedBeforeMs }: { readonly beforeMs: number; readonly unfinishedBeforeMs: number },
): Promise<ReportsRemoved> {
  let reports = 0;
  let unfinished = await removeOld(directory, UNFINISHED_SCAN, unfinishedBeforeMs);
  for (const kind of REPORT_KINDS) {
    reports += await removeOld(join(directory, kind), REPORT_FILE, beforeMs);
    unfinished += await removeOld(join(directory, kind), UNFINISHED_REPORT, unfinishedBeforeMs);
  }
  return { reports, unfinished };
}

async function removeOld(directory: string, names: RegExp, beforeMs: number): Promise<number> {
  let removed = 0;
  for (const name of await namesIn(directory)) {
    if (!names.test(name)) continue;
    const path = join(directory, name);
    const touchedMs = await stat(path).then(
      ({ mtimeMs }) => mtimeMs,
      () => Number.POSITIVE_INFINITY,
    );
    if (touchedMs >= beforeMs) continue;
    await rm(path, { recursive: true, force: true });
    removed += 1;
  }
  return removed;
}

async function namesIn(directory: string): Promise<string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
