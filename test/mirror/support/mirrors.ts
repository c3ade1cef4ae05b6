import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { onTestFinished } from 'vitest';
import {
  type KeeperOptions,
  type Mirror,
  MirrorKeeper,
  type MirrorOptions,
  openMirror,
} from '../../../src/mirror/index.ts';
import { tempDir } from '../../support/temp-dir.ts';

export function mirrorPath(): string {
  return join(tempDir('mirror'), 'recovery.db');
}

/** A mirror that is closed when the test ends. */
export function testMirror(path = mirrorPath(), options: MirrorOptions = {}): Mirror {
  const mirror = openMirror(path, options);
  onTestFinished(() => mirror.close());
  return mirror;
}

export function testKeeper(path = mirrorPath(), options: KeeperOptions = {}): MirrorKeeper {
  const keeper = new MirrorKeeper(path, options);
  onTestFinished(() => keeper.close());
  return keeper;
}

/** Runs SQL as another tool would: on a connection of its own. */
export function asOtherTool<T>(path: string, fn: (db: Database.Database) => T): T {
  const db = new Database(path);
  try {
    return fn(db);
  } finally {
    db.close();
  }
}

/** All rows of the tables that follow from Temporal. */
export function taskRows(mirror: Mirror): unknown {
  return mirror.read((c) => [
    c.all('SELECT * FROM task_states ORDER BY task_id'),
    c.all('SELECT * FROM task_runs ORDER BY task_id'),
  ]);
}

/** Overwrites the first page of a table, in a file that nobody has open. */
export function fillPageWithNoise(path: string, table: string): void {
  const { root, size } = asOtherTool(path, (db) => ({
    root: db.prepare('SELECT rootpage FROM sqlite_master WHERE name = ?').pluck().get(table) as number,
    size: db.pragma('page_size', { simple: true }) as number,
  }));
  const file = openSync(path, 'r+');
  writeSync(file, Buffer.alloc(size, 'noise'), 0, size, (root - 1) * size);
  closeSync(file);
}
