import { randomUUID } from 'node:crypto';
import { type FileHandle, link, mkdir, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { RekindleError } from '../domain/error-codes.ts';
import { jsonChunks } from './json-chunks.ts';
import { fileStamp } from './local-time.ts';

/** The kinds of report, each with a directory of its name (SPEC section 5). */
export const REPORT_KINDS = ['failure_processing', 'failure_analysis'] as const;
export type ReportKind = (typeof REPORT_KINDS)[number];

/** A report's file name with its kind and time, for listing; names sort as they were written. */
export const REPORT_FILE = /^(failure_processing|failure_analysis)_(\d{8}_\d{6})(?:_(\d+))?\.json$/;

/** Reports of one second that get names of their own; more than that is a loop. */
const MOST_PER_SECOND = 1000;
/** Answers of file systems that have no hard links. */
const NO_LINKS = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK']);
/** Characters written, or bytes compared, together. */
const PIECE = 65_536;

/**
 * Writes a report to `<directory>/<kind>/<kind>_YYYYMMDD_HHMMSS.json`, atomically and durably: a reader sees all of it
 * or nothing. A second report of the same second gets `_2` and so on; the same report written again (an activity that
 * runs twice) is found and left as it is.
 * @param report JSON; lists of any length may be a `StreamedList`.
 * @param atMs time of the report, in ms since the epoch; the name shows it in this host's zone.
 * @returns the file's path.
 * @throws RekindleError NOT_WRITABLE, DISK_FULL
 */
export async function writeReport(
  directory: string,
  kind: ReportKind,
  report: object,
  atMs: number,
): Promise<string> {
  const folder = join(directory, kind);
  const temporary = join(folder, `.${kind}-${randomUUID()}.tmp`);
  try {
    await mkdir(folder, { recursive: true });
    await writeDurably(temporary, jsonChunks(report));
    return await giveName(temporary, join(folder, `${kind}_${fileStamp(atMs)}`));
  } catch (error) {
    throw reportError(error, folder);
  } finally {
    await rm(temporary, { force: true }).catch(() => undefined);
    await syncDirectory(folder);
  }
}

async function writeDurably(path: string, chunks: AsyncIterable<string>): Promise<void> {
  const file = await open(path, 'wx');
  try {
    let piece = '';
    for await (const chunk of chunks) {
      piece += chunk;
      if (piece.length < PIECE) continue;
      await file.appendFile(piece);
      piece = '';
    }
    await file.appendFile(`${piece}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function giveName(temporary: string, stem: string): Promise<string> {
  for (let n = 1; n <= MOST_PER_SECOND; n++) {
    const path = n === 1 ? `${stem}.json` : `${stem}_${n}.json`;
    if (await takeName(temporary, path)) return path;
    if (await sameContent(temporary, path)) return path;
  }
  throw new RekindleError('NOT_WRITABLE', `${MOST_PER_SECOND} reports are named ${stem} already`);
}

async function sameContent(pathA: string, pathB: string): Promise<boolean> {
  await using a = await open(pathA);
  await using b = await open(pathB);
  const [{ size }, other] = await Promise.all([a.stat(), b.stat()]);
  if (size !== other.size) return false;
  for (let at = 0; at < size; at += PIECE) {
    if (!(await pieceOf(a, at)).equals(await pieceOf(b, at))) return false;
  }
  return true;
}

async function pieceOf(file: FileHandle, position: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(PIECE), position });
  return buffer.subarray(0, bytesRead);
}

/** Unlike rename, link refuses a name that exists, whoever made it and when. */
async function takeName(temporary: string, path: string): Promise<boolean> {
  try {
    await link(temporary, path);
    return true;
  } catch (error) {
    const code = codeOf(error);
    if (code === 'EEXIST') return false;
    if (NO_LINKS.has(code)) return reserveName(temporary, path);
    throw error;
  }
}

async function reserveName(temporary: string, path: string): Promise<boolean> {
  try {
    await (await open(path, 'wx')).close();
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
  await rename(temporary, path);
  return true;
}

/** Best effort: not every platform opens directories. */
async function syncDirectory(folder: string): Promise<void> {
  const file = await open(folder, 'r').catch(() => undefined);
  await file?.sync().catch(() => undefined);
  await file?.close();
}

function reportError(error: unknown, folder: string): unknown {
  switch (codeOf(error)) {
    case 'ENOSPC':
    case 'EDQUOT':
      return new RekindleError('DISK_FULL', `no space left for the report in ${folder}`, {
        hint: 'Free some space; the next scan writes its report again.',
        cause: error,
        facts: { path: folder },
      });
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
    case 'ENOTDIR':
    case 'EEXIST':
      return new RekindleError(
        'NOT_WRITABLE',
        `the report cannot be written to ${folder} (${codeOf(error)})`,
        {
          hint: "Give the worker's user the right to write there.",
          cause: error,
          facts: { path: folder },
        },
      );
    default:
      return error;
  }
}

function codeOf(error: unknown): string {
  return String((error as { code?: unknown } | null)?.code ?? '');
}
