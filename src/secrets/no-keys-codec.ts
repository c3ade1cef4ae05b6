import type { Payload, PayloadCodec } from '@temporalio/common';
import { ENCRYPTED, encodingOf, keyIdOf, unknownKey } from './encrypted-payload.ts';

/** For those who have no keys: says which one is missing, where the SDK would only say that it knows no such encoding. */
export class NoKeysCodec implements PayloadCodec {
  async encode(payloads: Payload[]): Promise<Payload[]> {
    return payloads;
  }

  /** @throws {RekindleError} PAYLOAD_UNREADABLE */
  async decode(payloads: Payload[]): Promise<Payload[]> {
    for (const payload of payloads) {
      if (encodingOf(payload) === ENCRYPTED) throw unknownKey(keyIdOf(payload), []);
    }
    return payloads;
  }
}
