import { expect, test } from 'vitest';
import { checkName, fileNameOf, lockWorkflowId, shownName } from '../../src/locks/resource-name.ts';

const NAMES = [
  'database_connection',
  'Database_Connection',
  '../../etc/passwd',
  '/videos/a b/c.mp4',
  '数据库连接',
  '数据库連接',
  '.',
  '..',
  ' ',
  '\0',
  'a\nb',
  'con',
  'x'.repeat(100_000),
  `${'x'.repeat(99_999)}y`,
  '\ud800',
  '\ud801',
  '�',
  "it's",
];

test('every text is a lock of its own, with a file name that is harmless everywhere', () => {
  for (const name of NAMES) checkName(name);
  const files = NAMES.map(fileNameOf);
  for (const file of files) expect(file).toMatch(/^[a-z0-9][a-z0-9-]{0,70}$/);
  expect(new Set(files).size).toBe(NAMES.length);
});

test('every text has a workflow ID that Temporal takes, and that shows it where it can', () => {
  const ids = NAMES.map(lockWorkflowId);
  expect(new Set(ids).size).toBe(NAMES.length);
  for (const id of ids) expect(Buffer.byteLength(id)).toBeLessThan(250);
  expect(lockWorkflowId('database_connection')).toBe('lock/database_connection');
  expect(lockWorkflowId('/videos/数据')).toBe('lock//videos/数据');
});

test('no name looks like the shortened one of another', () => {
  const long = lockWorkflowId('x'.repeat(500));
  expect(lockWorkflowId(long.replace(/^lock\//, ''))).not.toBe(long);
});

test('a name is shown on one line', () => {
  expect(shownName('a\nb')).toBe('a b');
  expect(shownName('x'.repeat(1000), 10)).toBe('xxxxxxxxx…');
});

test('nothing and what is no text is refused', () => {
  for (const name of ['', undefined, null, 7, {}]) expect(() => checkName(name)).toThrow(/needs a name/);
});
