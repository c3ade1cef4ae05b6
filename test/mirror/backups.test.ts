import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import {
  backupMirror,
  backupName,
  listBackups,
  makeBackup,
  removeLeftOvers,
  rotateBackups,
  runProjector,
  surplusBackups,
  taskStatistics,
  upsertTasks,
} from '../../src/mirror/index.ts';
import { smallDisk } from '../support/small-disk.ts';
import { tempDir } from '../support/temp-dir.ts';
import { FakeSource } from './support/fake-source.ts';
import { fillPageWithNoise, mirrorPath, testKeeper, testMirror } from './support/mirrors.ts';
import { record, T0 } from './support/records.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const MIDNIGHT = Date.UTC(2026, 0, 10);
const KEPT = { last: 24, days: 7 };
const backupsOf = (path: string) => join(dirname(path), 'backups');
const namesIn = (directory: string) => listBackups(directory).map(({ path }) => basename(path));
const tasks = (n: number) => Array.from({ length: n }, (_, i) => record(`task-${i}`));

/** Backups as they would stand after so many moments, without their bytes. */
function rotated(moments: Iterable<number>, keep = KEPT): number[] {
  let standing: { path: string; atMs: number; size: number }[] = [];
  for (const atMs of moments) {
    standing.push({ path: backupName(atMs), atMs, size: 0 });
    const gone = new Set(surplusBackups(standing, keep, atMs));
    standing = standing.filter((one) => !gone.has(one));
  }
  return standing.map(({ atMs }) => atMs).sort((a, b) => a - b);
}

function* hourly(count: number, fromMs = MIDNIGHT): Generator<number> {
  for (let i = 0; i < count; i++) yield fromMs + i * HOUR;
}

describe('the rotation of backups', () => {
  it('keeps the last 24, and the last one of each of 7 days', () => {
    const standing = rotated(hourly(20 * 24 + 13));
    const newest = MIDNIGHT + 20 * DAY + 12 * HOUR;
    expect(standing.slice(-24)).toEqual([...hourly(24, newest - 23 * HOUR)]);
    // Today and yesterday are among them; of the five days before the last hour stands.
    const today = MIDNIGHT + 20 * DAY;
    expect(standing.slice(0, -24)).toEqual([5, 4, 3, 2, 1].map((n) => today - n * DAY - HOUR));
  });

  it('keeps fewer than 24 all', () => {
    expect(rotated(hourly(24))).toEqual([...hourly(24)]);
    expect(rotated(hourly(24), { last: 3, days: 0 })).toEqual([...hourly(24)].slice(-3));
  });

  it('takes nothing away from a computer that was off for a month', () => {
    const before = rotated(hourly(240));
    const after = rotated([...hourly(240), MIDNIGHT + 60 * DAY]);
    expect(after).toContain(MIDNIGHT + 239 * HOUR);
    expect(after.length).toBeGreaterThanOrEqual(before.length - 1);
  });

  it('keeps new ones when the clock was a year ahead before', () => {
    const wrong = [...hourly(30, MIDNIGHT + 365 * DAY)];
    const right = [...hourly(30)];
    const standing = rotated([...wrong, ...right]);
    for (const atMs of right.slice(-24)) expect(standing).toContain(atMs);
    // Until there are new ones the old ones are all there is.
    expect(rotated([...wrong, MIDNIGHT])).toContain(MIDNIGHT);
    expect(rotated([...wrong, MIDNIGHT]).length).toBeGreaterThanOrEqual(24);
  });

  it('is by the time in the name, in UTC, and leaves other files alone', () => {
    const directory = tempDir('backups');
    expect(backupName(Date.UTC(2026, 0, 31, 8, 5, 9, 999))).toBe('recovery-20260131_080509.db');
    const strangers = ['before-upgrade.db', 'recovery-20260131.db', 'recovery-20260131_080509.db.txt'];
    for (const name of [...strangers, ...[...hourly(30)].map(backupName)])
      writeFileSync(join(directory, name), 'x');
    expect(rotateBackups(directory, { last: 2, days: 0 }, MIDNIGHT + DAY * 2)).toBe(28);
    expect(rotateBackups(directory, { last: 2, days: 0 }, MIDNIGHT + DAY * 2)).toBe(0);
    expect(namesIn(directory)).toEqual([29, 28].map((n) => backupName(MIDNIGHT + n * HOUR)));
    expect(readdirSync(directory)).toEqual(expect.arrayContaining(strangers));
    expect(listBackups(join(directory, 'nowhere'))).toEqual([]);
  });
});

describe('a backup among backups', () => {
  it('is made while the projector writes; what is not kept goes once it stands', async () => {
    const keeper = testKeeper();
    upsertTasks(keeper.get(), tasks(3000));
    // The projector's own passes are short, so that it comes back soon.
    const source = new FakeSource([record('first', { updatedAtMs: Date.now() })]);
    const ending = new AbortController();
    const projecting = runProjector({ mirror: keeper, source, signal: ending.signal, intervalMs: 5 });
    await expect.poll(() => taskStatistics(keeper.get()).total, { timeout: 25_000 }).toBe(3001);
    const directory = backupsOf(keeper.path);
    const older = [1, 2, 3].map((n) => backupName(Date.now() - n * HOUR));
    mkdirSync(directory);
    for (const name of older) writeFileSync(join(directory, name), 'older');
    const atMs = Date.now();
    let turns = 0;
    const counting = setInterval(() => {
      turns += 1;
      source.put(record(`late-${turns}`, { updatedAtMs: Date.now() }));
    }, 1);
    const made = await makeBackup(keeper.path, directory, { keep: { last: 2, days: 0 }, atMs });
    clearInterval(counting);
    expect(turns).toBeGreaterThan(1);
    expect(made).toMatchObject({ path: join(directory, backupName(atMs)), removed: 2 });
    expect(namesIn(directory)).toEqual([backupName(atMs), older[0]]);
    await expect.poll(() => taskStatistics(keeper.get()).total, { timeout: 25_000 }).toBeGreaterThan(3001);
    ending.abort();
    await projecting;
    expect(taskStatistics(testMirror(made.path)).total).toBeGreaterThanOrEqual(3001);
  });

  it('of the same moment, made again, takes the place of the first', async () => {
    const mirror = testMirror();
    const directory = backupsOf(mirror.path);
    const options = { keep: KEPT, atMs: T0 };
    await makeBackup(mirror.path, directory, options);
    upsertTasks(mirror, tasks(3));
    await makeBackup(mirror.path, directory, options);
    expect(readdirSync(directory)).toEqual([backupName(T0)]);
    expect(taskStatistics(testMirror(join(directory, backupName(T0)))).total).toBe(3);
  });

  it('that finds no room says so, and all older ones are still there', async ({ skip }) => {
    const directory = smallDisk('1m');
    if (!directory) return skip('needs the right to mount a tmpfs');
    const mirror = testMirror();
    const first = await makeBackup(mirror.path, directory, { keep: KEPT, atMs: T0 });
    upsertTasks(mirror, tasks(4000));
    const failing = makeBackup(mirror.path, directory, { keep: { last: 1, days: 0 }, atMs: T0 + HOUR });
    await expect(failing).rejects.toMatchObject({
      code: 'DISK_FULL',
      message: `no room for the backup ${join(directory, backupName(T0 + HOUR))}`,
      hint: expect.stringContaining('the backups that stand are kept'),
    });
    expect(readdirSync(directory)).toEqual([basename(first.path)]);
    expect(taskStatistics(testMirror(first.path)).total).toBe(0);
    expect(taskStatistics(mirror).total).toBe(4000);
  });

  it('of a mirror with a damaged page is refused, and all older ones are still there', async () => {
    const path = mirrorPath();
    const mirror = testMirror(path);
    upsertTasks(mirror, tasks(300));
    mirror.close();
    const directory = backupsOf(path);
    await makeBackup(path, directory, { keep: KEPT, atMs: T0 });
    fillPageWithNoise(path, 'task_states');
    const failing = makeBackup(path, directory, { keep: { last: 1, days: 0 }, atMs: T0 + HOUR });
    await expect(failing).rejects.toMatchObject({
      code: 'MIRROR_UNAVAILABLE',
      message: expect.stringContaining('is damaged'),
    });
    expect(namesIn(directory)).toEqual([backupName(T0)]);
    expect(readdirSync(directory)).toHaveLength(1);
  });

  it('of a mirror that another program has locked is made all the same', async () => {
    const mirror = testMirror();
    upsertTasks(mirror, tasks(3));
    const to = join(backupsOf(mirror.path), 'copy.db');
    const other = new Database(mirror.path);
    other.exec('BEGIN IMMEDIATE');
    await backupMirror(mirror.path, to);
    other.close();
    expect(taskStatistics(testMirror(to)).total).toBe(3);
  });

  it('whose directory cannot be made is told with its path', async () => {
    const { path } = testMirror();
    writeFileSync(join(dirname(path), 'backups'), 'a file');
    await expect(makeBackup(path, backupsOf(path), { keep: KEPT, atMs: T0 })).rejects.toMatchObject({
      code: 'NOT_WRITABLE',
      message: expect.stringContaining(backupName(T0)),
    });
  });
});

describe('what a killed process left', () => {
  it('is removed when nobody has touched it for a day, and nothing else', () => {
    const path = mirrorPath();
    const directory = backupsOf(path);
    mkdirSync(directory);
    const ours = [
      `${path}.rebuild`,
      `${path}.rebuild-wal`,
      `${path}.restoring`,
      `${path}.restoring.77.unfinished`,
      join(directory, 'recovery-20260102_030405.db.77.unfinished'),
      join(directory, 'recovery-20260102_030405.db.77.unfinished-journal'),
    ];
    const others = [
      path,
      `${path}-wal`,
      `${path}.damaged-2026-01-02`,
      `${path}.before-restore-2026-01-02`,
      `${path}.lock`,
      join(directory, 'recovery-20260102_030405.db'),
      join(directory, 'mine.unfinished'),
    ];
    const touch = (file: string, ms: number) => {
      writeFileSync(file, 'x');
      utimesSync(file, ms / 1000, ms / 1000);
    };
    for (const file of [...ours, ...others]) touch(file, T0);
    expect(removeLeftOvers(path, directory, statSync(path).mtimeMs)).toBe(0);
    expect(removeLeftOvers(path, directory, T0 + 1000)).toBe(ours.length);
    expect(ours.filter((file) => statSync(file, { throwIfNoEntry: false }))).toEqual([]);
    expect(others.map((file) => readFileSync(file, 'utf8'))).toEqual(others.map(() => 'x'));
    rmSync(directory, { recursive: true });
    expect(removeLeftOvers(path, directory, T0)).toBe(0);
  });
});
