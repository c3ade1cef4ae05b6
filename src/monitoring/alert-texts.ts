import type { Locale } from '../failures/index.ts';
import type { AlertThresholds } from './thresholds.ts';

/** The four documented alerts, and the two of the documented health check. */
export const ALERT_NAMES = [
  'failure_rate',
  'recovery_failures',
  'notification_delay',
  'unknown_errors',
  'recovery_rate',
  'recent_failures',
] as const;
export type AlertName = (typeof ALERT_NAMES)[number];

/** What an alert is called, and when exactly it is raised. */
export interface AlertText {
  readonly title: string;
  readonly definition: (thresholds: AlertThresholds) => string;
}

/** The texts that stand beside the values. */
export const ALERT_TEXTS: Readonly<Record<AlertName, Readonly<Record<Locale, AlertText>>>> = {
  failure_rate: {
    'zh-CN': {
      title: '任务失败率',
      definition: (t) =>
        `最近24小时结束的任务中失败的比例超过${t.failureRatePercent}%（至少有${t.minSamples}个任务结束）。`,
    },
    en: {
      title: 'failure rate',
      definition: (t) =>
        `More than ${t.failureRatePercent} % of the tasks that ended in the last 24 hours failed (of at least ${t.minSamples}).`,
    },
  },
  recovery_failures: {
    'zh-CN': {
      title: '连续恢复失败',
      definition: (t) => `最近结束的自动恢复连续${t.recoveryFailures}次失败；人工强制的恢复不计入。`,
    },
    en: {
      title: 'recoveries failed in a row',
      definition: (t) =>
        `The last ${t.recoveryFailures} automatic recoveries that ended all failed; forced ones do not count.`,
    },
  },
  notification_delay: {
    'zh-CN': {
      title: '通知延迟（分钟）',
      definition: (t) =>
        `最久未送达的通知已等待超过${t.notificationDelayMinutes}分钟，或最近一小时内最慢的一次送达超过${t.notificationDelayMinutes}分钟。`,
    },
    en: {
      title: 'notification delay (minutes)',
      definition: (t) =>
        `The oldest undelivered notification has waited, or the slowest delivered in the last hour took, more than ${t.notificationDelayMinutes} minutes.`,
    },
  },
  unknown_errors: {
    'zh-CN': {
      title: '未知错误',
      definition: (t) => `最近24小时内的未知错误超过${t.unknownErrors}个。`,
    },
    en: {
      title: 'unknown errors',
      definition: (t) => `More than ${t.unknownErrors} unknown errors in the last 24 hours.`,
    },
  },
  recovery_rate: {
    'zh-CN': {
      title: '自动恢复成功率',
      definition: (t) =>
        `最近24小时结束的自动恢复中成功的比例低于${t.recoveryRate}（至少有${t.minSamples}次结束）。`,
    },
    en: {
      title: 'automatic recovery rate',
      definition: (t) =>
        `Of the automatic recoveries that ended in the last 24 hours, a share below ${t.recoveryRate} succeeded (of at least ${t.minSamples}).`,
    },
  },
  recent_failures: {
    'zh-CN': {
      title: '最近失败任务',
      definition: (t) => `最近24小时内任务失败超过${t.recentFailures}次。`,
    },
    en: {
      title: 'recent failures',
      definition: (t) => `Tasks failed more than ${t.recentFailures} times in the last 24 hours.`,
    },
  },
};
