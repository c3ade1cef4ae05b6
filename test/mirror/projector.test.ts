import {
  closeSync,
  existsSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  truncateSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { pino } from 'pino';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  appendRecoveryLog,
  getRecoveryHistory,
  getSession,
  getTask,
  handledRuns,
  listAlerts,
  listFailures,
  type MirrorKeeper,
  openMirror,
  type ProjectorOptions,
  projectOnce,
  recordHandling,
  runProjector,
  setAlert,
  taskStatistics,
  upsertSession,
  upsertTasks,
} from '../../src/mirror/index.ts';
import { readCursor } from '../../src/mirror/write/cursor.ts';
import { handling } from './support/failures.ts';
import { FakeSource } from './support/fake-source.ts';
import { asOtherTool, fillPageWithNoise, mirrorPath, testKeeper } from './support/mirrors.ts';
import { completed, failed, record } from './support/records.ts';

function recordingLog() {
  const lines: string[] = [];
  const write = (line: string) => void lines.push((JSON.parse(line) as { msg: string }).msg);
  return { lines, log: pino({}, { write }) };
}

/** A projector that runs until the test ends, with what tests wait for. */
function start(mirror: MirrorKeeper, source: FakeSource, options: Partial<ProjectorOptions> = {}) {
  const stopping = new AbortController();
  const { lines: logged, log } = recordingLog();
  let passes = Promise.withResolvers<void>();
  let problems = Promise.withResolvers<void>();
  const done = runProjector({
    mirror,
    source,
    intervalMs: 2,
    maxBackoffMs: 20,
    signal: stopping.signal,
    log,
    ...options,
    onPass: () => {
      passes.resolve();
      passes = Promise.withResolvers();
    },
    onProblem: () => {
      problems.resolve();
      problems = Promise.withResolvers();
    },
  });
  const stop = async () => {
    stopping.abort();
    await done;
  };
  onTestFinished(stop);
  return {
    logged,
    stop,
    /** Two passes: the first may have begun before what is waited for. */
    passed: async () => {
      await passes.promise;
      await passes.promise;
    },
    failed: () => problems.promise,
    until: async (condition: () => boolean) => {
      while (!condition()) await passes.promise;
    },
  };
}

const status = (keeper: MirrorKeeper, id: string) => getTask(keeper.get(), id)?.status;
const total = (keeper: MirrorKeeper) => taskStatistics(keeper.get()).total;
const many = (n: number) => Array.from({ length: n }, (_, i) => record(`t-${i}`));
const damagedFiles = (path: string) =>
  readdirSync(dirname(path)).filter((name) => /\.damaged-[^.]*Z$/.test(name));

/** Overwrites what is in the file, in place, as a failing disk would. */
function fillWithNoise(path: string): void {
  const file = openSync(path, 'r+');
  writeSync(file, Buffer.alloc(64 * 1024, 'noise'), 0, 64 * 1024, 0);
  closeSync(file);
}

describe('the projector', () => {
  it('brings a new mirror up to all of Temporal, and follows its changes', async () => {
    const keeper = testKeeper();
    const source = new FakeSource(many(1234), 300);
    const projector = start(keeper, source);
    await projector.passed();
    expect(total(keeper)).toBe(1234);
    source.put(completed('t-7', Date.now()), record('t-new', { startedAtMs: Date.now() }));
    await projector.until(() => status(keeper, 't-new') === 'running');
    expect(status(keeper, 't-7')).toBe('completed');
    expect(source.askedForAll).toBe(1);
  });

  it('goes on at its cursor after a restart', async () => {
    const path = mirrorPath();
    const source = new FakeSource(many(3));
    const first = testKeeper(path);
    await projectOnce(first, source);
    source.put(completed('t-1', Date.now() - 10));
    await projectOnce(first, source);
    const cursor = first.get().read(readCursor);
    first.close();
    source.put(completed('t-2', Date.now()));
    const second = testKeeper(path);
    await projectOnce(second, source, { overlapMs: 700 });
    expect(status(second, 't-2')).toBe('completed');
    expect(source.askedForAll).toBe(1);
    expect(source.askedSince.at(-1)).toBe((cursor.changed_ms ?? 0) - 700);
  });

  it('sees a change that shows up far too late, with the look that goes back further', async () => {
    const slow = record('slow', { startedAtMs: Date.now() - 30_000 });
    const source = new FakeSource([slow]);
    const keeper = testKeeper();
    const projector = start(keeper, source, { overlapMs: 10, lateEveryMs: 50 });
    await projector.passed();
    source.put(record('quick', { updatedAtMs: Date.now() }));
    await projector.passed();
    source.put({ ...completed('slow', Date.now() - 20_000), startedAtMs: slow.startedAtMs });
    await projector.until(() => status(keeper, 'slow') === 'completed');
    await projector.stop();
    expect(getTask(keeper.get(), 'slow')?.progress).toBe(100);
  });

  it('sees a change that shows up late, within the overlap', async () => {
    const keeper = testKeeper();
    const source = new FakeSource();
    const now = Date.now();
    source.put(completed('early', now));
    await projectOnce(keeper, source);
    source.put(completed('late', now - 3000));
    await projectOnce(keeper, source);
    expect(status(keeper, 'late')).toBe('completed');
    expect(source.askedForAll).toBe(1);
  });

  it('looks again soon after a pass that waited for the engine', async () => {
    const source = new FakeSource(many(1));
    const keeper = testKeeper();
    const projector = start(keeper, source, { maxPauseMs: 20 });
    await projector.passed();
    const asked = source.changedSince.bind(source);
    let waits = 0;
    source.changedSince = async function* (ms) {
      waits += 1;
      await new Promise((resolve) => setTimeout(resolve, 300));
      yield* asked(ms);
    };
    const startedAt = performance.now();
    await projector.until(() => waits > 2);
    // Each pause would be nineteen times 300 ms.
    expect(performance.now() - startedAt).toBeLessThan(5000);
  });

  it('stops reading the last busy moment again when nothing comes any more', async () => {
    const keeper = testKeeper();
    const source = new FakeSource([completed('t', Date.now() - 100)]);
    const projector = start(keeper, source, { overlapMs: 30 });
    await projector.until(
      () => (source.askedSince.at(-1) ?? 0) > (keeper.get().read(readCursor).changed_ms ?? 0),
    );
    source.put(completed('t-2', Date.now()));
    await projector.until(() => status(keeper, 't-2') === 'completed');
  });

  it('is not blinded by a time in the future', async () => {
    const keeper = testKeeper();
    const source = new FakeSource([record('future', { startedAtMs: Date.now() + 1e9 })]);
    await projectOnce(keeper, source);
    source.put(completed('t', Date.now()));
    await projectOnce(keeper, source);
    expect(status(keeper, 't')).toBe('completed');
  });

  it('compares all of Temporal from time to time, which repairs what was edited, and keeps what Temporal forgot', async () => {
    const keeper = testKeeper();
    const source = new FakeSource(many(2));
    await projectOnce(keeper, source);
    upsertTasks(keeper.get(), [record('older-than-retention')]);
    asOtherTool(keeper.path, (db) => db.exec(`UPDATE task_states SET status = 'failed'`));
    const pass = await projectOnce(keeper, source, { reconcileMs: 0 });
    expect(pass).toEqual({ seen: 2, written: 2, failed: 0, reconciled: true });
    expect(status(keeper, 't-1')).toBe('running');
    expect(total(keeper)).toBe(3);
  });

  it('says how many failures are new', async () => {
    const keeper = testKeeper();
    const source = new FakeSource([failed('a', Date.now() - 10)]);
    const fingerprintOf = () => ({ fingerprint: 'f' });
    expect(await projectOnce(keeper, source, { fingerprintOf })).toMatchObject({ failed: 1 });
    expect(await projectOnce(keeper, source)).toMatchObject({ failed: 0 });
    source.put(failed('b', Date.now()));
    expect(await projectOnce(keeper, source)).toMatchObject({ failed: 1 });
    expect(listFailures(keeper.get(), { fingerprint: 'f' })).toHaveLength(1);
  });

  it('notes how far the mirror agreed with Temporal, but not while it is filled', async () => {
    const keeper = testKeeper();
    const source = new FakeSource(many(10));
    const compared = () => keeper.get().read((c) => c.all('SELECT compared, agreed FROM reconciliations'));
    await projectOnce(keeper, source, { reconcileMs: 0 });
    expect(compared()).toEqual([]);
    asOtherTool(keeper.path, (db) => db.exec(`UPDATE task_states SET progress = 1 WHERE task_id = 't-3'`));
    // What changed just now, and earlier runs, say nothing about the mirror.
    source.put(completed('t-5', Date.now()));
    upsertTasks(keeper.get(), [record('t-6', { runId: 'run-2', startedAtMs: Date.now() - 60_000 })]);
    await projectOnce(keeper, source, { reconcileMs: 0 });
    expect(compared()).toEqual([{ compared: 8, agreed: 7 }]);
  });

  it('says once that a task cannot be written, and writes the others', async () => {
    const keeper = testKeeper();
    const bad = record('bad', { startedAtMs: Date.now(), state: { status: 'odd' as never } });
    const projector = start(keeper, new FakeSource([bad, record('good')]));
    await projector.passed();
    await projector.passed();
    expect(status(keeper, 'good')).toBe('running');
    expect(projector.logged).toEqual(['a task cannot be written to the mirror']);
  });

  it('outlives a source that fails for a while, and says so once', async () => {
    const keeper = testKeeper();
    const source = new FakeSource(many(2));
    source.failure = new Error('14 UNAVAILABLE');
    const projector = start(keeper, source);
    for (let i = 0; i < 4; i++) await projector.failed();
    source.failure = undefined;
    await projector.passed();
    expect(total(keeper)).toBe(2);
    expect(projector.logged).toEqual([
      'the mirror falls behind: 14 UNAVAILABLE',
      'the mirror is up to date again',
    ]);
  });

  it('outlives a mirror that another process locks', async () => {
    const keeper = testKeeper(mirrorPath(), { busyTimeoutMs: 5 });
    const source = new FakeSource();
    const projector = start(keeper, source);
    await projector.passed();
    await asOtherToolAsync(keeper.path, async (exec) => {
      exec('BEGIN IMMEDIATE');
      source.put(record('t', { startedAtMs: Date.now() }));
      await projector.failed();
      await projector.failed();
      exec('COMMIT');
    });
    await projector.until(() => status(keeper, 't') === 'running');
    expect(projector.logged[0]).toContain('locked by another process');
  });

  it('outlives a mirror that a newer rekindle wrote', async () => {
    const path = mirrorPath();
    openMirror(path).close();
    asOtherTool(path, (db) => db.exec(`INSERT INTO schema_migrations VALUES (99, 'x', 'x', '')`));
    const keeper = testKeeper(path);
    const projector = start(keeper, new FakeSource(many(1)));
    await projector.failed();
    asOtherTool(path, (db) => db.exec('DELETE FROM schema_migrations WHERE version = 99'));
    await projector.passed();
    expect(total(keeper)).toBe(1);
  });

  it('ends at once although its source hangs', async () => {
    const keeper = testKeeper();
    const asked = Promise.withResolvers<void>();
    const hanging = {
      async *changedSince() {
        asked.resolve();
        await new Promise(() => {});
        yield [];
      },
      async *all() {},
    };
    const stopping = new AbortController();
    const done = runProjector({ mirror: keeper, source: hanging, signal: stopping.signal });
    await asked.promise;
    stopping.abort();
    await done;
  });
});

describe('healing', () => {
  async function running() {
    const { lines: logged, log } = recordingLog();
    const keeper = testKeeper(mirrorPath(), { log });
    const source = new FakeSource(many(50));
    const projector = start(keeper, source, { log });
    await projector.passed();
    upsertTasks(keeper.get(), [record('older-than-retention')]);
    recordHandling(keeper.get(), [handling('r')]);
    setAlert(keeper.get(), { name: 'a', raised: true, value: 1, threshold: 0, atMs: 5 });
    upsertSession(keeper.get(), { sessionId: 's', userId: 'u', sessionType: 'recovery', status: 'active' });
    appendRecoveryLog(keeper.get(), { recoveryType: 'task_recovery', status: 'success', key: 'k' });
    return { keeper, source, projector: { ...projector, logged }, path: keeper.path };
  }

  function expectNothingLost(keeper: MirrorKeeper) {
    expect(total(keeper)).toBe(51);
    expect(getSession(keeper.get(), 's')?.status).toBe('active');
    expect(getRecoveryHistory(keeper.get())).toHaveLength(1);
    expect(handledRuns(keeper.get(), ['r']).size).toBe(1);
    expect(listAlerts(keeper.get())).toMatchObject([{ raised: true, sinceMs: 5 }]);
    expect(appendRecoveryLog(keeper.get(), { recoveryType: 'task_recovery', status: 'x', key: 'k' })).toBe(2);
    asOtherTool(keeper.path, (db) => {
      expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
      expect(db.prepare('SELECT count(*) FROM task_states').pluck().get()).toBe(51);
    });
  }

  it.each([
    ['the file', ['']],
    ['the file with its WAL', ['', '-wal', '-shm']],
    ['only the WAL and then the file', ['-wal', '-shm', '']],
  ])('loses nothing when %s is deleted while it runs', async (_, ends) => {
    const { keeper, path, projector, source } = await running();
    const { generation } = keeper;
    for (const end of ends) rmSync(path + end, { force: true });
    await projector.until(() => keeper.generation > generation);
    expectNothingLost(keeper);
    await projector.passed();
    expect(source.askedForAll).toBe(2);
    expect(projector.logged).toEqual(['the mirror was deleted; it is made anew']);
  });

  it('loses nothing when the whole directory is deleted while it runs', async () => {
    const { keeper, path, projector } = await running();
    rmSync(dirname(path), { recursive: true });
    await projector.until(() => existsSync(path));
    expectNothingLost(keeper);
  });

  it('sets a file aside that was overwritten with noise, and has all tasks of Temporal again', async () => {
    const { keeper, path, projector, source } = await running();
    fillWithNoise(path);
    await projector.until(() => source.askedForAll === 2);
    await projector.passed();
    expect(total(keeper)).toBeGreaterThanOrEqual(50);
    expect(damagedFiles(path).length).toBeGreaterThan(0);
    expect(projector.logged).toContain('the mirror was damaged; it is made anew');
  });

  it('sets a file aside that was cut off', async () => {
    const { keeper, path, projector, source } = await running();
    truncateSync(path, 0);
    await projector.until(() => source.askedForAll === 2);
    await projector.passed();
    expect(total(keeper)).toBeGreaterThanOrEqual(50);
    expect(damagedFiles(path).length).toBeGreaterThan(0);
  });

  it('sets a file aside whose pages are noise behind a sound header, and keeps what can be read', async () => {
    const { keeper, path, projector, source } = await running();
    await projector.stop();
    keeper.close();
    fillPageWithNoise(path, 'task_states');

    const again = testKeeper(path);
    const next = start(again, source);
    source.put(record('t-0', { startedAtMs: Date.now(), runId: 'run-2' }));
    await next.failed();
    await next.passed();
    expect(damagedFiles(path)).toHaveLength(1);
    expect(total(again)).toBe(50);
    expect(getSession(again.get(), 's')).toBeDefined();
    expect(getRecoveryHistory(again.get())).toHaveLength(1);
  });

  it('compares all of Temporal again when the file was damaged while it did so', async () => {
    const keeper = testKeeper();
    const source = new FakeSource(many(300));
    source.beforePage = (page) => {
      if (page === 2 && source.askedForAll === 1) fillWithNoise(keeper.path);
    };
    const projector = start(keeper, source);
    await projector.until(() => source.askedForAll === 2);
    await projector.passed();
    expect(total(keeper)).toBe(300);
    expect(keeper.get().read(readCursor).reconciled_ms).not.toBeNull();
  });

  it('starts with noise where the mirror should be', async () => {
    const path = mirrorPath();
    openMirror(path).close();
    fillWithNoise(path);
    const keeper = testKeeper(path);
    expect(await projectOnce(keeper, new FakeSource(many(3)))).toMatchObject({ written: 3 });
    expect(damagedFiles(path)).toHaveLength(1);
  });

  it('opens a file that was put in its place, and brings it up to date', async () => {
    const { keeper, path, projector, source } = await running();
    const other = `${path}.restored`;
    const restored = openMirror(other);
    upsertSession(restored, { sessionId: 'restored', userId: 'u', sessionType: 't', status: 'active' });
    restored.close();
    renameSync(other, path);
    await projector.until(() => source.askedForAll === 2);
    await projector.passed();
    expect(total(keeper)).toBe(50);
    expect(getSession(keeper.get(), 'restored')).toBeDefined();
    expect(projector.logged).toEqual(['the mirror was replaced by another file']);
  });

  it('shows a reader the file that is there now', async () => {
    const { keeper, path } = await running();
    const reader = testKeeper(path, { readonly: true });
    expect(total(reader)).toBe(51);
    rmSync(path);
    expect(() => reader.get()).toThrowError(/does not exist/);
    keeper.get();
    expect(total(reader)).toBe(51);
    fillWithNoise(path);
    expect(() => reader.get()).toThrowError(/is damaged/);
    expect(damagedFiles(path)).toEqual([]);
  });
});

async function asOtherToolAsync(
  path: string,
  fn: (exec: (sql: string) => void) => Promise<void>,
): Promise<void> {
  const { default: Database } = await import('better-sqlite3');
  const db = new Database(path);
  try {
    await fn((sql) => void db.exec(sql));
  } finally {
    db.close();
  }
}
