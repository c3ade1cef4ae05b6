/**
 * Encrypts everything that tasks, workflows and activities say to each other through Temporal, so that its server and
 * its database hold nothing readable. Why it is bound as it is: docs/decisions/0009-encryption.md.
 */
import {
  createCipheriv,
  createDecipheriv,
  createSecretKey,
  type KeyObject,
  randomFillSync,
} from 'node:crypto';
import type { Payload, PayloadCodec, SerializationContext } from '@temporalio/common';
import proto from '@temporalio/proto';
import { RekindleError } from '../domain/error-codes.ts';
import {
  ENCODING,
  ENCRYPTED,
  encodingOf,
  KEY_ID,
  textOf,
  unknownKey,
  unreadable,
} from './encrypted-payload.ts';
import type { EncryptionSettings } from './encryption-settings.ts';
import { keyBytes } from './key-bytes.ts';

/** What the codec needs to know beside keys. */
export interface CodecOptions {
  /** Namespace of payloads that come without a context. */
  readonly namespace: string;
  /**
   * Whether a payload may be read in the name of a workflow that it does not belong to. Only for tools that replay
   * histories under other names. @default false
   */
  readonly anyWorkflow?: boolean;
}

/** The workflow that the payload belongs to; none: any of the namespace. */
const WORKFLOW = 'encryption-workflow-id';
/** A payload without content: encrypting it would hide nothing, and the server removes memo fields by it. */
const NULL = 'binary/null';

const CIPHER = 'aes-256-gcm';
const IV_BYTES = 12;
const TAG_BYTES = 16;
/** Says what the bound data is about: the same key can never be taken for another purpose. */
const PURPOSE = 'rekindle payload 1';

const { Payload: PayloadMessage } = proto.temporal.api.common.v1;

/** AES-256-GCM over whole payloads, bound to their namespace and, where it is known, their workflow. */
export class EncryptingCodec implements PayloadCodec {
  readonly #keys: ReadonlyMap<string, KeyObject>;
  readonly #encryptsWith: string;
  readonly #acceptPlain: boolean;
  readonly #options: CodecOptions;

  /** @throws {RekindleError} INVALID_CONFIG when a key is none. */
  constructor(
    { keys, acceptPlain }: Pick<EncryptionSettings, 'keys' | 'acceptPlain'>,
    options: CodecOptions,
  ) {
    const [first] = keys;
    if (!first) throw new RekindleError('INVALID_CONFIG', 'encryption has no key');
    this.#keys = new Map(keys.map(({ id, key }) => [id, keyOf(id, key.reveal())]));
    this.#encryptsWith = first.id;
    this.#acceptPlain = acceptPlain;
    this.#options = options;
  }

  async encode(payloads: Payload[], context?: SerializationContext): Promise<Payload[]> {
    const owner = ownerOf(context);
    const namespace = context?.namespace ?? this.#options.namespace;
    return payloads.map((payload) =>
      encodingOf(payload) === NULL ? payload : this.#encrypt(payload, namespace, owner),
    );
  }

  /** @throws {RekindleError} PAYLOAD_UNREADABLE when a key is missing, or the payload is not what was encrypted. */
  async decode(payloads: Payload[], context?: SerializationContext): Promise<Payload[]> {
    const owner = this.#options.anyWorkflow ? null : ownerOf(context);
    const namespace = context?.namespace ?? this.#options.namespace;
    return payloads.map((payload) => {
      const encoding = encodingOf(payload);
      if (encoding === ENCRYPTED) return this.#decrypt(payload, namespace, owner);
      if (this.#acceptPlain || encoding === NULL) return payload;
      throw unreadable('is not encrypted', 'Such data is read again with encryption.accept_plain: true.');
    });
  }

  #encrypt(payload: Payload, namespace: string, owner: string | null): Payload {
    const keyId = this.#encryptsWith;
    const plain = PayloadMessage.encode(payload).finish();
    // Of its own memory, not of Node's pool: what goes to a workflow's thread is copied with all that it shares.
    const data = Buffer.allocUnsafeSlow(IV_BYTES + plain.length + TAG_BYTES);
    const iv = randomFillSync(data.subarray(0, IV_BYTES));
    const cipher = createCipheriv(CIPHER, this.#keys.get(keyId) as KeyObject, iv, {
      authTagLength: TAG_BYTES,
    });
    cipher.setAAD(boundTo(keyId, namespace, owner));
    data.set(cipher.update(plain), IV_BYTES);
    cipher.final();
    data.set(cipher.getAuthTag(), IV_BYTES + plain.length);
    return {
      metadata: {
        [ENCODING]: Buffer.from(ENCRYPTED),
        [KEY_ID]: Buffer.from(keyId),
        ...(owner === null ? {} : { [WORKFLOW]: Buffer.from(owner) }),
      },
      data,
    };
  }

  #decrypt({ metadata, data }: Payload, namespace: string, expected: string | null): Payload {
    const keyId = textOf(metadata?.[KEY_ID]);
    const key = this.#keys.get(keyId);
    if (!key) throw unknownKey(keyId, [...this.#keys.keys()]);
    const said = metadata?.[WORKFLOW];
    const owner = said ? textOf(said) : null;
    if (owner !== null && expected !== null && owner !== expected) throw ofAnother(keyId);
    if (!data || data.length < IV_BYTES + TAG_BYTES) throw changed(keyId);
    try {
      const decipher = createDecipheriv(CIPHER, key, data.subarray(0, IV_BYTES), {
        authTagLength: TAG_BYTES,
      });
      decipher.setAAD(boundTo(keyId, namespace, owner));
      decipher.setAuthTag(data.subarray(data.length - TAG_BYTES));
      const plain = decipher.update(data.subarray(IV_BYTES, data.length - TAG_BYTES));
      decipher.final();
      const payload = PayloadMessage.decode(plain);
      // What is empty is not on the wire, and then is an empty list.
      if (!(payload.data instanceof Uint8Array)) payload.data = new Uint8Array();
      return payload;
    } catch {
      throw changed(keyId);
    }
  }
}

/**
 * The workflow that a payload belongs to, by its ID; null: nobody says. Workflows that a schedule starts hand results
 * on to each other, and get the input that was written for their schedule: they are one owner, whose ID is that of the
 * schedule's action without the time that the server appends.
 */
function ownerOf(context: SerializationContext | undefined): string | null {
  return context?.workflowId?.replace(STARTED_BY_SCHEDULE, '') || null;
}
const STARTED_BY_SCHEDULE = /-\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;

/** As JSON, so that no two places give the same bytes. */
function boundTo(keyId: string, namespace: string, owner: string | null): Buffer {
  return Buffer.from(JSON.stringify([PURPOSE, keyId, namespace, owner]));
}

function keyOf(id: string, text: string): KeyObject {
  const bytes = keyBytes(text);
  if (!bytes) throw new RekindleError('INVALID_CONFIG', `the encryption key "${id}" is no key of 32 bytes`);
  return createSecretKey(bytes);
}

function ofAnother(keyId: string): RekindleError {
  return unreadable(
    `is encrypted with the key "${keyId}" for another workflow`,
    'Somebody copied it within the Temporal server, or a history is replayed under another name.',
  );
}

function changed(keyId: string): RekindleError {
  return unreadable(
    `cannot be decrypted with the key "${keyId}"`,
    'It was changed, or was encrypted for another namespace, or the key has the name of another one.',
  );
}
