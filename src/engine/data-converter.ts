import { fileURLToPath } from 'node:url';
import type { DataConverter } from '@temporalio/common';
import type { Config } from '../config.ts';
import { NoKeysCodec } from '../secrets/no-keys-codec.ts';

/** `.ts` in a checkout, `.js` when published. */
const extension = import.meta.url.slice(import.meta.url.lastIndexOf('.'));

/** Turns failures into a form that can be encrypted, in clients, workers and inside workflows. */
export const FAILURE_CONVERTER = fileURLToPath(
  new URL(`../workflows/failure-converter${extension}`, import.meta.url),
);

/**
 * How every client and worker of ours writes and reads data.
 * @param options.anyWorkflow see `CodecOptions`; only for replays.
 */
export async function dataConverterOf(
  config: Pick<Config, 'encryption' | 'namespace'>,
  options: { readonly anyWorkflow?: boolean } = {},
): Promise<DataConverter> {
  const { encryption, namespace } = config;
  if (!encryption) return { payloadCodecs: [new NoKeysCodec()] };
  // Loaded for those who use it: it needs Temporal's messages, which take their time.
  const { EncryptingCodec } = await import('../secrets/payload-codec.ts');
  return {
    failureConverterPath: FAILURE_CONVERTER,
    payloadCodecs: [new EncryptingCodec(encryption, { namespace, ...options })],
  };
}
