import { appendFileSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  type ActivityInFlight,
  InFlightJournal,
  keyOf,
  type WorkerRole,
} from '../../src/supervisor/in-flight-journal.ts';
import { abandonedJournals, disown, readJournals, serviceRuns } from '../../src/supervisor/read-journals.ts';
import { startChild } from '../support/child.ts';
import { tempDir } from '../support/temp-dir.ts';

const activity = (n: number, attempt = 1): ActivityInFlight => ({
  workflowId: `task-${n}`,
  runId: `run-${n}`,
  activityId: String(n),
  attempt,
  taskToken: Buffer.from(`token ${n}`).toString('base64'),
});

const withWork = (n: number): ActivityInFlight => ({
  ...activity(n),
  work: { args: [{ n }], info: { activityType: 'transfer' }, aliveAtMs: 1000 },
});

/** What a worker that is dead now leaves: the journal of a child that was killed. */
async function deadWorker(
  dir: string,
  work: 'one ended, two left' | 'nothing',
  role: WorkerRole = 'service',
) {
  const child = startChild(new URL('./journal-child.ts', import.meta.url), [dir, role, work]);
  const left = await child.next<ActivityInFlight[]>();
  await child.kill();
  const [file = ''] = readdirSync(dir).filter((name) => name.startsWith(`worker-${child.pid}-`));
  return { file: join(dir, file), left };
}

const onlyFile = (dir: string) => join(dir, readdirSync(dir)[0] ?? '');

describe('the journal of a live worker', () => {
  test('is nobody’s to take over, and says that a service runs', () => {
    const dir = tempDir();
    const journal = new InFlightJournal(dir, 'service');
    const key = journal.started(activity(1));
    expect(abandonedJournals(dir)).toEqual([]);
    expect(serviceRuns(dir)).toBe(true);
    journal.ended(key);
    journal.close();
    expect(readdirSync(dir)).toEqual([]);
    expect(serviceRuns(dir)).toBe(false);
  });

  test('that ends with work in flight stays for whoever takes over, and is written to no more', () => {
    const dir = tempDir();
    const journal = new InFlightJournal(dir, 'service');
    const key = journal.started(activity(1));
    journal.close();
    const text = readFileSync(onlyFile(dir), 'utf8');
    journal.ended(key);
    journal.close();
    expect(readFileSync(onlyFile(dir), 'utf8')).toBe(text);
    expect(text.split('\n')).toHaveLength(3);
  });

  test('of a command is no service', () => {
    const dir = tempDir();
    const journal = new InFlightJournal(dir, 'command');
    expect(serviceRuns(dir)).toBe(false);
    journal.close();
  });

  test('is not abandoned while its first line is on its way', () => {
    const dir = tempDir();
    const journal = new InFlightJournal(dir, 'service');
    truncateSync(onlyFile(dir), 0);
    expect(abandonedJournals(dir)).toEqual([]);
    journal.close();
  });

  test('stays short however much it has seen, and keeps what is in flight', () => {
    const dir = tempDir();
    const journal = new InFlightJournal(dir, 'service');
    const size = () => statSync(onlyFile(dir)).size;
    const held = journal.started(withWork(0));
    journal.cancelled(held);
    for (let n = 1; n < 12_000; n += 1) {
      const key = journal.started(activity(n));
      if (n % 1000 === 0) journal.alive(held, { n }, n * 1000);
      journal.ended(key);
    }
    expect(size()).toBeLessThan(1024 * 1024);
    const work = { beat: { n: 11_000 }, aliveAtMs: 11_000_000 };
    expect(readJournals(dir)).toMatchObject([{ inFlight: [{ ...activity(0), cancelled: true, work }] }]);
    journal.ended(held);
    for (let n = 0; size() > 1000; n += 1) journal.ended(journal.started(activity(n)));
    expect(readJournals(dir)).toMatchObject([{ role: 'service', inFlight: [] }]);
    journal.close();
  });

  test('notes signs of life no more often than Temporal hears of them, and only of what can be carried on', () => {
    const dir = tempDir();
    const journal = new InFlightJournal(dir, 'service');
    const [plain, carried] = [journal.started(activity(1)), journal.started(withWork(2))];
    for (let ms = 2000; ms < 4000; ms += 100) {
      journal.alive(plain, { ms }, ms);
      journal.alive(carried, { ms }, ms);
    }
    const lines = readFileSync(onlyFile(dir), 'utf8').split('\n');
    expect(lines.filter((line) => line.includes('"op":"h"'))).toHaveLength(3);
    journal.close();
  });
});

describe('the journal of a killed worker', () => {
  test('that somebody goes on with tells no more of it, even if it ended in the middle of a line', async () => {
    const dir = tempDir();
    const { file, left } = await deadWorker(dir, 'one ended, two left');
    appendFileSync(file, '{"op":"+","key":"cut');
    disown(file, left.slice(0, 1).map(keyOf));
    expect(abandonedJournals(dir)).toMatchObject([{ inFlight: left.slice(1) }]);
  });

  test('tells which attempts it was doing', async () => {
    const dir = tempDir();
    const { file, left } = await deadWorker(dir, 'one ended, two left');
    expect(left).toHaveLength(2);
    expect(abandonedJournals(dir)).toMatchObject([{ file, inFlight: left }]);
    expect(serviceRuns(dir)).toBe(false);
  });

  test('may be empty of work', async () => {
    const dir = tempDir();
    await deadWorker(dir, 'nothing');
    expect(abandonedJournals(dir)).toMatchObject([{ inFlight: [] }]);
  });

  test('may end in the middle of a line', async () => {
    const dir = tempDir();
    const { file, left } = await deadWorker(dir, 'one ended, two left');
    appendFileSync(file, JSON.stringify({ op: '+', key: 'x', ...activity(9) }).slice(0, 40));
    expect(abandonedJournals(dir)).toMatchObject([{ inFlight: left }]);
  });

  test('may have been cut in the middle', async () => {
    const dir = tempDir();
    const { file, left } = await deadWorker(dir, 'one ended, two left');
    truncateSync(file, statSync(file).size - 5);
    expect(abandonedJournals(dir)[0]?.inFlight).toEqual(left.slice(0, 1));
  });

  test('may begin with rubbish', async () => {
    const dir = tempDir();
    const { file, left } = await deadWorker(dir, 'one ended, two left');
    const [, ...lines] = readFileSync(file, 'utf8').split('\n');
    writeFileSync(file, ['\0\0\0', ...lines].join('\n'));
    expect(abandonedJournals(dir)).toMatchObject([{ inFlight: left }]);
  });

  test.each([
    ['rubbish', 'not JSON'],
    ['a list', '[1]'],
    ['no token', JSON.stringify({ op: '+', key: 'k', ...activity(1), taskToken: undefined })],
    ['a number for an id', JSON.stringify({ op: '+', key: 'k', ...activity(1), workflowId: 1 })],
  ])('may hold a line that is no activity: %s', async (_name, line) => {
    const dir = tempDir();
    const { file, left } = await deadWorker(dir, 'one ended, two left');
    appendFileSync(file, `${line}\n`);
    expect(abandonedJournals(dir)).toMatchObject([{ inFlight: left }]);
  });

  test('of another name is not looked at, and neither is a directory that is not there', () => {
    const dir = tempDir();
    writeFileSync(join(dir, 'worker-1-2.log'), '{}');
    expect(abandonedJournals(dir)).toEqual([]);
    expect(abandonedJournals(join(dir, 'none'))).toEqual([]);
  });
});
