import { createHash, type Hash } from 'node:crypto';
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { RekindleError } from '../domain/error-codes.ts';
import type { PartFile, Source } from '../domain/video-download.ts';
import { onDisk } from './disk-error.ts';
import { hashFile } from './hash-file.ts';
import { discardPart } from './part-file.ts';

/**
 * Checks that the part file is the whole, right file: its length, and its checksum when the user (SHA-256)
 * or a server header gives one. A part file with a wrong checksum is removed: going on from it
 * would give the same wrong file again.
 * @param input.bytes length of the file
 * @param input.sha256 what the user expects, hex; it wins over the server's
 * @returns the file's SHA-256 when it was computed, else null
 * @throws RekindleError LENGTH_MISMATCH, CHECKSUM_MISMATCH; the signal's reason
 */
export async function verifyPart(input: {
  readonly part: PartFile;
  readonly bytes: number;
  readonly source: Source;
  readonly sha256?: string;
  readonly signal: AbortSignal;
}): Promise<{ sha256: string | null }> {
  const { part, source, signal } = input;
  const expected =
    input.sha256 === undefined
      ? source.digest
      : { algorithm: 'sha256' as const, value: input.sha256.toLowerCase() };
  const hash = expected === null ? null : createHash(expected.algorithm);
  const length = await readThrough(part, hash, signal);
  if (length !== input.bytes) {
    throw new RekindleError(
      'LENGTH_MISMATCH',
      `${part.partPath} has ${length} bytes instead of ${input.bytes}`,
    );
  }
  if (hash === null || expected === null) return { sha256: null };
  const actual = hash.digest('hex');
  if (actual !== expected.value) {
    await discardPart(part);
    throw checksumMismatch(part, expected, actual, input.sha256 !== undefined);
  }
  return { sha256: expected.algorithm === 'sha256' ? actual : null };
}

/** The file's length; its bytes go through `hash` when there is one. */
async function readThrough(part: PartFile, hash: Hash | null, signal: AbortSignal): Promise<number> {
  return onDisk(part.partPath, async () => {
    const file = await open(part.partPath, constants.O_RDONLY | constants.O_NOFOLLOW);
    try {
      const { size } = await file.stat();
      if (hash !== null) await hashFile(file, hash, signal);
      return size;
    } finally {
      await file.close();
    }
  });
}

function checksumMismatch(
  part: PartFile,
  expected: { algorithm: string; value: string },
  actual: string,
  fromUser: boolean,
): RekindleError {
  const origin = fromUser ? 'the expected' : "the server's";
  return new RekindleError(
    'CHECKSUM_MISMATCH',
    `${part.targetPath} has the ${expected.algorithm} ${actual}, not ${origin} ${expected.value}`,
    {
      hint: fromUser
        ? 'Check the sum you gave; the file was not kept.'
        : 'The server may be broken; the file was not kept.',
      facts: { algorithm: expected.algorithm, expected: expected.value, actual },
    },
  );
}
