import { expect, test } from 'vitest';
import { callService } from '../../src/notify/http.ts';
import { startService, status } from './support/service.ts';

const signal = new AbortController().signal;

test('an answer without end is read no further than needed', async () => {
  const service = await startService((response) => {
    const more = (): void => {
      while (response.write('x'.repeat(65_536)));
      response.once('drain', more);
    };
    response.writeHead(200);
    more();
  });
  const call = { url: new URL(service.origin), timeoutMs: 5000, signal, secrets: [] };
  const { body } = await callService(call);
  expect(body.length).toBe(65_536);
});

test('a long answer is shown shortened, on one line', async () => {
  const service = await startService(status(400, {}, 'no\n'.repeat(1000)));
  const call = { url: new URL(service.origin), timeoutMs: 5000, signal, secrets: [] };
  const error = await callService(call).catch((thrown: Error) => thrown);
  expect((error as Error).message).toMatch(/answered 400: no no no/);
  expect((error as Error).message.length).toBeLessThan(300);
});
