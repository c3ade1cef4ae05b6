/** Commands that look back: reports, failures, rules. They need a mirror file or reports, and nothing that runs. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openMirror, recordHandling, upsertTasks } from '../../src/mirror/index.ts';
import { fingerprintOf, processingReport, writeReport } from '../../src/report/index.ts';
import { failed } from '../mirror/support/records.ts';
import { tempDir } from '../support/temp-dir.ts';
import { json, rekindle } from './support/cli.ts';

const HOUR = 3_600_000;

/** A data directory whose mirror has 20 failures of the last hours, of two kinds. */
function pastFailures() {
  const dataDir = join(tempDir('past'), 'data');
  const mirror = openMirror(join(dataDir, 'recovery.db'));
  const now = Date.now();
  const records = Array.from({ length: 20 }, (_, n) => {
    const network = failed(`task-${n}`, now - (n + 1) * HOUR);
    if (n % 2 === 0) return network;
    const lastError = {
      ...(network.state.lastError as NonNullable<typeof network.state.lastError>),
      category: 'unknown',
      rule: 'unknown',
      message: `courier ${n} is in night maintenance`,
    };
    return { ...network, state: { ...network.state, taskType: 'tracking_update', lastError } };
  });
  upsertTasks(mirror, records, { fingerprintOf });
  recordHandling(mirror, [
    {
      runId: 'run-of-task-0',
      taskId: 'task-0',
      action: 'auto_recovery',
      detail: null,
      delaySeconds: 30,
      attempt: 2,
      scanId: 'scan-1',
      failedAtMs: now - HOUR,
      handledAtMs: now - HOUR + 5000,
    },
  ]);
  mirror.close();
  return { dataDir, at: (...args: string[]) => [...args, '--data-dir', dataDir] };
}

function rulesFile(text: string, name = 'rules.yaml'): string {
  const file = join(tempDir('rules'), name);
  writeFileSync(file, text);
  return file;
}

describe('failure list', () => {
  test('shows what failed and what was done about it, the newest first', async () => {
    const { at } = pastFailures();
    const { failures } = await json(at('failure', 'list'));
    expect(failures).toHaveLength(20);
    expect(failures[0]).toMatchObject({
      task_id: 'task-0',
      category: 'recoverable_network',
      action: 'auto_recovery',
      attempt: 2,
      delay_seconds: 30,
    });
    expect(failures[1]).toMatchObject({ task_id: 'task-1', category: 'unknown', action: null });
    const { stdout } = await rekindle(at('failure', 'list', '--limit', '2'));
    expect(stdout).toMatch(/task-0 .*recovery 2 after 30 s/);
    expect(stdout).toMatch(/task-1 .*not looked at yet .*night maintenance/);
    expect(stdout).not.toContain('task-2 ');
  });

  test('of a category, a type, a group of messages, a time', async () => {
    const { at } = pastFailures();
    const count = async (...args: string[]) => (await json(at('failure', 'list', ...args))).failures.length;
    expect(await count('--category', 'unknown')).toBe(10);
    expect(await count('--type', 'video_download')).toBe(10);
    expect(await count('--since', '150m')).toBe(2);
    const { fingerprint } = fingerprintOf('courier 1 is in night maintenance');
    expect(await count('--fingerprint', fingerprint)).toBe(10);
  });

  test.each([
    [['--since', 'yesterday'], 2],
    [['--limit', 'all'], 2],
  ])('with %j ends with %i', async (args, code) => {
    const { at } = pastFailures();
    expect((await rekindle(at('failure', 'list', ...args))).code).toBe(code);
  });

  test('without a mirror says how to get one', async () => {
    const dataDir = join(tempDir('none'), 'data');
    const { code, stderr } = await rekindle(['failure', 'list', '--data-dir', dataDir]);
    expect(code).toBe(1);
    expect(stderr).toContain('rekindle up');
    expect(existsSync(dataDir)).toBe(false);
  });
});

describe('report', () => {
  test('analyse writes a report of the mirror, which list and show find', async () => {
    const { at, dataDir } = pastFailures();
    const { path, report } = await json(at('report', 'analyse', '--days', '1', '--locale', 'zh-CN'));
    expect(report).toMatchObject({
      success: true,
      analysis_period: '1天',
      total_failures: 20,
      task_type_failures: { tracking_update: 10, video_download: 10 },
    });
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(report);
    const { reports } = await json(at('report', 'list'));
    expect(reports).toMatchObject([{ kind: 'failure_analysis', total: 20, problem: null }]);
    expect(await json(at('report', 'show', reports[0].name))).toEqual(report);
    const { stdout } = await rekindle(at('report', 'show', '--data-dir', dataDir));
    expect(stdout).toMatch(/failures +20/);
    expect(stdout).toContain('courier <num> is in night maintenance');
    expect(stdout).toContain('learned-');
  });

  test('show gives the newest processing report in people’s words, and names what is damaged', async () => {
    const dataDir = join(tempDir('reports'), 'data');
    const directory = join(dataDir, 'reports');
    const report = processingReport(
      [
        { taskId: 'a', category: 'recoverable_network', action: 'auto_recovery', delayMs: 30_000 },
        { taskId: 'b', category: null, action: 'error', error: 'no\u001b[31m server' },
      ],
      { atMs: Date.now() },
    );
    await writeReport(directory, 'failure_processing', report, Date.now());
    writeFileSync(join(directory, 'failure_processing', 'failure_processing_29990101_000000.json'), '{');
    const shown = await rekindle(['report', 'show', 'latest', '--data-dir', dataDir]);
    expect(shown.code).toBe(0);
    expect(shown.stderr).toContain('failure_processing_29990101_000000 is damaged');
    expect(shown.stdout).toContain('任务将在30秒后重试');
    expect(shown.stdout).toContain('✗ b: no [31m server');
    expect(shown.stdout).not.toContain('\u001b');
    const listed = await rekindle(['report', 'list', '--data-dir', dataDir]);
    expect(listed.stdout).toMatch(/29990101_000000 .*✗ is damaged/);
  });

  test.each([
    [['show'], 2],
    [['show', '../../etc/passwd'], 2],
    [['show', 'latest', '--kind', 'other'], 2],
    [['list', '--kind', 'other'], 2],
    [['analyse', '--days', '0'], 2],
    [['analyse'], 1],
  ])('report %j without any ends with %i', async (args, code) => {
    const dataDir = join(tempDir('none'), 'data');
    expect((await rekindle(['report', ...args, '--data-dir', dataDir])).code).toBe(code);
  });

  test('list of nothing is no error', async () => {
    const dataDir = join(tempDir('none'), 'data');
    expect(await json(['report', 'list', '--data-dir', dataDir])).toEqual({ reports: [], foreign: [] });
  });

  test('analyse that cannot write says so', async () => {
    const { at, dataDir } = pastFailures();
    writeFileSync(join(dataDir, 'reports'), 'no directory');
    const result = await json(at('report', 'analyse'), 1);
    expect(result.error.code).toBe('NOT_WRITABLE');
  });
});

describe('rules test', () => {
  const NIGHT = `
- id: night
  category: recoverable_temporary
  patterns: ['courier.*night maintenance']
- id: late
  category: unrecoverable_business
  patterns: [maintenance]
- { id: never, category: unrecoverable_data, patterns: [no such words] }
`;

  test('says which past failures would change, and which rules do nothing', async () => {
    const { at } = pastFailures();
    const result = await json(at('rules', 'test', rulesFile(NIGHT)));
    expect(result).toMatchObject({ failures: 20, changed: 10 });
    expect(result.changes).toMatchObject([
      { from: 'unknown', to: 'recoverable_temporary', rule: 'custom.night', count: 10 },
    ]);
    expect(result.rules).toMatchObject([
      { rule: 'custom.night', matched: 10, decided: 10 },
      { rule: 'custom.late', matched: 10, decided: 0, shadowed_by: ['custom.night'] },
      { rule: 'custom.never', matched: 0, decided: 0 },
    ]);
    const { stdout } = await rekindle(at('rules', 'test', rulesFile(NIGHT), '--since', '210m'));
    expect(stdout).toContain('3 past failures, 1 would change');
    expect(stdout).toMatch(/custom\.late .*never decides: custom\.night comes first/);
    expect(stdout).toMatch(/custom\.never .*matches nothing/);
  });

  test('takes JSON, and a configuration with failure.rules', async () => {
    const { at } = pastFailures();
    const rules = [{ id: 'night', category: 'unrecoverable_config', patterns: ['night'] }];
    for (const content of [rules, { rules }, { locale: 'en', failure: { rules } }]) {
      const file = rulesFile(JSON.stringify(content), 'rules.json');
      expect((await json(at('rules', 'test', file))).changed).toBe(10);
    }
  });

  test('takes the rule that the analysis proposed', async () => {
    const { at } = pastFailures();
    const { report } = await json(at('report', 'analyse'));
    const { id, patterns } = report.unknown_errors.groups[0].proposed_rule;
    const file = rulesFile(JSON.stringify([{ id, category: 'recoverable_temporary', patterns }]));
    expect((await json(at('rules', 'test', file))).changed).toBe(10);
  });

  test.each([
    [
      'an unsafe pattern, a broken one and a wrong key',
      '[{category: unknown, patterns: ["(a+)+$", "("], wait: 1}]',
      /3 problems:[\s\S]*rule 1, patterns 1: [\s\S]*rule 1, patterns 2: [\s\S]*"wait"/,
    ],
    ['no list', 'locale: en', /the rules: /],
    ['broken YAML', '- id: [', /has a problem:/],
    ['nothing', '', /the rules: /],
  ])('%s: all is told, exit code 2', async (_what, text, said) => {
    const { at } = pastFailures();
    const { code, stderr } = await rekindle(at('rules', 'test', rulesFile(text)));
    expect([code, stderr]).toEqual([2, expect.stringMatching(said)]);
  });

  test('a file that is not there', async () => {
    const { at, dataDir } = pastFailures();
    mkdirSync(join(dataDir, 'directory'));
    for (const file of ['nowhere.yaml', join(dataDir, 'directory')])
      expect((await rekindle(at('rules', 'test', file))).code).toBe(2);
  });
});
