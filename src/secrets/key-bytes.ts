/** Length of a key of AES-256. */
export const KEY_BYTES = 32;

/** Reads a key from hex or base64 (either alphabet, with or without padding); undefined: it is no key of 32 bytes. */
export function keyBytes(text: string): Buffer | undefined {
  if (/^[0-9a-f]{64}$/i.test(text)) return Buffer.from(text, 'hex');
  if (!/^[\w+/-]{43}=?$/.test(text)) return undefined;
  const bytes = Buffer.from(text, 'base64');
  return bytes.length === KEY_BYTES ? bytes : undefined;
}
