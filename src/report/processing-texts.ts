import type { Locale } from '../failures/index.ts';

/** Why a failed task was neither recovered nor reported: somebody switched that off, or it is in hand already. */
export type SkipReason =
  | 'recovery_disabled'
  | 'notification_disabled'
  | 'already_recovering'
  | 'already_notified';

/** The sentences of a processing report. */
export interface ProcessingTexts {
  readonly done: string;
  readonly brokenOff: (why: string) => string;
  readonly retryIn: (seconds: number) => string;
  /** The argument: recoveries that were made before, when they are used up. */
  readonly told: Readonly<Record<'administrators' | 'user', (recoveries?: number) => string>>;
  readonly skipped: Readonly<Record<SkipReason, string>>;
  readonly failed: (why: string) => string;
}

const usedUpZh = (n?: number) => (n === undefined ? '' : `已自动恢复${n}次仍失败，`);
const usedUpEn = (n?: number) => (n === undefined ? '' : `recovered ${n} times in vain; `);

/** `done` and `retryIn` in Chinese are the documented sentences; the others are written in their manner. */
export const PROCESSING_TEXTS: Readonly<Record<Locale, ProcessingTexts>> = {
  'zh-CN': {
    done: '失败任务处理完成',
    brokenOff: (why) => `失败任务处理中断：${why}`,
    retryIn: (seconds) => (seconds === 0 ? '任务将立即重试' : `任务将在${durationZh(seconds)}后重试`),
    told: {
      administrators: (n) => `${usedUpZh(n)}已通知管理员`,
      user: (n) => `${usedUpZh(n)}已通知用户`,
    },
    skipped: {
      recovery_disabled: '自动恢复已关闭，未处理',
      notification_disabled: '通知已关闭，未通知',
      already_recovering: '任务已在恢复中',
      already_notified: '此前已通知，未重复通知',
    },
    failed: (why) => `处理失败：${why}`,
  },
  en: {
    done: 'Failed tasks processed',
    brokenOff: (why) => `Processing of failed tasks was broken off: ${why}`,
    retryIn: (seconds) =>
      seconds === 0 ? 'The task runs again at once' : `The task runs again in ${durationEn(seconds)}`,
    told: {
      administrators: (n) => sentence(`${usedUpEn(n)}administrators were told`),
      user: (n) => sentence(`${usedUpEn(n)}the user was told`),
    },
    skipped: {
      recovery_disabled: 'Automatic recovery is switched off; nothing was done',
      notification_disabled: 'Notifications are switched off; nobody was told',
      already_recovering: 'The task is being recovered already',
      already_notified: 'Told before; not told again',
    },
    failed: (why) => `Processing failed: ${why}`,
  },
};

/** The documents say 240秒 but 5分钟: seconds up to there, whole minutes from five on. */
const MINUTES_FROM = 300;

function durationZh(seconds: number): string {
  return inMinutes(seconds) ? `${seconds / 60}分钟` : `${seconds}秒`;
}

function durationEn(seconds: number): string {
  return inMinutes(seconds) ? `${seconds / 60} min` : `${seconds} s`;
}

function inMinutes(seconds: number): boolean {
  return seconds >= MINUTES_FROM && seconds % 60 === 0;
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
