/** What a scan keeps between its pages, and what it says when something beside its work fails. */
import { appendFileSync, existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pino } from 'pino';
import { describe, expect, test } from 'vitest';
import { Complaints } from '../../src/activities/scan/complaints.ts';
import { type Outcome, PageFiles } from '../../src/activities/scan/page-files.ts';
import { tempDir } from '../support/temp-dir.ts';

const recovered = (runId: string): Outcome => ({
  runId,
  processed: {
    taskId: `task-${runId}`,
    category: 'recoverable_network',
    action: 'auto_recovery',
    delayMs: 30_000,
  },
  attempt: 1,
});

async function taskIdsOf(files: PageFiles, pages: number): Promise<string[]> {
  const ids: string[] = [];
  for await (const { taskId } of files.read(pages)) ids.push(taskId);
  return ids;
}

describe('the pages of a scan', () => {
  test('are read in their order; one that is done again replaces what it wrote', async () => {
    const files = new PageFiles(tempDir('scan'), 'scan-1');
    await files.open();
    for (let page = 11; page >= 0; page--) await files.write(page, [recovered(`old-${page}`)]);
    await files.write(3, [recovered('new-3'), recovered('also-3')]);
    const ids = await taskIdsOf(files, 12);
    expect(ids.slice(2, 6)).toEqual(['task-old-2', 'task-new-3', 'task-also-3', 'task-old-4']);
    expect(ids.at(-1)).toBe('task-old-11');
  });

  test('remember what they recovered before they were through, whole lines only', async () => {
    const directory = tempDir('scan');
    const files = new PageFiles(directory, 'scan-1');
    await files.open();
    await files.note(0, recovered('a'));
    await files.note(0, recovered('b'));
    const [folder = ''] = readdirSync(directory);
    appendFileSync(join(directory, folder, '0.begun'), '{"runId":"c","proc');
    const before = await new PageFiles(directory, 'scan-1').before(0);
    expect([...before.keys()]).toEqual(['a', 'b']);
    expect(before.get('a')).toEqual(recovered('a'));
    // Of a page that never got through nothing is reported twice: it is done again.
    expect(await taskIdsOf(files, 1)).toEqual([]);
  });

  test('of another scan are apart, and nothing of them is left in the end', async () => {
    const directory = tempDir('scan');
    const [one, other] = ['a', 'b'].map((id) => new PageFiles(directory, id));
    await one?.open();
    await other?.open();
    await one?.write(0, [recovered('a')]);
    expect([...((await other?.before(0)) ?? [])]).toEqual([]);
    await one?.remove();
    await other?.remove();
    expect(existsSync(directory)).toBe(true);
    expect(readdirSync(directory)).toEqual([]);
  });

  test('that could not be written are empty, not an error', async () => {
    expect(await taskIdsOf(new PageFiles(join(tempDir('scan'), 'nowhere'), 'x'), 3)).toEqual([]);
  });
});

test('a trouble that stays is said once, and again when it comes back', async () => {
  const lines: string[] = [];
  const log = pino(
    {},
    { write: (line: string) => void lines.push((JSON.parse(line) as { msg: string }).msg) },
  );
  const complaints = new Complaints(log);
  const broken = () => {
    throw new Error('database is locked');
  };
  expect(await complaints.bestEffort('the mirror is gone', () => 7)).toBe(7);
  for (let n = 0; n < 3; n++)
    expect(await complaints.bestEffort('the mirror is gone', broken)).toBeUndefined();
  await complaints.bestEffort('the report is gone', broken);
  await complaints.bestEffort('the mirror is gone', () => undefined);
  await complaints.bestEffort('the mirror is gone', broken);
  expect(lines).toEqual([
    'the mirror is gone',
    'the report is gone',
    'no more: the mirror is gone',
    'the mirror is gone',
  ]);
});
