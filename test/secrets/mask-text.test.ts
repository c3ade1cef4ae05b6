import { expect, test } from 'vitest';
import { maskText } from '../../src/secrets/mask-text.ts';

test.each([
  ['GET https://user:hunter2@host/x failed', 'GET https://***@host/x failed'],
  [
    'see http://host/a?key=s3cret&b=2 and “https://host/b?sig=1”',
    'see http://host/a?key=***&b=*** and “https://host/b?sig=***”',
  ],
  ['https://host/plain', 'https://host/plain'],
  ['no address at all?key=1', 'no address at all?key=1'],
])('%s', (text, masked) => {
  expect(maskText(text)).toBe(masked);
});
