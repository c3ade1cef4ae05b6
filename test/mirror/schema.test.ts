import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { openMirror, vacuum } from '../../src/mirror/index.ts';
import { loadMigrations } from '../../src/mirror/migrations.ts';
import { tempDir } from '../support/temp-dir.ts';
import { asOtherTool, mirrorPath, testMirror } from './support/mirrors.ts';

type Column = [name: string, type: string, notnull: number, dflt: string | null, pk: number];
const NOW = 'CURRENT_TIMESTAMP';

/** SPEC section 9, column by column. */
const DOCUMENTED: Record<string, Column[]> = {
  task_states: [
    ['task_id', 'TEXT', 0, null, 1],
    ['task_type', 'TEXT', 1, null, 0],
    ['status', 'TEXT', 1, null, 0],
    ['progress', 'REAL', 0, '0', 0],
    ['data', 'TEXT', 0, null, 0],
    ['checkpoint_data', 'TEXT', 0, null, 0],
    ['retry_count', 'INTEGER', 0, '0', 0],
    ['last_error', 'TEXT', 0, null, 0],
    ['created_at', 'TIMESTAMP', 0, NOW, 0],
    ['updated_at', 'TIMESTAMP', 0, NOW, 0],
  ],
  sessions: [
    ['session_id', 'TEXT', 0, null, 1],
    ['user_id', 'TEXT', 1, null, 0],
    ['session_type', 'TEXT', 1, null, 0],
    ['status', 'TEXT', 1, null, 0],
    ['data', 'TEXT', 0, null, 0],
    ['created_at', 'TIMESTAMP', 0, NOW, 0],
    ['updated_at', 'TIMESTAMP', 0, NOW, 0],
    ['expires_at', 'TIMESTAMP', 0, null, 0],
  ],
  recovery_logs: [
    ['id', 'INTEGER', 0, null, 1],
    ['recovery_type', 'TEXT', 1, null, 0],
    ['task_id', 'TEXT', 0, null, 0],
    ['session_id', 'TEXT', 0, null, 0],
    ['status', 'TEXT', 1, null, 0],
    ['details', 'TEXT', 0, null, 0],
    ['created_at', 'TIMESTAMP', 0, NOW, 0],
  ],
};

describe('the schema', () => {
  it.each(Object.keys(DOCUMENTED))('has %s with exactly the documented columns', (table) => {
    const mirror = testMirror();
    const rows = asOtherTool(mirror.path, (db) => db.pragma(`table_info(${table})`)) as Record<
      string,
      unknown
    >[];
    expect(rows.map((r) => [r.name, r.type, r.notnull, r.dflt_value, r.pk])).toEqual(DOCUMENTED[table]);
  });

  it('numbers the recovery logs without ever using a number again', () => {
    const mirror = testMirror();
    const sql = asOtherTool(mirror.path, (db) =>
      db.prepare(`SELECT sql FROM sqlite_master WHERE name = 'recovery_logs'`).pluck().get(),
    );
    expect(sql).toContain('PRIMARY KEY AUTOINCREMENT');
  });

  it('is in WAL mode, also for other tools', () => {
    const mirror = testMirror();
    expect(asOtherTool(mirror.path, (db) => db.pragma('journal_mode', { simple: true }))).toBe('wal');
  });

  it('survives a vacuum', () => {
    const mirror = testMirror();
    vacuum(mirror);
    expect(asOtherTool(mirror.path, (db) => db.pragma('integrity_check', { simple: true }))).toBe('ok');
  });
});

describe('migrating', () => {
  const history = (path: string) =>
    asOtherTool(path, (db) => db.prepare('SELECT * FROM schema_migrations ORDER BY version').all());

  it('records every migration with its checksum', () => {
    const { path } = testMirror();
    expect(history(path)).toMatchObject(
      loadMigrations().map(({ version, name, checksum }) => ({ version, name, checksum })),
    );
  });

  it('does nothing the second time', () => {
    const path = mirrorPath();
    testMirror(path).close();
    const before = history(path);
    testMirror(path).close();
    expect(history(path)).toEqual(before);
  });

  it('brings an older file up to date and keeps its rows', () => {
    const path = mirrorPath();
    openMirror(path, {}, loadMigrations().slice(0, 1)).close();
    asOtherTool(path, (db) =>
      db.exec(
        `INSERT INTO sessions (session_id, user_id, session_type, status) VALUES ('s', 'u', 't', 'active')`,
      ),
    );
    testMirror(path).close();
    expect(history(path)).toHaveLength(loadMigrations().length);
    expect(asOtherTool(path, (db) => db.prepare('SELECT count(*) FROM sessions').pluck().get())).toBe(1);
  });

  it('leaves nothing of a migration that fails', () => {
    const path = mirrorPath();
    const bad = {
      version: loadMigrations().length + 1,
      name: 'bad.sql',
      sql: 'CREATE TABLE half (a); CREATE TABLE half (a);',
      checksum: '',
    };
    expect(() => openMirror(path, {}, [...loadMigrations(), bad])).toThrowError(/already exists/);
    expect(history(path)).toHaveLength(loadMigrations().length);
    expect(
      asOtherTool(path, (db) => db.prepare(`SELECT 1 FROM sqlite_master WHERE name = 'half'`).get()),
    ).toBe(undefined);
  });

  it('refuses a file that a newer rekindle wrote, and leaves it alone', () => {
    const path = mirrorPath();
    const future = {
      version: loadMigrations().length + 1,
      name: 'x',
      sql: 'CREATE TABLE future (a)',
      checksum: 'x',
    };
    openMirror(path, {}, [...loadMigrations(), future]).close();
    expect(() => openMirror(path)).toThrowError(
      expect.objectContaining({ code: 'MIRROR_NEWER', hint: expect.stringContaining('Update rekindle') }),
    );
    expect(history(path)).toHaveLength(future.version);
  });

  it('refuses a migration that was edited after it had been applied', () => {
    const path = mirrorPath();
    const [first, ...rest] = loadMigrations();
    if (!first) throw new Error('no migrations');
    openMirror(path, {}, [{ ...first, checksum: 'another' }, ...rest]).close();
    expect(() => openMirror(path)).toThrowError(
      expect.objectContaining({
        code: 'MIRROR_UNAVAILABLE',
        message: expect.stringContaining('0001_documented_tables.sql'),
      }),
    );
  });

  it("refuses another program's database and changes nothing in it", () => {
    const path = mirrorPath();
    asOtherTool(path, (db) => db.exec('CREATE TABLE customers (id)'));
    expect(() => openMirror(path)).toThrowError(/another program's database \(it has a table customers\)/);
    expect(asOtherTool(path, (db) => db.pragma('journal_mode', { simple: true }))).toBe('delete');
  });

  it('takes Windows line ends for the same text', () => {
    const dir = mkdtempSync(join(tempDir('sql'), 'sql-'));
    const [first] = loadMigrations();
    writeFileSync(join(dir, '0001_a.sql'), (first?.sql ?? '').replaceAll('\n', '\r\n'));
    expect(loadMigrations(pathToFileURL(`${dir}/`))[0]?.checksum).toBe(first?.checksum);
  });

  it('refuses numbers with a gap', () => {
    const dir = tempDir('sql');
    writeFileSync(join(dir, '0002_b.sql'), '');
    expect(() => loadMigrations(pathToFileURL(`${dir}/`))).toThrowError('sql/0002_b.sql should be number 1');
  });
});
