import { RekindleError } from '../domain/error-codes.ts';
import { maskUrl } from '../secrets/mask-url.ts';
import { readableBytes } from './disk-error.ts';

/** @throws {RekindleError} TOO_LARGE when a file has, or has so far, more bytes than a download may. */
export function refuseTooLarge(bytes: number | null, maxBytes: number | undefined, url: URL | string): void {
  if (bytes === null || maxBytes === undefined || bytes <= maxBytes) return;
  throw new RekindleError(
    'TOO_LARGE',
    `${maskUrl(url)} is larger than ${readableBytes(maxBytes)}, the most that this download may fetch`,
    {
      hint: 'Raise the limit (download.max_bytes in the configuration, --max-bytes) if that is meant.',
      facts: { bytes, max_bytes: maxBytes },
    },
  );
}
