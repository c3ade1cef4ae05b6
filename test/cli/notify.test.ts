import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ok, startService, status } from '../notify/support/service.ts';
import { json, ownDataDir, rekindle } from './support/cli.ts';

/** A data directory with a configuration that has a robot at this origin. */
function configured(origin: string): string[] {
  const dataDir = ownDataDir();
  const file = join(dataDir, '..', 'rekindle.yaml');
  writeFileSync(
    file,
    `notification:
  channels:
    ding: {type: dingtalk, url: '${origin}/robot/send?access_token=t0p-secret', secret: 'env:DING_SECRET', timeout: 2}
`,
  );
  return ['--data-dir', dataDir, '--config', file];
}

const env = { DING_SECRET: 'SECabc' };

describe('notify test', () => {
  test('sends a signed message and says that it was taken', async () => {
    const service = await startService(ok({ errcode: 0 }));
    const args = ['notify', 'test', 'ding', ...configured(service.origin)];
    expect(await json(args, 0, { env })).toMatchObject({ channel: 'ding', delivered: true, error: null });
    expect(service.arrived).toHaveLength(1);
    expect(service.arrived[0]?.url.searchParams.get('sign')).toBeTruthy();
  });

  test('says what went wrong, whether it is final, and no secret; exit code 1', async () => {
    const service = await startService(ok({ errcode: 310000, errmsg: 'sign not match t0p-secret SECabc' }));
    const args = ['notify', 'test', 'ding', ...configured(service.origin)];
    const result = await json(args, 1, { env });
    expect(result).toMatchObject({
      delivered: false,
      permanent: true,
      error: expect.stringContaining('310000'),
    });
    service.answer = status(503);
    const people = await rekindle(args, { env });
    expect(people.code).toBe(1);
    expect(people.stdout).toContain('tried again');
    expect(JSON.stringify(result) + people.stdout + people.stderr).not.toMatch(/t0p-secret|SECabc/);
  });

  test('writes to the log files and to the messages in the system', async () => {
    const dataDir = ownDataDir();
    const at = ['--data-dir', dataDir];
    await json(['notify', 'test', 'log', ...at]);
    const line = JSON.parse(readFileSync(join(dataDir, 'logs', 'admin_alerts.log'), 'utf8'));
    expect(line).toMatchObject({ kind: 'test', audience: 'administrators' });
    await json(['notify', 'test', 'in-app', ...at]);
    const { messages } = await json(['notify', 'messages', '--unread', '--team', 'administrators', ...at]);
    expect(messages).toMatchObject([{ team: 'administrators', count: 1, read_at: null }]);
    expect((await json(['notify', 'messages', '--team', 'finance', ...at])).messages).toEqual([]);
    expect(await json(['notify', 'list', ...at])).toEqual({ notifications: [], deliveries: [] });
  });

  test('names the channels there are when there is none of that name', async () => {
    const { code, stderr } = await rekindle(['notify', 'test', 'pager', '--data-dir', ownDataDir()]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/no channel "pager"[\s\S]*log, in-app/);
  });

  test('refuses a configuration without the secret that it names', async () => {
    const args = ['notify', 'test', 'ding', ...configured('http://127.0.0.1:9')];
    const { code, stderr } = await rekindle(args);
    expect(code).toBe(2);
    expect(stderr).toMatch(/channels\.ding\.secret: the environment variable DING_SECRET is not set/);
  });
});

describe('notify read', () => {
  test('notes which messages were read, once; one that is not there ends it with 1', async () => {
    const at = ['--data-dir', ownDataDir()];
    await json(['notify', 'test', 'in-app', ...at]);
    const { messages } = await json(['notify', 'messages', ...at]);
    expect(await json(['notify', 'read', messages[0].id, 'none', ...at], 1)).toEqual({
      read: 1,
      unknown: ['none'],
    });
    expect((await json(['notify', 'messages', '--unread', ...at])).messages).toEqual([]);
    expect(await json(['notify', 'read', '--all', ...at])).toEqual({ read: 0, unknown: [] });
  });

  test.each([
    ['nothing named', [], /nothing says which/],
    ['both ways', ['an-id', '--all'], /either messages are named, or all/],
  ])('%s is refused', async (_name, args, said) => {
    const result = await rekindle(['notify', 'read', ...args, '--locale', 'en', '--data-dir', ownDataDir()]);
    expect(result.code).toBe(2);
    expect(result.stderr).toMatch(said);
  });
});

test('notify list wants an audience that there is', async () => {
  const { code } = await rekindle(['notify', 'list', '--audience', 'nobody', '--data-dir', ownDataDir()]);
  expect(code).toBe(2);
});
