import { createHash } from 'node:crypto';
import { createReadStream, statSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { onTestFinished } from 'vitest';
import type { PublishedFile, TransferResult } from '../../src/domain/video-download.ts';
import {
  type HttpSettings,
  probeSource,
  publishPart,
  reservePart,
  type TransferInput,
  type TransferProgress,
  transfer,
  verifyPart,
} from '../../src/download/index.ts';
import { MisbehavingServer } from '../support/misbehaving-server.ts';

export const MIB = 1024 * 1024;
export const HTTP: HttpSettings = { stallTimeoutMs: 5000, connectTimeoutMs: 2000, maxRedirects: 5 };
export const NEVER = new AbortController().signal;

/** A server that is closed after the test. */
export async function startServer(): Promise<MisbehavingServer> {
  const server = await MisbehavingServer.start();
  onTestFinished(() => server.close());
  return server;
}

export interface Downloaded extends TransferResult {
  readonly file: PublishedFile;
  readonly sha256: string | null;
  readonly progress: TransferProgress;
}

/** All steps of a download, one after the other. */
export async function download(
  url: string,
  directory: string,
  options: Partial<Pick<TransferInput, 'connections' | 'limitRate' | 'http' | 'signal' | 'owner'>> & {
    fileName?: string;
    sha256?: string;
    force?: boolean;
    onProgress?: (progress: TransferProgress) => void;
  } = {},
): Promise<Downloaded> {
  const { http = HTTP, signal = NEVER, owner = 'task', force = false, sha256, fileName } = options;
  let progress: TransferProgress | undefined;
  const onProgress = (next: TransferProgress): void => {
    progress = next;
    options.onProgress?.(next);
  };
  const source = await probeSource(url, http, signal);
  const { part } = await reservePart({
    source,
    directory,
    owner,
    force,
    ...(fileName === undefined ? {} : { fileName }),
  });
  const { connections = 4, limitRate } = options;
  const limit = limitRate === undefined ? {} : { limitRate };
  const done = await transfer({ source, part, owner, connections, ...limit, http, signal, onProgress });
  const { bytes } = done;
  const expected = sha256 === undefined ? {} : { sha256 };
  const verified = await verifyPart({ part, bytes, source: done.source, signal, ...expected });
  const file = await publishPart({ part, bytes, force });
  if (progress === undefined) throw new Error('no progress was reported');
  return { ...done, ...verified, file, progress };
}

export async function fileSha256(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

export function exists(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined;
}
