import { expect, test } from 'vitest';
import { reservePorts } from '../../src/engine/ports.ts';
import { tempDir } from '../support/temp-dir.ts';

test('two that start at once never get the same port, even when both wish for it', async () => {
  const dir = tempDir();
  const wish = await reservePorts([], dir);
  wish.release();
  const both = await Promise.all([reservePorts([wish.ports], dir), reservePorts([wish.ports], dir)]);
  const ports = both.flatMap(({ ports: { grpc, ui } }) => [grpc, ui]);
  expect(new Set(ports).size).toBe(4);
  expect(ports).toContain(wish.ports.grpc);
  for (const reserved of both) reserved.release();
});

test('a reservation that was given back can be had again', async () => {
  const dir = tempDir();
  const first = await reservePorts([], dir);
  first.release();
  const again = await reservePorts([first.ports], dir);
  expect(again.ports).toEqual(first.ports);
  again.release();
});
