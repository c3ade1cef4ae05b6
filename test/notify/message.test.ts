import { describe, expect, test } from 'vitest';
import { messageOf } from '../../src/notify/message.ts';
import { digestOf, failureNotification } from './support/digests.ts';

describe('a message', () => {
  const storm = digestOf(
    failureNotification('1', { info: { message: 'order A-1 not found at https://shop.example/o?key=abc' } }),
    {
      count: 1000,
      taskIds: Array.from({ length: 20 }, (_, i) => `order-${i}`),
      lastAtMs: Date.parse('2026-01-31T09:00:00Z'),
    },
  );

  test('says in Chinese what failed, how often, when, why nobody retries, what to do, and the next command', () => {
    const { subject, text, short } = messageOf(storm, 'users', 'zh-CN');
    expect(subject).toBe('[rekindle] order_processing 失败：业务规则限制（1000 次）');
    for (const part of [
      '任务类型：order_processing',
      '失败类别：业务规则限制 (unrecoverable_business)',
      'order A-1 not found',
      '次数：1000',
      '至',
      'order-0、order-1',
      '另有 980 个',
      '再次运行仍会遇到同样的错误',
      '请核对单号',
      'rekindle task show task-1',
      'rekindle recover task-1 --force',
    ])
      expect(text).toContain(part);
    expect(text).not.toContain('undefined');
    expect(short).toContain('order A-1 not found');
    expect(short).not.toContain('\n');
  });

  test('says the same in English', () => {
    const { subject, text } = messageOf(storm, 'users', 'en');
    expect(subject).toBe('[rekindle] order_processing failed: a business rule (1000 times)');
    expect(text).toContain('and 980 more');
    expect(text).toContain('another run would meet the same again');
    expect(text).not.toMatch(/[\u4e00-\u9fff]/);
  });

  test('says in the words of who refused a recovery why there was none', () => {
    const info = { category: 'recoverable_network', rule: 'code.ECONNREFUSED' } as const;
    const refused = { reason: 'refused', refusal: 'the printer is gone' } as const;
    const digest = digestOf(failureNotification('1', { info, ...refused }));
    expect(messageOf(digest, 'administrators', 'zh-CN').text).toContain(
      '恢复前检查未通过：the printer is gone',
    );
    expect(messageOf(digest, 'administrators', 'en').text).toContain(
      'before its recovery: the printer is gone',
    );
  });

  test('shows no values of queries', () => {
    const message = messageOf(storm, 'users', 'zh-CN');
    expect(JSON.stringify([message.text, message.markdown, message.short])).not.toContain('abc');
  });

  test('promises no further try, since there is none', () => {
    const info = { category: 'recoverable_network', rule: 'code.ECONNREFUSED' } as const;
    const one = failureNotification('1', { info, reason: 'attempts_used_up', recoveryAttempts: 5 });
    const chinese = messageOf(digestOf(one), 'administrators', 'zh-CN').text;
    expect(chinese).toContain('已自动恢复 5 次');
    expect(chinese).toContain('处理建议：请检查对方服务是否在运行、本机能否访问该地址。');
    expect(messageOf(digestOf(one), 'administrators', 'en').text).toContain(
      'what to do: Check that the other side runs and can be reached from this host.',
    );
  });

  test('gives chat robots no commands', () => {
    const info = { message: '<@all> <font color="red">' };
    const { markdown } = messageOf(digestOf(failureNotification('1', { info })), 'users', 'zh-CN');
    expect(markdown).not.toMatch(/[<>]/);
  });

  test('tells of an alert', () => {
    const alert = { name: 'failure_rate', value: 23.456789, threshold: 20 };
    const { failure: _, ...rest } = failureNotification('1', {}, { kind: 'alert_raised', alert });
    const { subject, text } = messageOf(digestOf(rest), 'administrators', 'zh-CN');
    expect(subject).toBe('[rekindle] 告警：任务失败率 [failure_rate]');
    expect(text).toContain('当前值：23.46');
    expect(text).toContain('阈值：20');
  });

  test('tells of a fault what was found, and of its end that it is over', () => {
    const told = (kind: 'alert_raised' | 'alert_cleared', detail: string) => {
      const alert = { name: 'fault_backup', value: 1, threshold: 0, detail };
      const { failure: _, ...rest } = failureNotification('1', {}, { kind, alert });
      return messageOf(digestOf(rest), 'administrators', 'en');
    };
    const raised = told('alert_raised', 'no room for the backup');
    expect(raised.subject).toBe('[rekindle] alert: backup [fault_backup]');
    expect(raised.text).toMatch(/^what: no room for the backup\ntime: /);
    expect(raised.short).toBe('[rekindle] alert: backup [fault_backup]: no room for the backup');
    const cleared = told('alert_cleared', '');
    expect(cleared.text).toMatch(/^time: /);
    expect(cleared.short).toBe('[rekindle] alert over: backup [fault_backup]');
  });
});
