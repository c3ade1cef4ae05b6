import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { RekindleError } from '../domain/error-codes.ts';
import { isPlainObject, type JsonObject } from '../domain/json.ts';
import { REPORT_FILE, REPORT_KINDS, type ReportKind } from './write-report.ts';

/** A report file. */
export interface ReportEntry {
  /** Without `.json`. */
  readonly name: string;
  readonly kind: ReportKind;
  /** `2026-01-31T08:00:00`, in the zone of the host that wrote it. */
  readonly written_at: string;
  readonly bytes: number;
  /** Failures or failed tasks it is about; null when it is damaged. */
  readonly total: number | null;
  /** Its message or first insight; null when it has none. */
  readonly summary: string | null;
  /** What is wrong with the file; null: nothing. */
  readonly problem: string | null;
}

/** What {@link listReports} found. */
export interface ReportList {
  /** The newest first. */
  readonly reports: readonly ReportEntry[];
  /** Files that are no reports, as paths below the directory. */
  readonly foreign: readonly string[];
}

/** Which reports to list. */
export interface ReportFilter {
  /** @default both */
  readonly kind?: ReportKind | undefined;
  /** @default 20 */
  readonly limit?: number | undefined;
}

/** Lists the reports of a directory; a directory that is not there has none. Only the listed files are opened. */
export async function listReports(
  directory: string,
  { kind, limit = 20 }: ReportFilter = {},
): Promise<ReportList> {
  const { found, foreign } = await filesOf(directory, kind);
  const reports: ReportEntry[] = [];
  for (const file of found.slice(0, limit)) reports.push(await entryOf(directory, file));
  return { reports, foreign };
}

/** A report with its place. */
export interface StoredReport {
  readonly name: string;
  readonly kind: ReportKind;
  readonly path: string;
  readonly report: JsonObject;
  /** Newer ones that were passed over, each with what is wrong with it. */
  readonly damaged: readonly string[];
}

/**
 * Reads one report.
 * @param name as listed, with or without `.json`; `latest`: the newest that is sound. Never a path: it cannot lead out of
 *   the directory.
 * @throws {RekindleError} INVALID_INPUT when there is no such report, or it is damaged.
 */
export async function loadReport(
  directory: string,
  name: string,
  kind?: ReportKind | undefined,
): Promise<StoredReport> {
  return name === 'latest' ? loadLatest(directory, kind) : loadNamed(directory, name, kind);
}

const HINT = '`rekindle report list` shows the reports there are.';

async function loadNamed(
  directory: string,
  name: string,
  kind: ReportKind | undefined,
): Promise<StoredReport> {
  const file = fileOf(name.endsWith('.json') ? name : `${name}.json`);
  if (!file || (kind && file.kind !== kind))
    throw new RekindleError('INVALID_INPUT', `"${name}" is no report's name`, { hint: HINT });
  const path = join(directory, file.kind, file.fileName);
  const read = await readReport(path, file.kind);
  if ('report' in read) return { name: file.name, kind: file.kind, path, report: read.report, damaged: [] };
  throw new RekindleError('INVALID_INPUT', `the report ${file.name} ${read.problem}`, { hint: HINT });
}

async function loadLatest(directory: string, kind: ReportKind | undefined): Promise<StoredReport> {
  const damaged: string[] = [];
  const { found } = await filesOf(directory, kind);
  for (const { fileName, name, kind: ofKind } of found) {
    const path = join(directory, ofKind, fileName);
    const read = await readReport(path, ofKind);
    if ('report' in read) return { name, kind: ofKind, path, report: read.report, damaged };
    damaged.push(`${name} ${read.problem}`);
  }
  const what = damaged.length > 0 ? `no sound report (${damaged.join('; ')})` : 'no report yet';
  throw new RekindleError('INVALID_INPUT', `there is ${what} in ${directory}`, {
    hint: 'A scan writes one when tasks have failed; `rekindle report analyse` writes one now.',
  });
}

interface ReportFile {
  readonly fileName: string;
  readonly name: string;
  readonly kind: ReportKind;
  /** `20260131_080000` */
  readonly stamp: string;
  /** Of several in one second. */
  readonly number: number;
}

function fileOf(fileName: string): ReportFile | undefined {
  const match = REPORT_FILE.exec(fileName);
  if (!match) return undefined;
  const [, kind, stamp = '', number = '1'] = match;
  return {
    fileName,
    name: fileName.slice(0, -'.json'.length),
    kind: kind as ReportKind,
    stamp,
    number: Number(number),
  };
}

async function filesOf(
  directory: string,
  kind: ReportKind | undefined,
): Promise<{ readonly found: ReportFile[]; readonly foreign: string[] }> {
  const found: ReportFile[] = [];
  const foreign: string[] = [];
  for (const folder of REPORT_KINDS.filter((one) => kind === undefined || one === kind)) {
    for (const fileName of await namesIn(join(directory, folder))) {
      const file = fileOf(fileName);
      if (file?.kind === folder) found.push(file);
      // What is being written has a name that starts with a dot.
      else if (!fileName.startsWith('.')) foreign.push(`${folder}/${fileName}`);
    }
  }
  const newest = (a: ReportFile, b: ReportFile) =>
    a.stamp === b.stamp ? b.number - a.number : a.stamp < b.stamp ? 1 : -1;
  return { found: found.sort(newest), foreign: foreign.sort() };
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === 'ENOENT' || code === 'ENOTDIR') return [];
    throw error;
  }
}

async function entryOf(directory: string, file: ReportFile): Promise<ReportEntry> {
  const path = join(directory, file.kind, file.fileName);
  const [read, bytes] = await Promise.all([
    readReport(path, file.kind),
    stat(path).then(
      ({ size }) => size,
      () => 0,
    ),
  ]);
  const entry = { name: file.name, kind: file.kind, written_at: isoOf(file.stamp), bytes };
  if ('problem' in read) return { ...entry, total: null, summary: null, problem: read.problem };
  const { report } = read;
  const insights = Array.isArray(report.insights) ? report.insights : [];
  return {
    ...entry,
    total: report[TOTAL_OF[file.kind]] as number,
    summary: textOrNull(report.message) ?? textOrNull(insights[0]),
    problem: null,
  };
}

/** The number that every report of a kind has. */
const TOTAL_OF = {
  failure_processing: 'total_processed',
  failure_analysis: 'total_failures',
} as const satisfies Record<ReportKind, string>;

async function readReport(
  path: string,
  kind: ReportKind,
): Promise<{ readonly report: JsonObject } | { readonly problem: string }> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    const { code } = error as { code?: string };
    return { problem: code === 'ENOENT' ? 'does not exist' : `cannot be read (${code})` };
  }
  try {
    const report: unknown = JSON.parse(text);
    if (isPlainObject(report) && typeof report[TOTAL_OF[kind]] === 'number')
      return { report: report as JsonObject };
    return { problem: `is no ${kind} report` };
  } catch {
    return { problem: 'is damaged: no valid JSON' };
  }
}

function isoOf(stamp: string): string {
  return stamp.replace(/^(\d{4})(\d\d)(\d\d)_(\d\d)(\d\d)(\d\d)$/, '$1-$2-$3T$4:$5:$6');
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
