import type { Locale } from '../failures/index.ts';

/** What the health check looks at, in the order in which it is told. */
const CHECK_NAMES = [
  'engine',
  'worker',
  'recovery_queue',
  'monitoring_queue',
  'schedules',
  'mirror',
  'disk_space',
  'log_directory',
  'backup',
] as const;
export type CheckName = (typeof CHECK_NAMES)[number];

/** What people call it. */
export const CHECK_TITLES: Readonly<Record<CheckName, Readonly<Record<Locale, string>>>> = {
  engine: { 'zh-CN': 'Temporal 服务器', en: 'Temporal server' },
  worker: { 'zh-CN': '任务工作进程', en: 'worker' },
  recovery_queue: { 'zh-CN': '恢复队列', en: 'recovery queue' },
  monitoring_queue: { 'zh-CN': '监控队列', en: 'monitoring queue' },
  schedules: { 'zh-CN': '定时任务', en: 'schedules' },
  mirror: { 'zh-CN': '镜像数据库', en: 'mirror' },
  disk_space: { 'zh-CN': '磁盘空间', en: 'disk space' },
  log_directory: { 'zh-CN': '日志目录', en: 'log directory' },
  backup: { 'zh-CN': '定时备份', en: 'backup' },
};

/** Name of the alert that is raised while a check finds a fault: `fault_disk_space`. */
export type FaultName = `fault_${CheckName}`;

export function faultName(check: CheckName): FaultName {
  return `fault_${check}`;
}

/** What people call the fault of this alert; undefined: it is none of a fault. */
export function faultTitle(alert: string, locale: Locale): string | undefined {
  const check = CHECK_NAMES.find((one) => faultName(one) === alert);
  return check && CHECK_TITLES[check][locale];
}
