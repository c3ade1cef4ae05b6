import type { BuiltInCategory, FailureCategory } from '../domain/category.ts';
import type { Locale } from '../failures/index.ts';

/** The sentences of a pattern analysis. */
export interface AnalysisTexts {
  readonly days: (n: number) => string;
  readonly hours: (n: number) => string;
  readonly none: string;
  readonly mainCause: (category: FailureCategory, percent: string) => string;
  readonly recoverable: (percent: string) => string;
  readonly advice: Readonly<Record<BuiltInCategory, string>>;
  /** For a category of the user's own. */
  readonly ownAdvice: (category: FailureCategory) => string;
  readonly trend: Readonly<Record<'up' | 'down', (percent: string) => string>>;
  readonly newGroups: (groups: number) => string;
  readonly burst: (from: string, count: number, usual: number) => string;
  readonly topHost: (host: string, percent: string) => string;
  readonly unknown: (failures: number, groups: number) => string;
}

/** `mainCause`, `recoverable` and the advice on network errors are the documented sentences. */
export const ANALYSIS_TEXTS: Readonly<Record<Locale, AnalysisTexts>> = {
  'zh-CN': {
    days: (n) => `${n}天`,
    hours: (n) => `${n}小时`,
    none: '该时段内没有失败任务',
    mainCause: (category, percent) => `主要失败原因是${category}，占比${percent}%`,
    recoverable: (percent) => `有${percent}%的失败是可自动恢复的`,
    advice: {
      recoverable_network: '建议检查网络连接稳定性和API服务可用性',
      recoverable_system: '建议检查内存、磁盘空间和文件权限，必要时扩容',
      recoverable_temporary: '建议检查所依赖服务的负载和限流设置，适当降低请求频率',
      unrecoverable_data: '建议检查输入数据的格式和来源，在提交前加强校验',
      unrecoverable_config: '建议检查密钥、账号和各项配置是否正确、是否过期',
      unrecoverable_business: '建议核对业务规则和用户提交的内容，并向用户说明原因',
      unknown: '建议查看未知错误的分组，为其补充分类规则',
    },
    ownAdvice: (category) => `建议检查分类为${category}的失败及其处理规则`,
    trend: {
      up: (percent) => `失败数量比上一周期增加了${percent}%`,
      down: (percent) => `失败数量比上一周期减少了${percent}%`,
    },
    newGroups: (groups) => `出现了${groups}种上一周期没有的失败`,
    burst: (from, count, usual) => `自${from}起失败集中爆发：${count}次，平时同样时长约${usual}次`,
    topHost: (host, percent) => `${percent}%的失败与主机${host}有关`,
    unknown: (failures, groups) => `有${failures}个未知错误，可归为${groups}组，请查看建议的规则`,
  },
  en: {
    days: (n) => (n === 1 ? '1 day' : `${n} days`),
    hours: (n) => (n === 1 ? '1 hour' : `${n} hours`),
    none: 'No task failed in this time',
    mainCause: (category, percent) => `The main cause of failures is ${category}, ${percent}% of all`,
    recoverable: (percent) => `${percent}% of the failures can be recovered automatically`,
    advice: {
      recoverable_network: 'Check that the network is stable and the APIs can be reached',
      recoverable_system:
        'Check memory, disk space and file permissions, and add resources where they run out',
      recoverable_temporary:
        'Check the load and the rate limits of the services used, and send fewer requests',
      unrecoverable_data: 'Check the format and origin of the input, and validate it before it is submitted',
      unrecoverable_config: 'Check that keys, accounts and settings are right and have not expired',
      unrecoverable_business:
        'Check what users submit against the rules of the business, and tell them the reason',
      unknown: 'Look at the groups of unknown errors and add rules for them',
    },
    ownAdvice: (category) => `Look at the failures of category ${category} and how they are handled`,
    trend: {
      up: (percent) => `${percent}% more failures than in the period before`,
      down: (percent) => `${percent}% fewer failures than in the period before`,
    },
    newGroups: (groups) => `Kinds of failure that the period before did not have: ${groups}`,
    burst: (from, count, usual) =>
      `A burst of failures from ${from}: ${count}, where about ${usual} are usual`,
    topHost: (host, percent) => `${percent}% of the failures name the host ${host}`,
    unknown: (failures, groups) => `Unknown errors: ${failures}, in ${groups} groups; see the proposed rules`,
  },
};
