import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createClassifier } from '../../src/failures/index.ts';
import { analyseFailures, FailureAnalysis, type FailureRow } from '../../src/report/analysis.ts';
import { fingerprintOf } from '../../src/report/fingerprint.ts';

const DAY = 86_400_000;
const toMs = Date.UTC(2023, 11, 1, 12);
const row = (over: Partial<FailureRow> = {}): FailureRow => ({
  taskType: 'video_download',
  category: 'recoverable_network',
  message: 'connect ECONNREFUSED 10.0.0.7:5432',
  atMs: toMs - DAY,
  ...over,
});
const times = (n: number, make: (i: number) => FailureRow) => Array.from({ length: n }, (_, i) => make(i));

/** 45 failures as in the document's example. */
function documentedRows(): FailureRow[] {
  const categories = [
    ...times(20, () => row()),
    ...times(12, () => row({ category: 'recoverable_temporary' })),
    ...times(8, () => row({ category: 'unrecoverable_data' })),
    ...times(3, () => row({ category: 'unrecoverable_config' })),
    ...times(2, () => row({ category: 'unrecoverable_business' })),
  ];
  const typeOf = (i: number) =>
    i < 25 ? 'tracking_update' : i < 40 ? 'receipt_generation' : 'screenshot_capture';
  return categories.map((one, i) => ({ ...one, taskType: typeOf(i), atMs: toMs - (i + 1) * 3_600_000 }));
}

describe('the pattern analysis', () => {
  it('has the documented example under the documented keys, in its order', () => {
    const report = analyseFailures(documentedRows().reverse(), { toMs });
    const documentedKeys = Object.fromEntries(Object.entries(report).slice(0, 6));
    expect(JSON.stringify(documentedKeys)).toBe(
      JSON.stringify({
        success: true,
        analysis_period: '7天',
        total_failures: 45,
        category_distribution: {
          recoverable_network: 20,
          recoverable_temporary: 12,
          unrecoverable_data: 8,
          unrecoverable_config: 3,
          unrecoverable_business: 2,
        },
        task_type_failures: { tracking_update: 25, receipt_generation: 15, screenshot_capture: 5 },
        insights: [
          '主要失败原因是recoverable_network，占比44.4%',
          '有71.1%的失败是可自动恢复的',
          '建议检查网络连接稳定性和API服务可用性',
        ],
      }),
    );
  });

  it('says the same in English', () => {
    const report = analyseFailures(documentedRows(), { toMs, locale: 'en' });
    expect(report.analysis_period).toBe('7 days');
    expect(report.insights).toEqual([
      'The main cause of failures is recoverable_network, 44.4% of all',
      '71.1% of the failures can be recovered automatically',
      'Check that the network is stable and the APIs can be reached',
    ]);
  });

  it('of no failure has the same shape and one sentence', () => {
    expect(analyseFailures([], { toMs })).toMatchObject({
      success: true,
      total_failures: 0,
      category_distribution: {},
      insights: ['该时段内没有失败任务'],
      groups: [],
      bursts: [],
    });
  });

  it('counts categories of one’s own, and names them in the insights', () => {
    const report = analyseFailures([row({ category: 'quota' })], { toMs });
    expect(report.category_distribution).toEqual({ quota: 1 });
    expect(report.insights[0]).toBe('主要失败原因是quota，占比100.0%');
    expect(report.insights[2]).toContain('quota');
  });

  it('counts the same whatever the order of the rows', () => {
    const counted = (rows: FailureRow[]) => {
      const { category_distribution, task_type_failures, groups, trend } = analyseFailures(rows, { toMs });
      return JSON.stringify([
        ...[category_distribution, task_type_failures, trend.previous],
        ...groups.map((group) => [group.fingerprint, group.count, group.first_seen, group.last_seen]).sort(),
      ]);
    };
    const rows = fc.array(
      fc.record({
        taskType: fc.constantFrom('a', 'b', 'c'),
        category: fc.constantFrom('recoverable_network', 'unknown', 'own'),
        message: fc.constantFrom('x 1', 'x 2', 'y', '读取超时'),
        atMs: fc.integer({ min: toMs - 20 * DAY, max: toMs + DAY }),
      }),
    );
    fc.assert(
      fc.property(rows, (some) => {
        expect(counted([...some].reverse())).toBe(counted(some));
      }),
    );
  });

  it('leaves out what lies outside of the period, its end included', () => {
    const report = analyseFailures(
      [
        row({ atMs: toMs }),
        row({ atMs: toMs - 15 * DAY }),
        row({ atMs: Number.NaN }),
        row({ atMs: toMs - 7 * DAY }),
      ],
      { toMs },
    );
    expect(report.total_failures).toBe(1);
    expect(report.trend.previous).toBe(0);
  });
});

describe('beyond the documents, the analysis', () => {
  it('groups failures by the template of their message, with first and last time', () => {
    const message = (i: number) => `GET https://h${i}.example.com/${i} failed after ${i} tries`;
    const report = analyseFailures(
      times(5, (i) => row({ message: message(i), atMs: toMs - (i + 1) * DAY, taskType: `t${i % 2}` })),
      { toMs },
    );
    expect(report.groups).toHaveLength(1);
    expect(report.groups[0]).toMatchObject({
      fingerprint: fingerprintOf(message(99)).fingerprint,
      template: 'GET <url> failed after <num> tries',
      sample: message(0),
      count: 5,
      first_seen: new Date(toMs - 5 * DAY).toISOString(),
      last_seen: new Date(toMs - DAY).toISOString(),
      task_types: ['t0', 't1'],
    });
  });

  it('compares with the period before, and takes chance for what it is', () => {
    const before = times(100, (i) => row({ atMs: toMs - 8 * DAY - i }));
    const directionOf = (now: number) =>
      analyseFailures([...before, ...times(now, () => row())], { toMs }).trend;
    expect(directionOf(200)).toMatchObject({ previous: 100, change_percent: 100, direction: 'up' });
    expect(directionOf(50)).toMatchObject({ change_percent: -50, direction: 'down' });
    expect(directionOf(115)).toMatchObject({ change_percent: 15, direction: 'steady' });
    expect(analyseFailures([row()], { toMs }).trend).toMatchObject({
      change_percent: null,
      direction: 'new',
    });
  });

  it('says in a sentence that there are more failures, and kinds that are new', () => {
    const rows = [
      ...times(100, (i) => row({ atMs: toMs - 8 * DAY - i })),
      ...times(300, (i) => row({ atMs: toMs - 1 - i * 60_000 * 30 })),
      row({ message: '证书已过期' }),
    ];
    expect(analyseFailures(rows, { toMs }).further_insights).toEqual([
      '失败数量比上一周期增加了201.0%',
      '出现了1种上一周期没有的失败',
      '99.7%的失败与主机10.0.0.7有关',
    ]);
  });

  it('finds a burst and its main category, and none in an even flow', () => {
    const even = times(7 * 24 * 4, (i) => row({ atMs: toMs - 1 - i * 15 * 60_000 }));
    expect(analyseFailures(even, { toMs }).bursts).toEqual([]);
    const burst = times(60, (i) => row({ category: 'recoverable_system', atMs: toMs - DAY + i * 30_000 }));
    const report = analyseFailures([...even, ...burst], { toMs });
    expect(report.bursts).toEqual([
      {
        from: new Date(toMs - DAY).toISOString(),
        to: new Date(toMs - DAY + 30 * 60_000).toISOString(),
        count: 62,
        usual: 2,
        main_category: 'recoverable_system',
      },
    ]);
  });

  it('lists the hosts that fail most, from the row or else from its message', () => {
    const rows = [
      ...times(3, () => row({ host: 'cdn.example.com' })),
      ...times(2, (i) => row({ message: `fetch https://api.example.com:8443/${i} failed` })),
      row({ message: '读取超时' }),
    ];
    const hosts = analyseFailures(rows, { toMs }).top_hosts.map(({ host, count }) => `${host}: ${count}`);
    expect(hosts).toEqual(['cdn.example.com: 3', 'api.example.com: 2']);
  });

  it('proposes a rule for unknown errors that recognises them, with the category of what they resemble', () => {
    const unknown = (i: number) => `Flux capacitor ${i} of node n${i} was overloaded (again)`;
    const rows = [
      ...times(4, (i) => row({ category: 'unknown', message: unknown(i) })),
      ...times(9, (i) =>
        row({ category: 'recoverable_system', message: `Flux capacitor of node ${i} was overloaded` }),
      ),
      row({ category: 'unknown', message: '量子通道第3号异常抖动' }),
      row({ category: 'unknown', message: 'Error' }),
    ];
    const { unknown_errors } = analyseFailures(rows, { toMs });
    expect(unknown_errors.total).toBe(6);
    expect(unknown_errors.groups.map((group) => group.count)).toEqual([4, 1, 1]);
    const [flux, quantum, vague] = unknown_errors.groups.map((group) => group.proposed_rule);
    expect(flux).toMatchObject({ category: 'recoverable_system', also_matches: 0 });
    expect(quantum).toMatchObject({ category: null, patterns: ['量子通道第.*号异常抖动'] });
    expect(vague).toBeNull();
    const learned = createClassifier({
      rules: [{ category: 'recoverable_system', patterns: flux?.patterns ?? [] }],
    });
    expect(learned.classifyMessage(unknown(77)).category).toBe('recoverable_system');
  });

  it('keeps the frequent kinds and its memory when a hundred thousand messages are all different', () => {
    const analysis = new FailureAnalysis({ toMs });
    for (let i = 0; i < 100_000; i++) {
      const words = [...i.toString(36)]
        .map((c) => `w${String.fromCharCode(97 + Number.parseInt(c, 36) / 2)}`)
        .join('x');
      analysis.add(
        row({
          message: i % 10 === 0 ? `disk ${i} is full` : `${words}${'y'.repeat(i % 37)} went wrong`,
          host: `h${i}`,
        }),
      );
    }
    const report = analysis.report();
    expect(report.total_failures).toBe(100_000);
    expect(report.groups[0]).toMatchObject({ template: 'disk <num> is full', count: 10_000 });
    expect(report.groups).toHaveLength(100);
    expect(report.top_hosts).toHaveLength(10);
  });
});
