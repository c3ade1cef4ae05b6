import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { jsonChunks, StreamedList } from '../../src/report/json-chunks.ts';
import { type ProcessedFailure, processingReport } from '../../src/report/processing-report.ts';
import { writeProcessing } from '../../src/report/write-processing.ts';
import { tempDir } from '../support/temp-dir.ts';

const atMs = new Date(2023, 11, 1, 14, 0, 0).getTime();
const FAILURES: readonly ProcessedFailure[] = [
  { taskId: 'a', category: 'recoverable_network', action: 'auto_recovery', delayMs: 30_000 },
  { taskId: 'b', category: null, action: 'error', error: 'line one\nline "two"' },
  { taskId: 'c', category: 'unrecoverable_data', action: 'admin_notification' },
  { taskId: 'd', category: 'recoverable_system', action: 'skipped', why: 'recovery_disabled' },
  { taskId: 'e', category: null, action: 'error', error: '磁盘' },
];
const streamOf = (failures: Iterable<ProcessedFailure>) =>
  async function* () {
    yield* failures;
  };

describe('writing the report of a scan piece by piece', () => {
  it.each([
    ['many failed tasks', FAILURES],
    ['none', []],
    ['no errors', FAILURES.slice(0, 1)],
  ])('gives, with %s, what the report in memory gives, byte for byte', async (_, failures) => {
    for (const options of [{ atMs }, { atMs, locale: 'en' as const, brokenOffBy: 'engine gone' }]) {
      const path = await writeProcessing(tempDir('report'), streamOf(failures), options);
      const expected = `${JSON.stringify(processingReport(failures, options), null, 2)}\n`;
      expect(readFileSync(path, 'utf8')).toBe(expected);
    }
  });

  it('finds the same report again, and gives another one of the second its own name', async () => {
    const dir = tempDir('report');
    const first = await writeProcessing(dir, streamOf(FAILURES), { atMs });
    expect(await writeProcessing(dir, streamOf(FAILURES), { atMs })).toBe(first);
    const second = await writeProcessing(dir, streamOf(FAILURES.slice(1)), { atMs });
    expect(second).toMatch(/_140000_2\.json$/);
    // As long as the first, and different.
    const renamed = FAILURES.map((failure) => ({ ...failure, taskId: failure.taskId.toUpperCase() }));
    expect(await writeProcessing(dir, streamOf(renamed), { atMs })).toMatch(/_140000_3\.json$/);
  });

  it('leaves nothing behind when its entries cannot be read to the end', async () => {
    const dir = tempDir('report');
    let pass = 0;
    const broken = async function* (): AsyncGenerator<ProcessedFailure> {
      pass += 1;
      yield* FAILURES;
      if (pass === 3) throw new Error('the page is gone');
    };
    await expect(writeProcessing(dir, broken, { atMs })).rejects.toThrow('the page is gone');
    expect(readdirSync(join(dir, 'failure_processing'))).toEqual([]);
  });

  it('does not have the report of 200,000 failed tasks in memory', async () => {
    const many = (count: number) =>
      async function* (): AsyncGenerator<ProcessedFailure> {
        for (let n = 0; n < count; n++) {
          const taskId = `task-${n}`;
          yield n % 2 === 0
            ? { taskId, category: 'recoverable_network', action: 'auto_recovery', delayMs: 30_000 }
            : { taskId, category: null, action: 'error', error: 'x'.repeat(100) };
        }
      };
    const dir = tempDir('report');
    await writeProcessing(dir, many(20_000), { atMs });
    const before = process.memoryUsage.rss();
    let peak = before;
    const watching = setInterval(() => {
      peak = Math.max(peak, process.memoryUsage.rss());
    }, 10);
    const path = await writeProcessing(dir, many(200_000), { atMs });
    clearInterval(watching);
    // More than 80 MB as a string: it has Chinese in it.
    expect(readFileSync(path).length).toBeGreaterThan(40_000_000);
    expect((peak - before) / 2 ** 20).toBeLessThan(75);
  }, 60_000);
});

describe('JSON in pieces', () => {
  const text = async (value: unknown) => {
    let all = '';
    for await (const chunk of jsonChunks(value)) all += chunk;
    return all;
  };

  it.each([
    [{}],
    [{ a: undefined }],
    [{ a: {}, b: [], c: null, d: 'x\ny', e: [{ f: [1, { g: true }] }], h: { i: { j: [] } }, k: undefined }],
    [[]],
    ['text'],
  ])('is the text of JSON.stringify: %j', async (value) => {
    expect(await text(value)).toBe(JSON.stringify(value, null, 2));
  });

  it('writes a streamed list as an array, also inside of objects', async () => {
    const list = (...entries: unknown[]) =>
      new StreamedList(async function* () {
        yield* entries;
      });
    expect(await text({ a: list(), b: { c: list(1, { d: [2] }) } })).toBe(
      JSON.stringify({ a: [], b: { c: [1, { d: [2] }] } }, null, 2),
    );
  });
});
