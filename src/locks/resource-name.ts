import { createHash } from 'node:crypto';
import { RekindleError } from '../domain/error-codes.ts';

/** Longest part of a name that its file shows, and longest name that its workflow's ID shows whole. */
const FILE_PREFIX = 40;
const WHOLE_ID_BYTES = 200;

/** @throws {RekindleError} `INVALID_INPUT`: any text may be a lock's name, but for none at all. */
export function checkName(name: unknown): asserts name is string {
  if (typeof name === 'string' && name !== '') return;
  throw new RekindleError('INVALID_INPUT', 'a resource lock needs a name: a text that is not empty', {
    hint: 'Any text will do, e.g. "database_connection" or a path.',
  });
}

/** A name for files: what of it is harmless, for people, and a hash, since that is never the whole truth. */
export function fileNameOf(name: string): string {
  const shown = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, FILE_PREFIX);
  return `${shown.replaceAll(/^-+|-+$/g, '') || 'lock'}-${hashOf(name)}`;
}

/** ID of the workflow of a lock. Very long names and those with control characters are shortened and hashed. */
export function lockWorkflowId(name: string): string {
  const plain = Buffer.byteLength(name) <= WHOLE_ID_BYTES && name.isWellFormed() && !/\p{Cc}/u.test(name);
  if (plain && !/~[0-9a-f]{20}$/.test(name)) return `lock/${name}`;
  return `lock/${shownName(name, FILE_PREFIX)}~${hashOf(name)}`;
}

/** A name for people: without control characters, and not longer than so many characters. */
export function shownName(name: string, length = 200): string {
  const clean = name.toWellFormed().replaceAll(/\p{Cc}/gu, ' ');
  return clean.length <= length ? clean : `${[...clean].slice(0, length - 1).join('')}…`;
}

/** Over UTF-16, where also what is no proper text differs from other such. */
function hashOf(name: string): string {
  return createHash('sha256').update(Buffer.from(name, 'utf16le')).digest('hex').slice(0, 20);
}
