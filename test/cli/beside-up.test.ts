import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { content, contentSha256, MisbehavingServer } from '../support/misbehaving-server.ts';
import { tempDir } from '../support/temp-dir.ts';
import { type CliOptions, json, rekindle, start, suiteUp } from './support/cli.ts';

const dataDir = suiteUp();
let server: MisbehavingServer;
beforeAll(async () => {
  server = await MisbehavingServer.start();
});
afterAll(() => server.close());

/** A command for the running `up`. */
const at = (...args: string[]): string[] => [...args, '--data-dir', dataDir()];
const atJson = (code: number, ...args: string[]) => json(at(...args), code);
const TASK_KEYS = [
  'checkpoint',
  'created_at',
  'data',
  'last_error',
  'progress',
  'recovery_attempts',
  'recovery_notes',
  'retry_count',
  'run_id',
  'run_status',
  'status',
  'step',
  'task_id',
  'task_type',
  'updated_at',
];

describe('download beside a running up', () => {
  test('ends with the documented object', async () => {
    const url = server.serve('/happy.bin', { size: 300_000, seed: 5 });
    const to = tempDir('download');
    const result = await atJson(0, 'download', url, '--to', to);
    expect(result).toEqual({
      task_id: expect.stringMatching(/^download-happy\.bin-[0-9a-f]{12}$/),
      status: 'completed',
      path: join(to, 'happy.bin'),
      bytes: 300_000,
      sha256: contentSha256(5, 300_000),
      duration_ms: expect.any(Number),
      resumed: false,
      bytes_fetched: 300_000,
      retries: 0,
      restarts: 0,
      already_there: false,
    });
    expect(readFileSync(result.path).equals(content(5, 0, 300_000))).toBe(true);
  });

  test('a second time nothing is fetched, with --force everything', async () => {
    const url = server.serve('/again.bin', { size: 100_000 });
    const to = tempDir('download');
    await atJson(0, 'download', url, '--to', to);
    const sent = server.bytesSent('/again.bin');
    const again = await atJson(0, 'download', url, '--to', to);
    expect(again).toMatchObject({ status: 'completed', already_there: true, bytes_fetched: 0 });
    expect(again.sha256).toBe(contentSha256(1, 100_000));
    expect(server.bytesSent('/again.bin')).toBe(sent);
    const forced = await atJson(0, 'download', url, '--to', to, '--force');
    expect(forced).toMatchObject({ already_there: false, bytes_fetched: 100_000 });
  });

  test('options reach the task: name, checksum, connections, rate', async () => {
    const url = server.serve('/options.bin', { size: 50_000, seed: 2 });
    const to = tempDir('download');
    const flags = ['--name', '课程 1.mp4', '--sha256', contentSha256(2, 50_000), '--connections', '2'];
    const done = await atJson(0, 'download', url, '--to', to, ...flags, '--limit-rate', '10M');
    expect(done).toMatchObject({ path: join(to, '课程 1.mp4'), status: 'completed' });
    const wrong = ['--sha256', 'a'.repeat(64), '--name', 'other'];
    const failed = await atJson(1, 'download', url, '--to', to, ...wrong);
    expect(failed).toMatchObject({ status: 'failed', path: null, error: { category: 'unrecoverable_data' } });
    expect(readdirSync(to)).not.toContain('other');
  });

  test('many at once from a list, each under its own name; the list may be standard input', async () => {
    const urls = Array.from({ length: 200 }, (_, i) => server.serve(`/many/${i}.bin`, { size: 100 + i }));
    const to = tempDir('download');
    const input = `# lessons\n\n${urls.join('\n')}\n${urls[0]}\n`;
    const options: CliOptions = { input };
    const result = await json(at('download', '--input', '-', '--to', to), 0, options);
    expect(result).toMatchObject({ completed: 200, failed: 0 });
    expect(result.downloads.map((one: { bytes: number }) => one.bytes)).toEqual(urls.map((_, i) => 100 + i));
    expect(readdirSync(to).length).toBe(200);
  }, 90_000);

  test('of several, one that fails makes the command fail and leaves the others', async () => {
    const good = server.serve('/good.bin', { size: 1000 });
    const to = tempDir('download');
    const list = join(to, 'list.txt');
    writeFileSync(list, `${good}\nhttp://127.0.0.1:${server.port}/none.bin\n`);
    const result = await atJson(1, 'download', '--input', list, '--to', to);
    expect(result).toMatchObject({ completed: 1, failed: 1 });
    expect(result.downloads[1]).toMatchObject({
      status: 'failed',
      error: { category: 'unrecoverable_business' },
    });
  });

  test.each([
    [404, /404/],
    [410, /410/],
  ])(
    'HTTP %i ends with what happened, its category, what to do, and exit code 1',
    async (status, said) => {
      const url = server.serve(`/refused-${status}.bin`, { size: 10, refuse: { status, times: 1000 } });
      const to = tempDir('download');
      const result = await rekindle(at('download', url, '--to', to));
      expect(result.code).toBe(1);
      expect(result.stdout).toMatch(said);
      expect(result.stdout).toContain(`✗ ${url}`);
      expect(result.stdout).toMatch(/^ +category: unrecoverable_business \(.+\)\n +what to do: .+\.$/m);
      expect(result.stderr).toBe('');
      expect(readdirSync(to)).toEqual([]);
    },
    60_000,
  );

  test('a file of another origin under the name is not touched', async () => {
    const url = server.serve('/exists.bin', { size: 1000 });
    const to = tempDir('download');
    writeFileSync(join(to, 'exists.bin'), 'mine');
    const result = await rekindle(at('download', url, '--to', to));
    expect(result.code).toBe(1);
    expect(result.stdout).toMatch(/exists/);
    expect(result.stdout).toContain('--force');
    expect(readFileSync(join(to, 'exists.bin'), 'utf8')).toBe('mine');
  });

  test('a directory that cannot be made is told at once', async () => {
    const to = tempDir('download');
    writeFileSync(join(to, 'file'), '');
    const url = server.serve('/unwritable.bin', { size: 1000 });
    const task = await atJson(0, 'download', url, '--to', join(to, 'file', 'deep'), '--detach');
    await until(async () => (await atJson(0, 'task', 'show', task.task_id)).live?.lastFailure ?? null);
    const { live } = await atJson(0, 'task', 'show', task.task_id);
    expect(live.lastFailure).toContain(join(to, 'file'));
    await atJson(0, 'task', 'cancel', task.task_id);
  });

  test('two identical commands at once both end with the one result', async () => {
    const url = server.serve('/both.bin', { size: 400_000, bytesPerSecond: 400_000 });
    const to = tempDir('download');
    const [one, other] = await Promise.all([
      atJson(0, 'download', url, '--to', to),
      atJson(0, 'download', url, '--to', to),
    ]);
    expect(other).toEqual(one);
    expect(one).toMatchObject({ status: 'completed', sha256: contentSha256(1, 400_000) });
  });

  test('output that nobody reads any more does no harm', async () => {
    const url = server.serve('/epipe.bin', { size: 200_000, bytesPerSecond: 400_000 });
    const to = tempDir('download');
    const command = start(at('download', url, '--to', to));
    command.child.stdout?.destroy();
    const { code, stderr } = await command.end();
    expect([code, stderr]).toEqual([0, '']);
    expect(readdirSync(to)).toEqual(['epipe.bin']);
  });
});

describe('a task that was started with --detach', () => {
  test('is listed, shown, paused, resumed by the same download, and waited for', async () => {
    const url = server.serve('/steered.bin', { size: 9_000_000, bytesPerSecond: 300_000 });
    const to = tempDir('download');
    const started = await atJson(0, 'download', url, '--to', to, '--detach', '--connections', '1');
    const id: string = started.task_id;
    expect(started).toEqual({ task_id: id, task_ids: [id] });
    await server.until(() => server.bytesSent('/steered.bin') > 300_000);

    const shown = await atJson(0, 'task', 'show', id);
    expect(Object.keys(shown).sort()).toEqual([...TASK_KEYS, 'live'].sort());
    expect(shown).toMatchObject({ task_id: id, task_type: 'video_download', status: 'running' });
    const { tasks } = await atJson(0, 'task', 'list', '--status', 'running');
    expect(Object.keys(tasks[0]).sort()).toEqual(TASK_KEYS);
    expect(tasks.map((task: { task_id: string }) => task.task_id)).toContain(id);

    expect(await atJson(0, 'task', 'pause', id)).toMatchObject({ task_id: id, status: 'paused' });
    const sent = server.bytesSent('/steered.bin');
    expect(await atJson(0, 'task', 'resume', id)).toMatchObject({ status: 'running' });
    await atJson(0, 'task', 'pause', id);

    server.serve('/steered.bin', { size: 9_000_000 });
    const done = await atJson(0, 'download', url, '--to', to);
    expect(done).toMatchObject({ task_id: id, status: 'completed', bytes: 9_000_000 });
    expect(done.sha256).toBe(contentSha256(1, 9_000_000));
    // Pausing twice may cost what was on its way, never the file.
    expect(server.bytesSent('/steered.bin') - 9_000_000).toBeLessThan(sent + 1_500_000);

    const waited = await atJson(0, 'task', 'wait', id);
    expect(waited).toMatchObject({ status: 'completed', result: { path: join(to, 'steered.bin') } });
    expect(await atJson(5, 'task', 'pause', id)).toMatchObject({ error: { code: 'TASK_STATE' } });
  }, 60_000);

  test('is cancelled without leaving anything, or with what was fetched', async () => {
    const url = server.serve('/cancelled.bin', { size: 3_000_000, bytesPerSecond: 300_000 });
    const to = tempDir('download');
    const first = await atJson(0, 'download', url, '--to', to, '--detach');
    await server.until(() => server.bytesSent('/cancelled.bin') > 300_000);
    expect(await atJson(0, 'task', 'cancel', first.task_id, '--keep')).toMatchObject({
      status: 'failed',
      run_status: 'CANCELLED',
    });
    expect(readdirSync(to).length).toBeGreaterThan(0);
    expect(await atJson(1, 'task', 'wait', first.task_id)).toMatchObject({ status: 'failed', result: null });
    await atJson(0, 'download', url, '--to', to, '--detach');
    await atJson(0, 'task', 'cancel', first.task_id);
    expect(readdirSync(to)).toEqual([]);
  }, 60_000);

  test('waiting for it ends with Ctrl-C, and the task goes on', async () => {
    const url = server.serve('/waited.bin', { size: 600_000, bytesPerSecond: 200_000 });
    const { task_id } = await atJson(0, 'download', url, '--to', tempDir('download'), '--detach');
    await server.until(() => server.bytesSent('/waited.bin') > 0);
    const waiting = start(at('task', 'wait', task_id, '--json'));
    await waiting.connected();
    waiting.kill('SIGINT');
    const ended = await waiting.end();
    expect([ended.code, ended.json.error.code]).toEqual([130, 'INTERRUPTED']);
    expect(await atJson(0, 'task', 'wait', task_id)).toMatchObject({ status: 'completed' });
  }, 60_000);

  test('that there is not is told with exit code 3', async () => {
    for (const word of ['show', 'wait', 'pause', 'cancel'])
      expect(await atJson(3, 'task', word, 'nobody')).toMatchObject({ error: { code: 'TASK_NOT_FOUND' } });
  }, 60_000);
});

describe('rekindle recover', () => {
  test('starts a failed task again at once with --force, and tells so', async () => {
    const gone = { size: 1000, refuse: { status: 410, times: 1 } };
    const url = server.serve('/recovered.bin', gone);
    const { task_id: id } = await atJson(1, 'download', url, '--to', tempDir('download'));
    expect(await atJson(5, 'recover', id)).toMatchObject({ error: { code: 'TASK_STATE' } });
    expect(await atJson(0, 'recover', id, '--force')).toEqual({
      task_id: id,
      run_id: expect.any(String),
      recovery_attempts: 1,
      retry_delay: 0,
      from_step: null,
    });
    expect(await atJson(0, 'task', 'wait', id)).toMatchObject({
      status: 'completed',
      recovery_notes: [{ outcome: 'completed' }],
    });
    expect(await atJson(5, 'recover', id, '--force')).toMatchObject({ error: { code: 'TASK_STATE' } });
    expect(await atJson(3, 'recover', 'never-was')).toMatchObject({ error: { code: 'TASK_NOT_FOUND' } });
  });
});

describe('looking at all of it', () => {
  test('stats counts tasks, and the mirror', async () => {
    const stats = await atJson(0, 'stats');
    expect(Object.keys(stats.tasks).sort()).toEqual(['by_status', 'by_type', 'resumable_count', 'total']);
    expect(stats.tasks.by_type.video_download).toBe(stats.tasks.total);
    expect(stats.database).toMatchObject({
      path: join(dataDir(), 'recovery.db'),
      task_count: expect.any(Number),
    });
    expect((await rekindle(at('stats'))).stdout).toContain('video_download');
  });

  test('doctor finds all well', async () => {
    const { ok, checks } = await atJson(0, 'doctor');
    expect(ok).toBe(true);
    for (const check of checks)
      expect(check).toMatchObject({ name: expect.any(String), level: 'ok', hint: null });
  });

  test('commands that only look do not load the words of the classifier, which take longer than they do', async () => {
    const hook = join(tempDir('hook'), 'hook.mjs');
    writeFileSync(
      hook,
      `import { registerHooks } from 'node:module';
       registerHooks({ load(url, context, next) {
         if (url.includes('word-weights')) process.stderr.write('LOADED ' + url);
         return next(url, context);
       } });`,
    );
    const env = { NODE_OPTIONS: `--import ${hook}` };
    for (const words of [
      'task list',
      'stats',
      'health',
      'notify list',
      'failure list',
      'schedule list',
      'doctor',
    ])
      expect((await rekindle(at(...words.split(' ')), { env })).stderr, words).not.toContain('LOADED');
    expect((await rekindle(at('recover', 'none'), { env })).stderr).toContain('LOADED');
  });

  test('a test of the in-app channel goes through the outbox, and what was read is noted by who keeps the mirror', async () => {
    expect(await atJson(0, 'notify', 'test', 'in-app')).toMatchObject({ delivered: true });
    const { deliveries } = await atJson(0, 'notify', 'list');
    expect(deliveries).toContainEqual(
      expect.objectContaining({
        digest_id: expect.stringMatching(/^test-/),
        channel: 'in-app',
        status: 'delivered',
      }),
    );
    const { messages } = await atJson(0, 'notify', 'messages', '--unread');
    const test = messages.find(({ id }: { id: string }) => id.startsWith('test-'));
    expect(await atJson(0, 'notify', 'read', test.id)).toEqual({ read: 1, unknown: [] });
    expect((await atJson(0, 'notify', 'messages', '--unread')).messages).not.toContainEqual(
      expect.objectContaining({ id: test.id }),
    );
  });

  test('the mirror cannot be rebuilt or run by a second process', async () => {
    expect(await atJson(5, 'mirror', 'rebuild')).toMatchObject({ error: { code: 'TASK_STATE' } });
    expect(await atJson(5, 'mirror', 'run')).toMatchObject({ error: { code: 'TASK_STATE' } });
  });

  test('lists are there for people too, in their language', async () => {
    const [english, chinese] = await Promise.all([
      rekindle(at('task', 'list', '--limit', '1')),
      rekindle(at('task', 'list', '--limit', '1', '--locale', 'zh-CN')),
    ]);
    expect(english.stdout).toMatch(/^TASK +TYPE +STATUS/);
    expect(chinese.stdout).toMatch(/^任务 +类型 +状态/);
    expect(english.stdout.trim().split('\n').length).toBe(2);
  });

  test('a second data directory is another world at the same time', async () => {
    const other = join(tempDir('other'), 'data');
    mkdirSync(other, { recursive: true });
    expect(await json(['task', 'list', '--data-dir', other])).toEqual({ tasks: [] });
    expect(await json(['task', 'wait', 'x', '--data-dir', other], 4)).toMatchObject({
      error: { code: 'ENGINE_UNAVAILABLE' },
    });
  });
});

/** Looks until there is something. */
async function until<T>(look: () => Promise<T | null>): Promise<T> {
  for (;;) {
    const found = await look();
    if (found !== null) return found;
  }
}
