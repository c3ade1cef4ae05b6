/**
 * Seals what must stand somewhere but may be read by nobody: sessions, the state of a login between two steps, the
 * codes that people answer with. AES-256-GCM, bound to its purpose.
 */
import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
import { RekindleError } from '../domain/error-codes.ts';
import { loginPurpose, sessionPurpose } from '../domain/login.ts';
import type { SealedSession, SessionData, SessionName } from '../domain/session.ts';
import type { EncryptionKey } from './encryption-settings.ts';
import { keyBytes } from './key-bytes.ts';
import { keyFileOf, makeKeyFile, readKeyFile } from './key-file.ts';
import type { SessionSettings } from './session-settings.ts';

const CIPHER = 'aes-256-gcm';
const IV_BYTES = 12;
const TAG_BYTES = 16;
/** The same key can never be taken for another use of it. */
const USE = 'rekindle vault 1';

interface Keys {
  readonly sealsWith: string;
  readonly byId: ReadonlyMap<string, KeyObject>;
}

/** Seals and unseals JSON. Keys are read when the first of both is asked for. */
export class Vault {
  readonly #read: () => readonly EncryptionKey[];
  #keys: Keys | undefined;

  /** @param read gives the keys: the first one seals, all unseal. */
  constructor(read: () => readonly EncryptionKey[]) {
    this.#read = read;
  }

  /** Seals a value. @param purpose what it is for; the same is needed to unseal it. */
  seal(value: unknown, purpose: string): SealedSession {
    const { sealsWith, byId } = this.#loaded();
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv(CIPHER, byId.get(sealsWith) as KeyObject, iv, { authTagLength: TAG_BYTES });
    cipher.setAAD(boundTo(sealsWith, purpose));
    const text = Buffer.concat([iv, cipher.update(JSON.stringify(value), 'utf8'), cipher.final()]);
    return { keyId: sealsWith, sealed: Buffer.concat([text, cipher.getAuthTag()]).toString('base64') };
  }

  /**
   * Opens what was sealed for the same purpose.
   * @throws {RekindleError} SECRET_UNREADABLE when its key is not here, or it is not what was sealed.
   */
  unseal({ keyId, sealed }: SealedSession, purpose: string): unknown {
    const { byId } = this.#loaded();
    const key = byId.get(keyId);
    if (!key) throw unknownKey(keyId, [...byId.keys()]);
    const bytes = Buffer.from(sealed, 'base64');
    try {
      const decipher = createDecipheriv(CIPHER, key, bytes.subarray(0, IV_BYTES), {
        authTagLength: TAG_BYTES,
      });
      decipher.setAAD(boundTo(keyId, purpose));
      decipher.setAuthTag(bytes.subarray(bytes.length - TAG_BYTES));
      const text = decipher.update(bytes.subarray(IV_BYTES, bytes.length - TAG_BYTES));
      return JSON.parse(Buffer.concat([text, decipher.final()]).toString('utf8'));
    } catch {
      throw changed(keyId);
    }
  }

  /** Seals what a login got. */
  sealSession(data: SessionData): SealedSession {
    return this.seal(data, sessionPurpose(data.name));
  }

  /** Opens the data of a session. @throws {RekindleError} SECRET_UNREADABLE */
  unsealSession(name: SessionName, sealed: SealedSession): SessionData {
    return this.unseal(sealed, sessionPurpose(name)) as SessionData;
  }

  /** Seals what only a login's own steps may read: its state, or the code that a person answers with. */
  sealForLogin(name: SessionName, value: unknown): SealedSession {
    return this.seal(value, loginPurpose(name));
  }

  /** Opens what was sealed by {@link sealForLogin}. @throws {RekindleError} SECRET_UNREADABLE */
  unsealForLogin(name: SessionName, sealed: SealedSession): unknown {
    return this.unseal(sealed, loginPurpose(name));
  }

  #loaded(): Keys {
    this.#keys ??= keysOf(this.#read());
    return this.#keys;
  }
}

/** Where a vault gets its keys from. */
export interface VaultOptions extends SessionSettings {
  readonly dataDir: string;
  /**
   * Whether the data directory gets a key of its own when nothing is configured. Only workers make one: with a client's
   * own key nobody could read what it seals.
   */
  readonly create: boolean;
}

/** Makes the vault of sessions: with the configured keys, else with the one of the data directory. */
export function openVault({ keys, dataDir, create }: VaultOptions): Vault {
  return new Vault(() => {
    const path = keyFileOf(dataDir);
    const local = keys.length === 0 && create ? makeKeyFile(path) : readKeyFile(path);
    const all = [...keys, ...(local ? [local] : [])];
    if (all.length > 0) return all;
    throw new RekindleError('SECRET_UNREADABLE', `there is no key for sessions: ${path} does not exist`, {
      hint: 'Use the data directory of the worker, or configure the same sessions.keys here and there.',
    });
  });
}

function keysOf(keys: readonly EncryptionKey[]): Keys {
  const [first] = keys;
  if (!first) throw new RekindleError('SECRET_UNREADABLE', 'there is no key for sessions');
  const byId = keys.map(({ id, key }) => [id, keyOf(id, key.reveal())] as const);
  return { sealsWith: first.id, byId: new Map(byId) };
}

function keyOf(id: string, text: string): KeyObject {
  const bytes = keyBytes(text);
  if (!bytes)
    throw new RekindleError('SECRET_UNREADABLE', `the key "${id}" of sessions is no key of 32 bytes`);
  return createSecretKey(bytes);
}

/** As JSON, so that no two places give the same bytes. */
function boundTo(keyId: string, purpose: string): Buffer {
  return Buffer.from(JSON.stringify([USE, keyId, purpose]));
}

function unknownKey(keyId: string, known: readonly string[]): RekindleError {
  return new RekindleError('SECRET_UNREADABLE', `it was sealed with the key "${keyId}", which is not here`, {
    hint: `Add it to sessions.keys after the first one, which seals; here are: ${known.join(', ')}. All workers and clients need the same keys.`,
  });
}

function changed(keyId: string): RekindleError {
  return new RekindleError(
    'SECRET_UNREADABLE',
    `what was sealed with the key "${keyId}" cannot be opened with it`,
    { hint: 'It was changed, or belongs to another account or purpose, or another key has this name.' },
  );
}
