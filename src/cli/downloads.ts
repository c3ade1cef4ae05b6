import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { type DownloadRequest, downloadInput } from '../client/download-input.ts';
import { RekindleError } from '../domain/error-codes.ts';
import type { GlobalOptions } from './context.ts';
import { parseBytes } from './render/amounts.ts';

/** Options of `rekindle download`, as the command line gives them. */
export interface DownloadOptions extends GlobalOptions {
  readonly to?: string;
  readonly name?: string;
  readonly sha256?: string;
  readonly connections?: string;
  readonly limitRate?: string;
  readonly input?: string;
  readonly session?: string;
  readonly maxBytes?: string;
  readonly maxDuration?: string;
  readonly force?: boolean;
  readonly detach?: boolean;
}

/**
 * What a command line asks to download, all of it validated before anything is started.
 * @throws {RekindleError} INVALID_INPUT or INVALID_URL; with several URLs, naming every one that is wrong.
 */
export async function requestsOf(
  urls: readonly string[],
  options: DownloadOptions,
): Promise<DownloadRequest[]> {
  const all = [...urls, ...(options.input ? await readUrls(options.input) : [])];
  if (all.length === 0) throw usage('no URL was given', 'Give one or more URLs, or --input FILE.');
  const unique = [...new Set(all)];
  if (unique.length > 1 && (options.name || options.sha256)) {
    throw usage('--name and --sha256 are for one URL only', 'Download such files one by one.');
  }
  const common = commonOf(options);
  const requests = unique.map((url) => ({ ...common, url }));
  const problems = requests.flatMap((request) => problemOf(request) ?? []);
  if (problems.length === 1 && problems[0]) throw problems[0];
  if (problems.length > 1) {
    throw usage(
      problems.map((problem) => problem.message).join('\n  '),
      'Correct these; nothing was started.',
    );
  }
  return requests;
}

function problemOf(request: DownloadRequest): RekindleError | undefined {
  try {
    downloadInput(request);
    return undefined;
  } catch (error) {
    return error as RekindleError;
  }
}

function commonOf(options: DownloadOptions): Omit<DownloadRequest, 'url'> {
  const { to, name, sha256, connections, limitRate, session, maxBytes, maxDuration, force } = options;
  return {
    ...(to === undefined ? {} : { to }),
    ...(name === undefined ? {} : { name }),
    ...(sha256 === undefined ? {} : { sha256 }),
    ...(connections === undefined ? {} : { connections: Number(connections) }),
    ...(limitRate === undefined ? {} : { limitRate: rateOf(limitRate) }),
    ...(session === undefined ? {} : { session }),
    ...(maxBytes === undefined ? {} : { maxBytes: sizeOf(maxBytes) }),
    ...(maxDuration === undefined ? {} : { maxDurationMs: Number(maxDuration) * 1000 }),
    ...(force === undefined ? {} : { force }),
  };
}

function rateOf(text: string): number {
  const rate = parseBytes(text);
  if (rate === undefined) throw usage(`--limit-rate ${text} is no rate`, 'Write it like 800000, 500k or 2M.');
  return rate;
}

function sizeOf(text: string): number {
  const bytes = parseBytes(text);
  if (bytes === undefined) throw usage(`--max-bytes ${text} is no size`, 'Write it like 800000, 500M or 2G.');
  return Math.floor(bytes);
}

/** URLs of a file, one a line; empty lines and those that start with # are passed over. */
async function readUrls(file: string): Promise<string[]> {
  const input = file === '-' ? process.stdin : createReadStream(file);
  const urls: string[] = [];
  try {
    for await (const line of createInterface({ input })) {
      const text = line.trim();
      if (text && !text.startsWith('#')) urls.push(text);
    }
  } catch (error) {
    throw usage(`--input ${file} cannot be read: ${(error as Error).message}`, 'Check the path.');
  }
  return urls;
}

function usage(message: string, hint: string): RekindleError {
  return new RekindleError('INVALID_INPUT', message, { hint });
}
