import { describe, expect, it } from 'vitest';
import { type ProcessedFailure, processingReport } from '../../src/report/processing-report.ts';

/** 2023-12-01 14:00:00 of this host's zone, the document's example. */
const atMs = new Date(2023, 11, 1, 14, 0, 0).getTime();

const recovered = (taskId: string, delayMs = 30_000): ProcessedFailure => ({
  taskId,
  category: 'recoverable_network',
  action: 'auto_recovery',
  delayMs,
});
const told: ProcessedFailure = { taskId: 'a', category: 'unrecoverable_data', action: 'admin_notification' };
const skipped: ProcessedFailure = {
  taskId: 's',
  category: 'recoverable_network',
  action: 'skipped',
  why: 'already_recovering',
};
const times = (n: number, one: ProcessedFailure) => Array.from({ length: n }, () => one);

describe('the report of a failure scan', () => {
  it('is the documented example, key by key', () => {
    const failures = [recovered('123'), ...times(7, recovered('1')), ...times(5, told), ...times(2, skipped)];
    const report = processingReport(failures, { atMs });
    expect({ ...report, results: report.results.slice(0, 1) }).toEqual({
      success: true,
      message: '失败任务处理完成',
      total_processed: 15,
      stats: { scanned: 15, analyzed: 15, recovered: 8, notified: 5, errors: [] },
      results: [
        {
          task_id: '123',
          category: 'recoverable_network',
          action_taken: 'auto_recovery',
          success: true,
          message: '任务将在30秒后重试',
          retry_delay: 30,
        },
      ],
      processed_at: '2023-12-01T14:00:00',
    });
    expect(Object.keys(report)).toEqual([
      ...['success', 'message', 'total_processed', 'stats', 'results', 'processed_at'],
    ]);
  });

  it('says the documented delays as the documents do', () => {
    const delays = [0, 30, 60, 120, 240, 300, 600, 720, 1200].map((seconds) =>
      recovered('t', seconds * 1000),
    );
    const messagesIn = (locale: 'zh-CN' | 'en') =>
      processingReport(delays, { atMs, locale }).results.map((result) => result.message);
    expect(messagesIn('zh-CN')).toEqual([
      '任务将立即重试',
      ...['30秒', '60秒', '120秒', '240秒', '5分钟', '10分钟', '12分钟', '20分钟'].map(
        (d) => `任务将在${d}后重试`,
      ),
    ]);
    expect(messagesIn('en').slice(0, 2)).toEqual([
      'The task runs again at once',
      'The task runs again in 30 s',
    ]);
  });

  it('says who was told, and after how many recoveries', () => {
    const failures: ProcessedFailure[] = [
      told,
      { taskId: 'b', category: 'unrecoverable_business', action: 'user_notification' },
      { taskId: 'c', category: 'recoverable_network', action: 'admin_notification', recoveriesUsedUp: 5 },
    ];
    const messagesIn = (locale: 'zh-CN' | 'en') =>
      processingReport(failures, { atMs, locale }).results.map((result) => result.message);
    expect(messagesIn('zh-CN')).toEqual(['已通知管理员', '已通知用户', '已自动恢复5次仍失败，已通知管理员']);
    expect(messagesIn('en')).toEqual([
      'Administrators were told',
      'The user was told',
      'Recovered 5 times in vain; administrators were told',
    ]);
  });

  it('lists a task that could not be processed among the errors, and is a success all the same', () => {
    const failures: ProcessedFailure[] = [
      { taskId: 'bad', category: null, action: 'error', error: 'no memo' },
      recovered('good'),
    ];
    const report = processingReport(failures, { atMs });
    expect(report.success).toBe(true);
    expect(report.stats).toEqual({
      scanned: 2,
      analyzed: 1,
      recovered: 1,
      notified: 0,
      errors: [{ task_id: 'bad', error: 'no memo' }],
    });
    expect(report.results[0]).toMatchObject({ success: false, message: '处理失败：no memo' });
  });

  it('of a scan that was broken off is no success and says why', () => {
    const report = processingReport([recovered('t')], { atMs, locale: 'en', brokenOffBy: 'engine gone' });
    expect(report).toMatchObject({
      success: false,
      message: 'Processing of failed tasks was broken off: engine gone',
      total_processed: 1,
    });
  });

  it('of no failed task is the documented shape with zeros', () => {
    expect(processingReport([], { atMs })).toMatchObject({ success: true, total_processed: 0, results: [] });
  });
});
