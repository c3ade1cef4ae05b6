/** The section `encryption:` of rekindle.yaml. */
import { z } from 'zod';
import { isPlainObject } from '../domain/json.ts';
import { KEY_BYTES, keyBytes } from './key-bytes.ts';
import { REFERENCE, type ReadReference, resolved } from './references.ts';
import { Secret } from './secret.ts';

const reference = z
  .string()
  .regex(REFERENCE, 'a secret does not stand in this file: give it as env:NAME or file:PATH');
const id = z.string().regex(/^[\w.-]{1,64}$/, 'an id has letters, digits, _ . - only, 64 at most');

const codecServer = z.strictObject({
  /** Address to listen on. */
  host: z.union([z.literal('localhost'), z.ipv4(), z.ipv6()]).default('127.0.0.1'),
  port: z.number().int().min(1).max(65535).default(8234),
  token: reference.optional(),
  /** Origins of Web UIs that may ask, e.g. `https://temporal.example.com`. */
  origins: z
    .array(z.string().refine((text) => URL.parse(text)?.origin === text, 'is no origin: https://host[:port]'))
    .default([]),
});

/** A key with its name. */
export const keysSchema = z.strictObject({ id, key: reference });

/** Schema of the section; being there switches encryption on. `encryptionProblems` sees what the schema cannot. */
export const encryptionSchema = z.strictObject({
  /** The first one encrypts, all decrypt. */
  keys: z.array(keysSchema).min(1, 'name at least one key: {id, key}'),
  /** Whether data that is not encrypted is read, e.g. from before encryption was switched on. */
  accept_plain: z.boolean().default(true),
  codec_server: codecServer.prefault({}),
});
export type EncryptionFile = z.infer<typeof encryptionSchema>;

/** The section as the program uses it. */
export interface EncryptionSettings {
  /** The first one encrypts, all decrypt. */
  readonly keys: readonly EncryptionKey[];
  /** Whether data that is not encrypted is read as it is. */
  readonly acceptPlain: boolean;
  readonly codecServer: {
    /** Address to listen on. */
    readonly host: string;
    readonly port: number;
    /** null: the codec server may not be started. */
    readonly token: Secret | null;
    /** Beside the Web UI of the embedded engine. */
    readonly origins: readonly string[];
  };
}

/** A key with its name, which stands in clear beside everything that it encrypts. */
export interface EncryptionKey {
  readonly id: string;
  /** 32 bytes as hex or base64. */
  readonly key: Secret;
}

/** A token that can be guessed is none. */
const SHORTEST_TOKEN = 16;

/** Makes settings of the section; null: nothing is encrypted. */
export function encryptionSettings(
  file: EncryptionFile | undefined,
  read: ReadReference,
): EncryptionSettings | null {
  if (!file) return null;
  const { host, port, token, origins } = file.codec_server;
  return {
    keys: file.keys.map(({ id, key }) => ({ id, key: new Secret(resolved(key, read)) })),
    acceptPlain: file.accept_plain,
    codecServer: {
      host,
      port,
      token: token === undefined ? null : new Secret(resolved(token, read)),
      origins,
    },
  };
}

/**
 * What is wrong with keys, names and references. It looks at the section as it was read, so that these problems are
 * told together with those of the schema.
 * @param raw whatever stands under `encryption`.
 * @returns each problem with its key.
 */
export function encryptionProblems(raw: unknown, read: ReadReference): (readonly [string, string])[] {
  if (!isPlainObject(raw)) return [];
  const keys = Array.isArray(raw.keys) ? raw.keys : [];
  const server = isPlainObject(raw.codec_server) ? raw.codec_server : {};
  return [...keyProblems(keys, read, 'encryption.keys'), ...tokenProblems(server.token, read)];
}

/** What is wrong with a list of keys. @param section key of the list in the configuration. */
export function keyProblems(
  keys: readonly unknown[],
  read: ReadReference,
  section: string,
): (readonly [string, string])[] {
  const seen = new Set<unknown>();
  return keys.flatMap((one, i) => {
    const { id, key } = isPlainObject(one) ? one : {};
    const place = `${section}.${i}`;
    const twice = id !== undefined && seen.has(id) ? [[`${place}.id`, `${id} is named twice`] as const] : [];
    seen.add(id);
    const found = foundAt(key, read);
    if (found === undefined) return twice;
    const problem = 'problem' in found ? found.problem : keyProblem(found.value);
    return problem === undefined ? twice : [...twice, [`${place}.key`, `key "${id}": ${problem}`] as const];
  });
}

function keyProblem(text: string): string | undefined {
  if (keyBytes(text)) return undefined;
  return `a key is ${KEY_BYTES} bytes as base64 (44 characters) or hex (64 digits), this one is neither; make one with: openssl rand -base64 ${KEY_BYTES}`;
}

function tokenProblems(token: unknown, read: ReadReference): (readonly [string, string])[] {
  const found = foundAt(token, read);
  if (found === undefined) return [];
  const place = 'encryption.codec_server.token';
  if ('problem' in found) return [[place, found.problem]];
  if (found.value.length >= SHORTEST_TOKEN && /^[\x21-\x7e]+$/.test(found.value)) return [];
  return [
    [
      place,
      `a token has ${SHORTEST_TOKEN} printable characters or more, without spaces; make one with: openssl rand -hex 24`,
    ],
  ];
}

/** What a reference stands for, or why it stands for nothing; undefined: it is none, which the schema tells. */
function foundAt(
  text: unknown,
  read: ReadReference,
): { readonly value: string } | { readonly problem: string } | undefined {
  if (typeof text !== 'string' || !REFERENCE.test(text)) return undefined;
  try {
    return { value: resolved(text, read) };
  } catch (error) {
    return { problem: (error as Error).message };
  }
}
