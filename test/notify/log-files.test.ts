import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { NotificationLog } from '../../src/notify/log-files.ts';
import { tempDir } from '../support/temp-dir.ts';
import { AWKWARD, failureNotification } from './support/digests.ts';

function logs() {
  const log = new NotificationLog(join(tempDir('logs'), 'logs'), 'zh-CN');
  const path = log.pathOf('user');
  return { log, path, lines: (file = path) => linesOf(file) };
}

function linesOf(file: string): Record<string, unknown>[] {
  const text = readFileSync(file, 'utf8');
  expect(text.endsWith('\n')).toBe(true);
  return text
    .slice(0, -1)
    .split('\n')
    .map((line) => JSON.parse(line));
}

/** The user without rights, on every Linux. */
const NOBODY = 65_534;

describe('the log files', () => {
  test('are the documented ones, one JSON object a line, with what to do about it', async () => {
    const { log, path, lines } = logs();
    const config = { category: 'unrecoverable_config', rule: 'http.401' } as const;
    await log.append([
      failureNotification('1'),
      failureNotification('2', { info: config }, { audience: 'administrators', priority: 'high' }),
    ]);
    expect(path).toMatch(/logs\/user_notifications\.log$/);
    expect(lines()).toEqual([
      expect.objectContaining({
        id: '1',
        kind: 'task_failure',
        audience: 'user',
        task_id: 'task-1',
        task_type: 'order_processing',
        category: 'unrecoverable_business',
        message: AWKWARD,
        suggestion: '请核对单号、名称或地址：系统中查不到对应内容。',
        time: '2026-01-31T08:00:01.000Z',
      }),
    ]);
    const [alert] = lines(join(dirname(path), 'admin_alerts.log'));
    expect(alert).toMatchObject({ id: '2', priority: 'high', category: 'unrecoverable_config' });
  });

  test('get one whole line each from many that write at once', async () => {
    const { log, lines } = logs();
    const message = 'x'.repeat(9000);
    const ids = Array.from({ length: 300 }, (_, i) => String(i));
    await Promise.all(ids.map((id) => log.append([failureNotification(id, { info: { message } })])));
    expect(lines().map(({ id }) => id)).toEqual(ids);
  });

  test('may be rotated or deleted while they are written', async () => {
    const { log, path, lines } = logs();
    await log.append([failureNotification('1')]);
    renameSync(path, `${path}.1`);
    await log.append([failureNotification('2')]);
    rmSync(path);
    await log.append([failureNotification('3')]);
    rmSync(dirname(path), { recursive: true });
    await log.append([failureNotification('4')]);
    expect(lines().map(({ id }) => id)).toEqual(['4']);
  });

  test('lose no line when many are written and the file is rotated all the while', async () => {
    const { log, path, lines } = logs();
    const written = Promise.all(
      Array.from({ length: 300 }, (_, i) => log.append([failureNotification(String(i))])),
    );
    const rotated: string[] = [];
    let done = false;
    void written.then(() => {
      done = true;
    });
    while (!done) {
      const target = `${path}.${rotated.length}`;
      try {
        renameSync(path, target);
        rotated.push(target);
      } catch {
        // Nothing was written since.
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
    await written;
    const files = [...rotated, path].filter((file) => statSync(file, { throwIfNoEntry: false }));
    const ids = files.flatMap((file) => lines(file).map(({ id }) => Number(id)));
    expect(ids.sort((a, b) => a - b)).toEqual(Array.from({ length: 300 }, (_, i) => i));
  });

  test('say what to do when they cannot be written, and miss nothing when they can again', async () => {
    const { log, path, lines } = logs();
    writeFileSync(dirname(path), 'in the way');
    const all = [failureNotification('1'), failureNotification('2')];
    await expect(log.append(all)).rejects.toMatchObject({
      code: 'NOT_WRITABLE',
      hint: expect.stringMatching(/mkdir -p logs.*chmod 755 logs/),
    });
    rmSync(dirname(path));
    await log.append(all);
    expect(lines().map(({ id }) => id)).toEqual(['1', '2']);
  });

  test('say the same of missing rights', async () => {
    const { log, path } = logs();
    mkdirSync(dirname(path), { mode: 0o500 });
    // Root may write everywhere, so this becomes nobody for a moment.
    const root = process.getuid?.() === 0;
    if (root) process.seteuid?.(NOBODY);
    try {
      await expect(log.append([failureNotification('1')])).rejects.toMatchObject({ code: 'NOT_WRITABLE' });
    } finally {
      if (root) process.seteuid?.(0);
    }
    chmodSync(dirname(path), 0o700);
  });

  test('begin a new line after one that was broken off', async () => {
    const { log, path } = logs();
    mkdirSync(dirname(path));
    writeFileSync(path, '{"id":"half');
    await log.append([failureNotification('1')]);
    const [half, whole = ''] = readFileSync(path, 'utf8').split('\n');
    expect([half, JSON.parse(whole).id]).toEqual(['{"id":"half', '1']);
  });
});
