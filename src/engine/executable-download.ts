/** Fetches a released `temporal` executable from where Temporal's SDKs fetch it (their `cached-download`). */
import { createWriteStream } from 'node:fs';
import { chmod, mkdir, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { runTool } from './run-tool.ts';

const DOWNLOAD_SERVICE = 'https://temporal.download';

/** The service answers at once or is out of reach; waiting longer only delays the next way. */
const ANSWER_TIMEOUT_MS = 5_000;
/** A whole archive (about 50 MB). */
const ARCHIVE_TIMEOUT_MS = 300_000;
const UNPACK_TIMEOUT_MS = 60_000;

export interface DownloadOptions {
  readonly service?: string;
  readonly say: (line: string) => void;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Downloads and unpacks the executable to `target`; `workDir` is an empty directory on the same disk.
 * @throws {Error} when the service is out of reach, has none for this machine, or the archive is no good.
 */
export async function downloadExecutable(
  version: string,
  target: string,
  workDir: string,
  options: DownloadOptions,
): Promise<void> {
  const service = options.service ?? DOWNLOAD_SERVICE;
  options.say(`asking ${service} for the Temporal CLI ${version}`);
  const place = await askForArchive(service, version, options.signal);
  options.say(`downloading ${place.archiveUrl}`);
  const archive = join(workDir, place.archiveUrl.endsWith('.zip') ? 'archive.zip' : 'archive.tar.gz');
  await fetchTo(place.archiveUrl, archive, options.signal);
  // tar is on Linux, macOS and Windows 10; there it unpacks zip as well.
  const unpacked = await runTool('tar', ['-xf', archive, '-C', workDir, place.fileToExtract], {
    timeoutMs: UNPACK_TIMEOUT_MS,
  });
  if (unpacked.code !== 0) throw new Error(`the archive cannot be unpacked: ${unpacked.stderr.trim()}`);
  await mkdir(dirname(target), { recursive: true });
  await chmod(join(workDir, place.fileToExtract), 0o755);
  await rename(join(workDir, place.fileToExtract), target);
}

interface ArchivePlace {
  readonly archiveUrl: string;
  readonly fileToExtract: string;
}

async function askForArchive(
  service: string,
  version: string,
  signal: AbortSignal | undefined,
): Promise<ArchivePlace> {
  const url = new URL(`/cli/${version}`, service);
  url.searchParams.set('arch', process.arch === 'x64' ? 'amd64' : process.arch);
  url.searchParams.set('platform', process.platform === 'win32' ? 'windows' : process.platform);
  const response = await get(url.href, ANSWER_TIMEOUT_MS, signal);
  const { archiveUrl, fileToExtract } = (await response.json()) as Partial<ArchivePlace>;
  if (typeof archiveUrl !== 'string' || typeof fileToExtract !== 'string')
    throw new Error(`${url.href} gave an answer that names no archive`);
  // The name goes into a path below our own directory.
  if (!/^[\w.-]+$/.test(fileToExtract) || fileToExtract.startsWith('.'))
    throw new Error(`${url.href} names an odd file: ${fileToExtract}`);
  return { archiveUrl, fileToExtract };
}

async function fetchTo(url: string, file: string, signal: AbortSignal | undefined): Promise<void> {
  const response = await get(url, ARCHIVE_TIMEOUT_MS, signal);
  if (!response.body) throw new Error(`${url} gave an empty answer`);
  await pipeline(Readable.fromWeb(response.body), createWriteStream(file));
}

async function get(url: string, timeoutMs: number, signal: AbortSignal | undefined): Promise<Response> {
  const timeout = AbortSignal.timeout(timeoutMs);
  const either = signal ? AbortSignal.any([signal, timeout]) : timeout;
  let response: Response;
  try {
    response = await fetch(url, { signal: either });
  } catch (error) {
    signal?.throwIfAborted();
    const { cause } = error as Error;
    throw new Error(`${url} is out of reach: ${cause instanceof Error ? cause.message : String(error)}`);
  }
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  return response;
}
