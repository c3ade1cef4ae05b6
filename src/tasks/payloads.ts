import type { Client } from '@temporalio/client';
import type { Payload } from '@temporalio/common';

/** Decodes the first of some payloads, through the client's codecs and converter; undefined when there is none. */
export async function decodeFirst(
  client: Client,
  payloads: readonly Payload[] | null | undefined,
): Promise<unknown> {
  const { payloadCodecs, payloadConverter } = client.options.loadedDataConverter;
  let decoded = [...(payloads ?? [])];
  for (const codec of payloadCodecs) decoded = await codec.decode(decoded);
  const [first] = decoded;
  return first ? payloadConverter.fromPayload(first) : undefined;
}
