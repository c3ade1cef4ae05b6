import type { Locale } from '../failures/index.ts';

/** What the health check says of each thing it looks at. */
export interface HealthTexts {
  readonly engineOk: string;
  readonly engineGone: (why: string) => string;
  readonly notAsked: string;
  readonly polled: (queue: string) => string;
  readonly notPolled: (queue: string) => string;
  readonly schedulesOk: (count: number) => string;
  readonly schedulePaused: (id: string, note: string | null) => string;
  readonly scheduleMissing: (id: string) => string;
  readonly mirrorOk: (seconds: number) => string;
  readonly mirrorOld: (seconds: number) => string;
  readonly mirrorNever: string;
  readonly mirrorBroken: (why: string) => string;
  readonly diskFree: (gib: string) => string;
  readonly diskLow: (gib: string, least: string) => string;
  readonly diskUnknown: (why: string) => string;
  readonly logsOk: (directory: string) => string;
  readonly logsNotWritable: (path: string, why: string) => string;
  /** @param minutes age of the newest backup; null: there is none. */
  readonly backupOk: (minutes: number | null) => string;
  readonly backupFailed: (minutes: number | null) => string;
}

export const HEALTH_TEXTS: Readonly<Record<Locale, HealthTexts>> = {
  'zh-CN': {
    engineOk: 'Temporal 服务器可达',
    engineGone: (why) => `无法连接 Temporal 服务器：${why}`,
    notAsked: '未知：无法连接 Temporal 服务器',
    polled: (queue) => `有工作进程在处理队列“${queue}”`,
    notPolled: (queue) => `没有工作进程在处理队列“${queue}”，请启动 rekindle up`,
    schedulesOk: (count) => `${count} 个定时任务均在运行`,
    schedulePaused: (id, note) => `定时任务“${id}”已暂停${note ? `（${note}）` : ''}`,
    scheduleMissing: (id) => `定时任务“${id}”不存在，请重新启动 rekindle up`,
    mirrorOk: (seconds) => `${seconds} 秒前已同步`,
    mirrorOld: (seconds) => `已有 ${seconds} 秒没有同步`,
    mirrorNever: '还没有同步过',
    mirrorBroken: (why) => `镜像无法读取：${why}`,
    diskFree: (gib) => `剩余 ${gib} GiB`,
    diskLow: (gib, least) => `只剩 ${gib} GiB（至少需要 ${least} GiB），请清理数据目录所在的磁盘`,
    diskUnknown: (why) => `无法得知剩余空间：${why}`,
    logsOk: (directory) => `${directory} 可写`,
    logsNotWritable: (path, why) => `${path} 不可写（${why}），通知无法写入日志，请修正权限`,
    backupOk: (minutes) => (minutes === null ? '还没有备份' : `最近一次备份在 ${minutes} 分钟前`),
    backupFailed: (minutes) =>
      `最近一次定时备份失败，${minutes === null ? '还没有任何备份' : `可用的最新备份是 ${minutes} 分钟前的`}；运行 \`rekindle backup\` 可看到原因`,
  },
  en: {
    engineOk: 'the Temporal server answers',
    engineGone: (why) => `the Temporal server cannot be reached: ${why}`,
    notAsked: 'not known: the Temporal server cannot be reached',
    polled: (queue) => `a worker polls the queue "${queue}"`,
    notPolled: (queue) => `no worker polls the queue "${queue}"; start \`rekindle up\``,
    schedulesOk: (count) => `all ${count} schedules are active`,
    schedulePaused: (id, note) => `the schedule "${id}" is paused${note ? ` (${note})` : ''}`,
    scheduleMissing: (id) => `there is no schedule "${id}"; start \`rekindle up\` again`,
    mirrorOk: (seconds) => `up to date ${seconds} s ago`,
    mirrorOld: (seconds) => `not brought up to date for ${seconds} s`,
    mirrorNever: 'never brought up to date yet',
    mirrorBroken: (why) => `the mirror cannot be read: ${why}`,
    diskFree: (gib) => `${gib} GiB free`,
    diskLow: (gib, least) =>
      `only ${gib} GiB free (at least ${least} are needed); free some space on the disk of the data directory`,
    diskUnknown: (why) => `the free space is not known: ${why}`,
    logsOk: (directory) => `${directory} can be written`,
    logsNotWritable: (path, why) =>
      `${path} cannot be written (${why}), so notifications do not get into the logs; correct its permissions`,
    backupOk: (minutes) => (minutes === null ? 'no backup yet' : `the newest was made ${minutes} min ago`),
    backupFailed: (minutes) =>
      `the last scheduled backup failed; ${minutes === null ? 'there is none' : `the newest good one was made ${minutes} min ago`}; \`rekindle backup\` says why`,
  },
};
