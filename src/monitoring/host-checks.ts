/** What the health check looks at on this host. */
import { accessSync, constants, existsSync, mkdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { HealthTexts } from './health-texts.ts';

/** What was found of one thing. */
export interface Found {
  readonly ok: boolean;
  readonly detail: string;
}

/** Less than this and downloads, backups and the engine's file are about to fail. */
export const LOW_SPACE_BYTES = 1024 ** 3;
const GIB = 1024 ** 3;
/** The documented log files; they may be there with other permissions than their directory. */
const LOG_FILES = ['admin_alerts.log', 'user_notifications.log'];

/** Free space where the data directory is, or will be. */
export function checkDiskSpace(directory: string, texts: HealthTexts): Found {
  try {
    let place = directory;
    while (!existsSync(place) && dirname(place) !== place) place = dirname(place);
    const { bavail, bsize } = statfsSync(place);
    const free = (bavail * bsize) / GIB;
    const shown = free.toFixed(1);
    return bavail * bsize >= LOW_SPACE_BYTES
      ? { ok: true, detail: texts.diskFree(shown) }
      : { ok: false, detail: texts.diskLow(shown, (LOW_SPACE_BYTES / GIB).toFixed(1)) };
  } catch (error) {
    return { ok: false, detail: texts.diskUnknown((error as Error).message) };
  }
}

/** Tries to write, since permissions alone do not tell (read-only mounts, quotas, a file in the directory's place). */
export function checkLogDirectory(directory: string, texts: HealthTexts): Found {
  let path = directory;
  try {
    mkdirSync(directory, { recursive: true });
    const probe = join(directory, `.health-${process.pid}`);
    writeFileSync(probe, '');
    rmSync(probe);
    for (const name of LOG_FILES) {
      path = join(directory, name);
      if (existsSync(path)) accessSync(path, constants.W_OK);
    }
    return { ok: true, detail: texts.logsOk(directory) };
  } catch (error) {
    return { ok: false, detail: texts.logsNotWritable(path, codeOf(error)) };
  }
}

function codeOf(error: unknown): string {
  return (error as { code?: string }).code ?? String(error);
}
