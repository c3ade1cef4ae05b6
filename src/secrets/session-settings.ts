/** The section `sessions:` of rekindle.yaml. */
import { z } from 'zod';
import { isPlainObject } from '../domain/json.ts';
import { type EncryptionKey, keyProblems, keysSchema } from './encryption-settings.ts';
import { type ReadReference, resolved } from './references.ts';
import { Secret } from './secret.ts';

/** Schema of the section. `sessionProblems` sees what the schema cannot. */
export const sessionsSchema = z.strictObject({
  /** The first one seals, all unseal. */
  keys: z.array(keysSchema).default([]),
});
export type SessionsFile = z.infer<typeof sessionsSchema>;

/** The section as the program uses it. */
export interface SessionSettings {
  /** The first one seals, all unseal; none: one that is made once for the data directory. */
  readonly keys: readonly EncryptionKey[];
}

/** Makes settings of the section. */
export function sessionSettings({ keys }: SessionsFile, read: ReadReference): SessionSettings {
  return { keys: keys.map(({ id, key }) => ({ id, key: new Secret(resolved(key, read)) })) };
}

/** What is wrong with keys, names and references. @param raw whatever stands under `sessions`. */
export function sessionProblems(raw: unknown, read: ReadReference): (readonly [string, string])[] {
  if (!isPlainObject(raw) || !Array.isArray(raw.keys)) return [];
  return keyProblems(raw.keys, read, 'sessions.keys');
}
