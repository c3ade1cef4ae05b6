import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { backupMirror, taskStatistics, upsertTasks, vacuum } from '../../src/mirror/index.ts';
import { mirrorPath, testMirror } from './support/mirrors.ts';
import { record } from './support/records.ts';

const tasks = (prefix: string, n: number) => Array.from({ length: n }, (_, i) => record(`${prefix}-${i}`));

describe('a backup', () => {
  it('is one plain file with all that was there when it began, while the mirror is written', async () => {
    const mirror = testMirror();
    upsertTasks(mirror, tasks('a', 5000));
    const backup = join(dirname(mirror.path), 'backups', 'recovery-1.db');
    let done = false;
    const copying = backupMirror(mirror.path, backup).finally(() => {
      done = true;
    });
    let written = 0;
    while (!done) {
      written += upsertTasks(mirror, [record(`b-${written}`)]).written;
      await new Promise(setImmediate);
    }
    expect(written).toBeGreaterThan(0);
    expect((await copying).size).toBeGreaterThan(0);
    expect(readdirSync(dirname(backup))).toEqual(['recovery-1.db']);
    expect(taskStatistics(testMirror(backup)).total).toBe(5000);
    expect(taskStatistics(mirror).total).toBe(5000 + written);
  });

  it('replaces an older one', async () => {
    const mirror = testMirror();
    const backup = `${mirror.path}.backup`;
    writeFileSync(backup, 'older');
    await backupMirror(mirror.path, backup);
    expect(taskStatistics(testMirror(backup)).total).toBe(0);
  });

  it('is not made over the mirror itself', async () => {
    const { path } = testMirror();
    await expect(backupMirror(path, path)).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  });

  it('of a damaged mirror is refused and leaves the older one', async () => {
    const path = mirrorPath();
    writeFileSync(path, 'noise'.repeat(5000));
    writeFileSync(`${path}.backup`, 'older');
    await expect(backupMirror(path, `${path}.backup`)).rejects.toMatchObject({ code: 'MIRROR_UNAVAILABLE' });
    expect(readdirSync(dirname(path)).sort()).toEqual(['recovery.db', 'recovery.db.backup']);
  });

  it('says clearly that it cannot be written', async () => {
    const { path } = testMirror();
    mkdirSync(`${path}.backup`);
    await expect(backupMirror(path, `${path}.backup`)).rejects.toThrowError(
      /EISDIR|ENOTEMPTY|EEXIST|directory/,
    );
  });
});

describe('a vacuum', () => {
  it('gives the space of deleted rows back', () => {
    const mirror = testMirror();
    upsertTasks(mirror, tasks('a', 5000));
    mirror.write((c) => c.run('DELETE FROM task_states') + c.run('DELETE FROM task_runs'));
    const free = () => mirror.read((c) => Number(c.pragma('freelist_count')));
    expect(free()).toBeGreaterThan(100);
    vacuum(mirror);
    expect(free()).toBe(0);
  });
});
