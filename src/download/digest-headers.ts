import type { Source } from '../domain/video-download.ts';

/** Length of the checksums in bytes. */
const BYTES = { sha256: 32, md5: 16 } as const;

/**
 * The checksum of the whole file that an answer's headers give, or null. `Repr-Digest` (RFC 9530 §3) and
 * `Digest` (RFC 3230 §4.3.2) cover the whole file in a partial answer too; `Content-Digest` and
 * `Content-MD5` cover only the bytes of this answer, so they count in a full one alone.
 */
export function digestOf(headers: Readonly<Record<string, string>>, wholeBody: boolean): Source['digest'] {
  return (
    structured(headers['repr-digest']) ??
    (wholeBody ? structured(headers['content-digest']) : null) ??
    legacy(headers.digest) ??
    (wholeBody ? fromBase64('md5', headers['content-md5']) : null)
  );
}

/** `sha-256=:base64:` in a dictionary. */
function structured(header: string | undefined): Source['digest'] {
  return fromBase64('sha256', /(?:^|,)\s*sha-256=:([^:]*):/i.exec(header ?? '')?.[1]);
}

/** `SHA-256=base64,MD5=base64`. */
function legacy(header: string | undefined): Source['digest'] {
  return (
    fromBase64('sha256', /(?:^|,)\s*sha-256=([^,\s]+)/i.exec(header ?? '')?.[1]) ??
    fromBase64('md5', /(?:^|,)\s*md5=([^,\s]+)/i.exec(header ?? '')?.[1])
  );
}

function fromBase64(algorithm: 'sha256' | 'md5', text: string | undefined): Source['digest'] {
  if (text === undefined) return null;
  const bytes = Buffer.from(text, 'base64');
  return bytes.length === BYTES[algorithm] ? { algorithm, value: bytes.toString('hex') } : null;
}
