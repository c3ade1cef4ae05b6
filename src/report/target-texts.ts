import type { Locale } from '../failures/index.ts';
import type { TargetId } from './targets.ts';

/** What a target is called, and how exactly it is measured. */
export interface TargetText {
  readonly name: string;
  readonly definition: string;
}

/** The definitions that are shown beside the values. */
export const TARGET_TEXTS: Readonly<Record<TargetId, Readonly<Record<Locale, TargetText>>>> = {
  resume_success: {
    'zh-CN': {
      name: '断点续传成功率',
      definition:
        '从检查点继续的运行中，没有从头开始而越过该检查点的比例；附：从开始运行到继续推进的平均秒数。',
    },
    en: {
      name: 'resume success',
      definition:
        'Of the runs that started from a checkpoint, the share that went past it without starting over; beside it the mean seconds from the start of the run until it made progress.',
    },
  },
  retry_success: {
    'zh-CN': {
      name: '自动重试成功率',
      definition:
        '在任务内至少重试过一次的步骤中，最终成功的比例；附：其中成功步骤的平均尝试次数，传输中断后重新连接也算一次。',
    },
    en: {
      name: 'automatic retry success',
      definition:
        'Of the steps that were retried at least once inside a task, the share that succeeded in the end; beside it the mean number of attempts of those; to connect again inside a transfer counts as one.',
    },
  },
  crash_recovery_time: {
    'zh-CN': {
      name: '崩溃恢复时间',
      definition: '非正常退出后，从进程重新启动到所有未完成任务恢复运行的平均秒数；附：最长一次。',
    },
    en: {
      name: 'crash recovery time',
      definition:
        'After an unclean end, the mean seconds from the start of the process until every unfinished task runs again; beside it the longest.',
    },
  },
  state_consistency: {
    'zh-CN': {
      name: '状态数据一致性',
      definition: '对账时，镜像中与 Temporal 记录完全一致的任务所占比例。',
    },
    en: {
      name: 'state consistency',
      definition:
        'Of the tasks compared when the mirror is reconciled, the share whose row agrees with Temporal.',
    },
  },
  stability: {
    'zh-CN': {
      name: '系统稳定性',
      definition: '健康检查覆盖的时间中，系统可用（引擎可达且有工作进程在线）的时间比例。',
    },
    en: {
      name: 'stability',
      definition:
        'Of the time that health checks cover, the share in which the system was available: engine reached, a worker polling.',
    },
  },
  auto_recovery_success: {
    'zh-CN': {
      name: '自动恢复成功率',
      definition: '已结束的自动恢复中，任务随后完成的比例；人工强制的恢复不计入。',
    },
    en: {
      name: 'automatic recovery success',
      definition:
        'Of the automatic recoveries that ended, the share after which the task completed; forced ones not counted.',
    },
  },
  processing_delay: {
    'zh-CN': {
      name: '失败任务处理时延',
      definition: '从任务失败到安排恢复或写下通知的秒数，95% 的失败不超过此值；附：最长一次。',
    },
    en: {
      name: 'failure processing delay',
      definition:
        'Seconds from the failure of a task until its recovery is scheduled or its notification written; 95 % take no longer. Beside it the longest.',
    },
  },
  classification_accuracy: {
    'zh-CN': {
      name: '错误分类准确率',
      definition: '经人工确认或更正、或属于标注语料的分类中，原分类正确的比例。',
    },
    en: {
      name: 'classification accuracy',
      definition:
        'Of the classifications that a person confirmed or corrected, or that a labelled corpus judges, the share that was right.',
    },
  },
  notification_delay: {
    'zh-CN': {
      name: '通知及时性',
      definition: '从决定通知到第一个渠道送达的秒数，95% 的通知不超过此值；附：最长一次。',
    },
    en: {
      name: 'notification delay',
      definition:
        'Seconds from the decision to notify until the first channel delivered; 95 % take no longer. Beside it the longest.',
    },
  },
};
