import { expect, test } from 'vitest';
import { saveSession } from '../../src/sessions/session-client.ts';
import { startTestEngine } from '../support/engine.ts';
import { rekindle } from './support/cli.ts';

test('sessions are listed, shown and revoked, without a word of what they hold', {
  timeout: 90_000,
}, async () => {
  const { config, connected } = await startTestEngine();
  const run = async (...args: string[]) =>
    await rekindle(['session', ...args, '--data-dir', config.dataDir, '--locale', 'en']);
  const json = async (...args: string[]) =>
    JSON.parse((await run(...args, '--json')).stdout.trim().split('\n').at(-1) ?? '');
  expect((await run('list')).stdout).toContain('no sessions');
  const name = { site: 'school', account: 'default' };
  const [obtainedAtMs, expiresAtMs] = [Date.now(), Date.now() + 3_600_000];
  const sealed = { keyId: 'key', sealed: 'c2VhbGVkLXRleHQ=' };
  await saveSession(connected.client, config.taskQueue, name, { sealed, obtainedAtMs, expiresAtMs });
  const until = new Date(expiresAtMs).toISOString();
  expect(await json('list')).toEqual({
    sessions: [
      expect.objectContaining({ ...name, status: 'valid', version: 1, expires_at: until, waiting: 0 }),
    ],
  });
  const listed = await run('list');
  expect(listed.stdout).toMatch(/SESSION +STATUS +UNTIL[\s\S]*school\/default +valid +/);
  const shown = await run('show', 'school');
  expect(shown.stdout).toMatch(/^school\/default\n {2}status +valid\n/);
  expect(shown.stdout + listed.stdout).not.toContain(sealed.sealed);
  expect((await run('revoke', 'school/default')).stdout).toContain('school/default is revoked');
  expect(await json('show', 'school')).toMatchObject({ status: 'revoked', expires_at: null, version: 1 });
});

test('a session that nobody knows, and a name that is none, are said to be so', {
  timeout: 60_000,
}, async () => {
  const { config } = await startTestEngine();
  const run = async (...args: string[]) =>
    await rekindle(['session', ...args, '--data-dir', config.dataDir, '--locale', 'en']);
  const unknown = await run('show', 'nowhere');
  expect(unknown.code).not.toBe(0);
  expect(unknown.stderr).toContain('there is no session nowhere/default');
  const wrong = await run('revoke', 'a/b/c');
  expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining('names no session')]);
  const answer = await run('answer', 'nowhere', '123456');
  expect(answer.code).not.toBe(0);
});
