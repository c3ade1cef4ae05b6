import { describe, expect, test } from 'vitest';
import { readTotpSecret, totpCode, totpStepAt } from '../../src/sites/index.ts';

/** RFC 6238, appendix B. */
const VECTORS = [
  [59, '94287082', '46119246', '90693936'],
  [1111111109, '07081804', '68084774', '25091201'],
  [1111111111, '14050471', '67062674', '99943326'],
  [1234567890, '89005924', '91819424', '93441116'],
  [2000000000, '69279037', '90698825', '38618901'],
  [20000000000, '65353130', '77737706', '47863826'],
] as const;
const LENGTHS = { sha1: 20, sha256: 32, sha512: 64 } as const;

describe('one-time codes', () => {
  test.each(VECTORS)('at second %d are as RFC 6238 has them', (seconds, ...codes) => {
    const made = Object.entries(LENGTHS).map(([algorithm, length]) => {
      const key = Buffer.from('1234567890'.repeat(7).slice(0, length));
      const settings = { digits: 8, period: 30, algorithm: algorithm as keyof typeof LENGTHS };
      return totpCode(key, totpStepAt(seconds * 1000, settings), settings);
    });
    expect(made).toEqual(codes);
  });

  const usual = { digits: 6, period: 30, algorithm: 'sha1' } as const;

  test('the secret may be written as sites show it, or as the address of its QR code', () => {
    const key = Buffer.from('12345678901234567890');
    for (const text of ['GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ', 'gezd gnbv gy3t qojq gezd gnbv gy3t qojq'])
      expect(Buffer.from(readTotpSecret(text, usual).key)).toEqual(key);
    const uri =
      'otpauth://totp/Shop:anna?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&digits=8&period=60&algorithm=SHA256';
    const read = readTotpSecret(uri, usual);
    expect(Buffer.from(read.key)).toEqual(key);
    expect(read.settings).toEqual({ digits: 8, period: 60, algorithm: 'sha256' });
  });

  test.each(['', 'short', 'not base32 1890!!', 'otpauth://totp/x'])(
    '%j is no secret, and is not repeated',
    (text) => {
      let message = '';
      try {
        readTotpSecret(text, usual);
      } catch (error) {
        message = (error as Error).message;
      }
      expect(message).toBe('the secret of one-time codes is none');
    },
  );
});
