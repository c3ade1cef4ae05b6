import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { listReports, loadReport, processingReport, writeReport } from '../../src/report/index.ts';
import { tempDir } from '../support/temp-dir.ts';

const NOON = new Date(2026, 0, 2, 12).getTime();
const MINUTE = 60_000;

const processing = (atMs: number) => processingReport([], { atMs });
const analysis = { total_failures: 7, insights: ['the main cause'] };

async function reports() {
  const directory = join(tempDir('reports'), 'reports');
  const write = (kind: 'failure_processing' | 'failure_analysis', report: object, atMs: number) =>
    writeReport(directory, kind, report, atMs);
  await write('failure_processing', processing(NOON), NOON);
  await write('failure_analysis', analysis, NOON + MINUTE);
  await write('failure_processing', processing(NOON + 2 * MINUTE), NOON + 2 * MINUTE);
  const put = (path: string, text: string) => writeFileSync(join(directory, path), text);
  return { directory, put };
}

describe('the list of reports', () => {
  test('has the newest of both kinds first', async () => {
    const { directory } = await reports();
    const { reports: found, foreign } = await listReports(directory);
    expect(
      found.map(({ name, written_at, total, summary, problem }) => [
        name,
        written_at,
        total,
        summary,
        problem,
      ]),
    ).toEqual([
      ['failure_processing_20260102_120200', '2026-01-02T12:02:00', 0, '失败任务处理完成', null],
      ['failure_analysis_20260102_120100', '2026-01-02T12:01:00', 7, 'the main cause', null],
      ['failure_processing_20260102_120000', '2026-01-02T12:00:00', 0, '失败任务处理完成', null],
    ]);
    expect(foreign).toEqual([]);
    expect((await listReports(directory, { kind: 'failure_analysis' })).reports).toHaveLength(1);
    expect((await listReports(directory, { limit: 2 })).reports).toHaveLength(2);
  });

  test('names what is damaged and what is no report, and goes on', async () => {
    const { directory, put } = await reports();
    put('failure_analysis/failure_analysis_20260103_000000.json', '{"total_failures": 3');
    put('failure_analysis/failure_analysis_20260104_000000.json', '{"something": "else"}');
    put('failure_analysis/notes.txt', 'mine');
    put('failure_processing/failure_analysis_20260104_000000.json', '{}');
    put('failure_processing/.failure_processing-1.tmp', 'being written');
    mkdirSync(join(directory, '.scan-1'));
    const { reports: found, foreign } = await listReports(directory);
    expect(found.slice(0, 2).map(({ problem }) => problem)).toEqual([
      'is no failure_analysis report',
      'is damaged: no valid JSON',
    ]);
    expect(found).toHaveLength(5);
    expect(foreign).toEqual([
      'failure_analysis/notes.txt',
      'failure_processing/failure_analysis_20260104_000000.json',
    ]);
  });

  test('of a directory that is not there is empty', async () => {
    expect(await listReports(join(tempDir('none'), 'reports'))).toEqual({ reports: [], foreign: [] });
  });
});

describe('a report', () => {
  test('is found by its name, with and without .json, and as the latest', async () => {
    const { directory } = await reports();
    const name = 'failure_analysis_20260102_120100';
    for (const asked of [name, `${name}.json`])
      expect(await loadReport(directory, asked)).toMatchObject({ name, report: analysis });
    expect((await loadReport(directory, 'latest')).name).toBe('failure_processing_20260102_120200');
    expect((await loadReport(directory, 'latest', 'failure_analysis')).name).toBe(name);
  });

  test('of one second with several is told apart', async () => {
    const { directory } = await reports();
    for (const n of [1, 2, 3])
      await writeReport(directory, 'failure_analysis', { total_failures: n }, NOON + 9 * MINUTE);
    expect((await loadReport(directory, 'latest')).report).toEqual({ total_failures: 3 });
    expect((await loadReport(directory, 'failure_analysis_20260102_120900_2')).report).toEqual({
      total_failures: 2,
    });
  });

  test('cannot be outside of the directory', async () => {
    const { directory } = await reports();
    writeFileSync(join(directory, '..', 'secret.json'), '{"total_failures": 1}');
    for (const name of [
      '../secret',
      '../../secret.json',
      '/etc/passwd',
      'failure_analysis/../../secret',
      'failure_analysis_20260102_120100/../x',
      '..\\secret',
      '',
    ])
      await expect(loadReport(directory, name)).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  });

  test('that is damaged is passed over for the latest, and named when it is asked for', async () => {
    const { directory, put } = await reports();
    const damaged = 'failure_processing_20260109_000000';
    put(`failure_processing/${damaged}.json`, '');
    const latest = await loadReport(directory, 'latest');
    expect(latest.name).toBe('failure_processing_20260102_120200');
    expect(latest.damaged).toEqual([`${damaged} is damaged: no valid JSON`]);
    await expect(loadReport(directory, damaged)).rejects.toThrow(/is damaged/);
    await expect(loadReport(tempDir('none'), 'latest')).rejects.toThrow(/no report yet/);
  });
});
