import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { getTask, listTasks, openMirror, upsertTasks } from '../../src/mirror/index.ts';
import { tempDir } from '../support/temp-dir.ts';
import { asOtherTool, mirrorPath, testMirror } from './support/mirrors.ts';
import { runNode, startNode } from './support/other-process.ts';
import { record } from './support/records.ts';

describe('opening the mirror', () => {
  it('makes the directory', () => {
    const path = join(tempDir('mirror'), 'a', 'b', 'recovery.db');
    testMirror(path);
    expect(existsSync(path)).toBe(true);
  });

  it('leaves one plain file when it is closed', () => {
    const mirror = testMirror();
    upsertTasks(mirror, [record('t')]);
    mirror.close();
    expect(existsSync(`${mirror.path}-wal`)).toBe(false);
    expect(listTasks(testMirror(mirror.path, { readonly: true }))).toHaveLength(1);
  });

  it('says clearly that a directory cannot be made', () => {
    const file = join(tempDir('mirror'), 'file');
    writeFileSync(file, '');
    expect(() => openMirror(join(file, 'recovery.db'))).toThrowError(
      expect.objectContaining({ code: 'MIRROR_UNAVAILABLE', hint: expect.stringContaining(file) }),
    );
  });

  it('says clearly that the path is a directory', () => {
    const path = mirrorPath();
    mkdirSync(path);
    expect(() => openMirror(path)).toThrowError(
      expect.objectContaining({
        code: 'MIRROR_UNAVAILABLE',
        message: expect.stringContaining('cannot be opened'),
      }),
    );
  });

  it('says clearly that the file is damaged', () => {
    const path = mirrorPath();
    writeFileSync(path, 'x'.repeat(10_000));
    expect(() => openMirror(path)).toThrowError(
      expect.objectContaining({
        code: 'MIRROR_UNAVAILABLE',
        message: expect.stringContaining('it is no SQLite file'),
        hint: expect.stringContaining('mirror repair'),
      }),
    );
  });

  it('only reads when asked to, and makes nothing', () => {
    const path = mirrorPath();
    expect(() => openMirror(path, { readonly: true })).toThrowError(/does not exist/);
    expect(existsSync(path)).toBe(false);
    testMirror(path).close();
    const mirror = testMirror(path, { readonly: true });
    expect(() => upsertTasks(mirror, [record('t')])).toThrowError(/for reading only/);
  });
});

describe('reading and writing at once', () => {
  it('lets two readers see the mirror as it was when they began, while the writer goes on', async () => {
    const mirror = testMirror();
    upsertTasks(mirror, [record('t', { state: { progress: 1 } })]);
    const written = Promise.withResolvers<void>();
    const progress = () =>
      mirror.readSnapshot(async (c) => {
        const read = () => c.get<{ progress: number }>('SELECT progress FROM task_states')?.progress;
        const before = read();
        await written.promise;
        return [before, read()];
      });
    const readers = [progress(), progress()];
    upsertTasks(mirror, [record('t', { updatedAtMs: Date.now(), state: { progress: 99 } })]);
    written.resolve();
    expect(await Promise.all(readers)).toEqual([
      [1, 1],
      [1, 1],
    ]);
    expect(getTask(mirror, 't')?.progress).toBe(99);
  });

  it('lets a long read wait when all connections are lent', async () => {
    const mirror = testMirror(mirrorPath(), { maxReaders: 2 });
    const order: string[] = [];
    const first = Promise.withResolvers<void>();
    const reads = [
      mirror.readSnapshot(async () => first.promise.then(() => order.push('first'))),
      mirror.readSnapshot(async () => order.push('second')),
    ];
    expect(listTasks(mirror)).toEqual([]);
    order.push('short read');
    first.resolve();
    await Promise.all(reads);
    expect(order).toEqual(['short read', 'first', 'second']);
  });

  it('lets a long read end after the mirror was closed', async () => {
    const mirror = testMirror();
    upsertTasks(mirror, [record('t')]);
    const closed = Promise.withResolvers<void>();
    const read = mirror.readSnapshot(async (c) => {
      await closed.promise;
      return c.all('SELECT task_id FROM task_states');
    });
    mirror.close();
    closed.resolve();
    expect(await read).toEqual([{ task_id: 't' }]);
  });

  it('lets another process read while this one writes', async () => {
    const mirror = testMirror();
    upsertTasks(mirror, [record('t-0')]);
    const other = startNode(
      `
      const db = new Database(process.argv[1], { readonly: true });
      const counts = [];
      const read = () => counts.push(db.prepare('SELECT count(*) FROM task_states').pluck().get());
      process.on('message', (m) => { if (m === 'read') { read(); process.send('done'); } else { process.send(counts); process.disconnect(); } });
      read();
      process.send('ready');
    `,
      [mirror.path],
    );
    expect(await other.message()).toBe('ready');
    upsertTasks(mirror, [record('t-1'), record('t-2')]);
    other.send('read');
    expect(await other.message()).toBe('done');
    mirror.write((c) => {
      c.run(`DELETE FROM task_states`);
      expect(
        runNode(
          `
        const db = new Database(process.argv[1], { readonly: true });
        console.log(db.prepare('SELECT count(*) FROM task_states').pluck().get());
      `,
          [mirror.path],
        ),
      ).toBe('3');
    });
    other.send('read');
    expect(await other.message()).toBe('done');
    other.send('end');
    expect(await other.message()).toEqual([1, 3, 0]);
  });

  it('says clearly that another process holds the lock, after waiting for it', () => {
    const mirror = testMirror(mirrorPath(), { busyTimeoutMs: 50 });
    asOtherTool(mirror.path, (db) => {
      db.exec('BEGIN IMMEDIATE');
      const started = performance.now();
      expect(() => upsertTasks(mirror, [record('t')])).toThrowError(
        expect.objectContaining({
          code: 'MIRROR_UNAVAILABLE',
          message: expect.stringContaining('locked by another process'),
        }),
      );
      expect(performance.now() - started).toBeGreaterThanOrEqual(45);
    });
    expect(upsertTasks(mirror, [record('t')]).written).toBe(1);
  });

  it('writes all of a batch or nothing when the disk is full', () => {
    const mirror = testMirror();
    upsertTasks(mirror, [record('t')]);
    mirror.direct((c) => c.pragma(`max_page_count = ${Number(c.pragma('page_count')) + 2}`));
    const batch = Array.from({ length: 500 }, (_, i) => record(`t-${i}`));
    expect(() => upsertTasks(mirror, batch)).toThrowError(/cannot grow: the disk or the quota is full/);
    expect(listTasks(mirror).map((task) => task.task_id)).toEqual(['t']);
    mirror.direct((c) => c.pragma('max_page_count = 1000000'));
    expect(upsertTasks(mirror, batch).written).toBe(500);
  });

  it('has what a writer committed that was killed', async () => {
    const { path } = testMirror();
    const other = startNode(
      `
      const db = new Database(process.argv[1]);
      db.exec("INSERT INTO task_states (task_id, task_type, status) VALUES ('committed', 'login', 'failed')");
      db.exec("BEGIN IMMEDIATE; INSERT INTO task_states (task_id, task_type, status) VALUES ('half', 'login', 'failed')");
      process.send('written');
      setInterval(() => {}, 1000);
    `,
      [path],
    );
    expect(await other.message()).toBe('written');
    await other.kill();
    expect(listTasks(testMirror(path)).map((task) => task.task_id)).toEqual(['committed']);
  });

  it('waits while another process holds the lock for a moment', async () => {
    const mirror = testMirror(mirrorPath(), { busyTimeoutMs: 20_000 });
    const other = startNode(
      `
      const db = new Database(process.argv[1]);
      db.exec('BEGIN IMMEDIATE');
      process.send('locked');
      setTimeout(() => { db.exec('COMMIT'); db.close(); process.disconnect(); }, 200);
    `,
      [mirror.path],
    );
    expect(await other.message()).toBe('locked');
    expect(upsertTasks(mirror, [record('t')]).written).toBe(1);
  });
});
