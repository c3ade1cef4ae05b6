import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { REPORT_FILE, writeReport } from '../../src/report/write-report.ts';
import { tempDir } from '../support/temp-dir.ts';

const atMs = new Date(2023, 11, 1, 14, 0, 0).getTime();

describe('writing a report', () => {
  it('gives it the documented directory and name', async () => {
    const dir = tempDir('report');
    const report = { success: true, message: '失败任务处理完成' };
    const path = await writeReport(dir, 'failure_processing', report, atMs);
    expect(path).toBe(join(dir, 'failure_processing', 'failure_processing_20231201_140000.json'));
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(report);
    expect(await writeReport(dir, 'failure_analysis', report, atMs)).toBe(
      join(dir, 'failure_analysis', 'failure_analysis_20231201_140000.json'),
    );
  });

  it('never overwrites another of the same second, also when both are written at once', async () => {
    const dir = tempDir('report');
    const numbers = Array.from({ length: 20 }, (_, n) => n);
    const paths = await Promise.all(numbers.map((n) => writeReport(dir, 'failure_analysis', { n }, atMs)));
    expect(new Set(paths).size).toBe(20);
    const read = paths.map((path) => (JSON.parse(readFileSync(path, 'utf8')) as { n: number }).n);
    expect(read).toEqual(numbers);
    const names = readdirSync(join(dir, 'failure_analysis'));
    expect(names.every((name) => REPORT_FILE.test(name))).toBe(true);
  });

  it('finds the same report again when an activity runs twice', async () => {
    const dir = tempDir('report');
    const first = await writeReport(dir, 'failure_processing', { a: 1 }, atMs);
    expect(await writeReport(dir, 'failure_processing', { a: 1 }, atMs)).toBe(first);
    expect(readdirSync(join(dir, 'failure_processing'))).toHaveLength(1);
  });

  it('leaves nothing behind and says what is wrong when the directory is no directory', async () => {
    const dir = tempDir('report');
    writeFileSync(join(dir, 'failure_analysis'), '');
    await expect(writeReport(dir, 'failure_analysis', {}, atMs)).rejects.toMatchObject({
      code: 'NOT_WRITABLE',
      message: expect.stringContaining(join(dir, 'failure_analysis')),
    });
    expect(readdirSync(dir)).toEqual(['failure_analysis']);
  });
});
