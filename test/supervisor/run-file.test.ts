import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { identityOf } from '../../src/locks/process-identity.ts';
import { RunFile } from '../../src/supervisor/run-file.ts';
import { tempDir } from '../support/temp-dir.ts';

const file = () => join(tempDir(), 'run', 'up.json');

/** A PID file as another process left it. */
function left(record: unknown, path = file()): RunFile {
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, typeof record === 'string' ? record : JSON.stringify(record));
  return new RunFile(path);
}

const me = identityOf();
const record = (process: unknown, more = {}) => ({
  purpose: 'x',
  process,
  started_at: 'then',
  ended_at: null,
  ...more,
});

describe('a PID file', () => {
  test('that is not there says that nothing ran', () => {
    expect(new RunFile(file()).last()).toEqual({ state: 'none' });
  });

  test('tells a process that runs from one that has ended', () => {
    const path = file();
    const mine = new RunFile(path);
    mine.begin('test');
    expect(new RunFile(path).last()).toMatchObject({ state: 'running', process: { pid: process.pid } });
    mine.end('test');
    expect(new RunFile(path).last()).toEqual({ state: 'ended' });
    expect(readdirSync(join(path, '..'))).toEqual(['up.json']);
    const { started_at, ended_at } = JSON.parse(readFileSync(path, 'utf8'));
    expect(Date.parse(ended_at)).toBeGreaterThanOrEqual(Date.parse(started_at));
  });

  test('of a process that is gone tells of a crash, also when its number was given to another', () => {
    expect(left(record({ ...me, pid: 2 ** 22 + 1 })).last().state).toBe('crashed');
    if (me?.startedAt) expect(left(record({ ...me, startedAt: '1' })).last().state).toBe('crashed');
    if (me?.bootId) expect(left(record({ ...me, bootId: 'another' })).last().state).toBe('crashed');
  });

  test('with times from the future tells the same', () => {
    const future = new Date(Date.now() + 86_400_000).toISOString();
    expect(left(record(me, { started_at: future })).last().state).toBe('running');
    expect(left(record(me, { started_at: future, ended_at: future })).last().state).toBe('ended');
  });

  test.each([
    ['nothing', ''],
    ['noise', '\0\x01{{'],
    ['a half', JSON.stringify(record(me)).slice(0, 40)],
    ['a list', '[]'],
    ['no process', '{}'],
    ['a process group', JSON.stringify(record({ pid: -1 }))],
    ['a word for a number', JSON.stringify(record({ pid: 'one' }))],
  ])('of rubbish is known as such, and replaced: %s', (_name, text) => {
    const damaged = left(text);
    expect(damaged.last()).toEqual({ state: 'damaged' });
    damaged.begin('test');
    expect(damaged.last().state).toBe('running');
  });

  test('that is a directory is damaged, too', () => {
    const path = file();
    mkdirSync(path, { recursive: true });
    expect(new RunFile(path).last()).toEqual({ state: 'damaged' });
  });
});
