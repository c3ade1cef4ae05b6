/** What an encrypted payload looks like, and what is said of one that cannot be read. */
import type { Payload } from '@temporalio/common';
import { RekindleError } from '../domain/error-codes.ts';

/** As in Temporal's own examples: tools that know these find their way. */
export const ENCODING = 'encoding';
export const ENCRYPTED = 'binary/encrypted';
export const KEY_ID = 'encryption-key-id';

const utf8 = new TextDecoder();

export function textOf(bytes: Uint8Array | undefined): string {
  return bytes ? utf8.decode(bytes) : '';
}

export function encodingOf({ metadata }: Payload): string {
  return textOf(metadata?.[ENCODING]);
}

export function keyIdOf({ metadata }: Pick<Payload, 'metadata'>): string {
  return textOf(metadata?.[KEY_ID]);
}

/** @param known IDs of the keys that are configured. */
export function unknownKey(keyId: string, known: readonly string[]): RekindleError {
  const name = /^[\w.-]{1,64}$/.test(keyId) ? `the key "${keyId}"` : 'a key without a proper name';
  const there = known.length > 0 ? known.join(', ') : 'none';
  return unreadable(
    `is encrypted with ${name}, which is not configured`,
    `Add it to encryption.keys; the first one there encrypts, all decrypt. Configured: ${there}.`,
  );
}

export function unreadable(why: string, hint: string): RekindleError {
  return new RekindleError('PAYLOAD_UNREADABLE', `a payload of Temporal ${why}`, { hint });
}
