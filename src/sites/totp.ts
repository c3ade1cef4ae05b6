/** One-time codes by time (RFC 6238), as authenticator apps make them. */
import { createHmac } from 'node:crypto';
import { RekindleError } from '../domain/error-codes.ts';

/** How a site makes its codes. */
export interface TotpSettings {
  /** @default 6 */
  readonly digits: number;
  /** Seconds that a code is valid. @default 30 */
  readonly period: number;
  /** @default sha1 */
  readonly algorithm: 'sha1' | 'sha256' | 'sha512';
}

export const USUAL_TOTP: TotpSettings = { digits: 6, period: 30, algorithm: 'sha1' };

/** The time step of a moment. */
export function totpStepAt(ms: number, { period }: Pick<TotpSettings, 'period'>): number {
  return Math.floor(ms / 1000 / period);
}

/** When a time step begins, in ms since the epoch. */
export function beginOfStep(step: number, { period }: Pick<TotpSettings, 'period'>): number {
  return step * period * 1000;
}

/** The code of a time step. */
export function totpCode(key: Uint8Array, step: number, { digits, algorithm }: TotpSettings): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const hash = createHmac(algorithm, key).update(counter).digest();
  const offset = (hash.at(-1) ?? 0) & 0xf;
  const number = hash.readUInt32BE(offset) & 0x7fffffff;
  return String(number % 10 ** digits).padStart(digits, '0');
}

/**
 * Reads the secret of an account: Base32 as sites show it, or the whole `otpauth://` address of their QR code, which
 * then also says how codes are made.
 * @throws {RekindleError} SECRET_UNREADABLE; the message does not repeat the secret.
 */
export function readTotpSecret(
  text: string,
  settings: TotpSettings,
): { readonly key: Uint8Array; readonly settings: TotpSettings } {
  const uri = text.startsWith('otpauth://') ? URL.parse(text) : null;
  if (!uri) return { key: base32(text), settings };
  const number = (name: string, usual: number) => Number(uri.searchParams.get(name)) || usual;
  const algorithm = (uri.searchParams.get('algorithm') ?? settings.algorithm).toLowerCase().replace('-', '');
  if (algorithm !== 'sha1' && algorithm !== 'sha256' && algorithm !== 'sha512') throw noSecret();
  return {
    key: base32(uri.searchParams.get('secret') ?? ''),
    settings: {
      digits: number('digits', settings.digits),
      period: number('period', settings.period),
      algorithm,
    },
  };
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

function base32(text: string): Uint8Array {
  const letters = text.replaceAll(/[\s-]|=+$/g, '').toUpperCase();
  const bytes: number[] = [];
  let bits = 0;
  let held = 0;
  for (const letter of letters) {
    const value = ALPHABET.indexOf(letter);
    if (value < 0) throw noSecret();
    held = ((held << 5) | value) & 0xfff;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      bytes.push((held >> bits) & 0xff);
    }
  }
  if (bytes.length < 10) throw noSecret();
  return Uint8Array.from(bytes);
}

function noSecret(): RekindleError {
  return new RekindleError('SECRET_UNREADABLE', 'the secret of one-time codes is none', {
    hint: 'It is the Base32 text that the site shows beside its QR code, or the otpauth:// address in it.',
  });
}
