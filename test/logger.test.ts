import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const SCRIPT = `
import { createLogger } from ${JSON.stringify(resolve('src/logger.ts'))};
const log = createLogger('test', 'info');
const error = new Error('GET https://user:planted-1@host/x?sig=planted-2 failed', { cause: new Error('token=planted-3') });
log.warn({ err: error, deep: { er: { than: { any: { path: { password: 'planted-4' } } } } } }, 'see https://host/?k=planted-5');
log.child({ url: 'https://planted-6@host/' }).info({ headers: { authorization: 'planted-7', 'set-cookie': ['planted-8'] } });
log.error({ error: new Error('the SDK calls it error') });
log.info({ credentials: { reference: 'env:PASSWORD', password: 'env:PASSWORD' }, count: 3 }, 'ordinary');
`;

test('a log holds no secrets, wherever in it they are', async () => {
  const node = promisify(execFile);
  const { stderr } = await node(resolve('node_modules/.bin/node'), [
    '--input-type=module-typescript',
    '-e',
    SCRIPT,
  ]);
  const lines = stderr
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(lines).toHaveLength(4);
  expect(stderr).not.toContain('planted');
  expect(lines[0]).toMatchObject({
    name: 'test',
    level: 40,
    msg: 'see https://host/?k=***',
    err: { type: 'Error', message: expect.stringContaining('GET https://***@host/x?sig=*** failed') },
  });
  expect(lines[2]).toMatchObject({ error: { message: 'the SDK calls it error' } });
  expect(lines[3]).toMatchObject({ msg: 'ordinary', count: 3, credentials: { reference: 'env:PASSWORD' } });
});
