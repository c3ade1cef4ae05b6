/** What the commands about failures, reports, rules and health say to people, in both languages. */
const en = {
  report: {
    none: 'no reports yet',
    columns: ['REPORT', 'WRITTEN', 'FAILURES', 'SUMMARY'],
    foreign: (names: string) => `not reports: ${names}`,
    passedOver: (what: string) => `passed over: the report ${what}`,
    written: (path: string) => `written to ${path}`,
    processing: {
      processedAt: 'processed at',
      scanned: 'scanned',
      analyzed: 'understood',
      recovered: 'recovered',
      notified: 'reported to people',
      errors: 'could not be handled',
      columns: ['TASK', 'CATEGORY', 'ACTION', 'MESSAGE'],
    },
    analysis: {
      period: 'period',
      total: 'failures',
      before: 'the period before',
      categories: 'by category',
      types: 'by task type',
      groups: ['COUNT', 'CATEGORY', 'FINGERPRINT', 'MESSAGE'],
      hosts: 'hosts',
      bursts: 'bursts',
      burst: (from: string, count: number, category: string) => `${from}  ${count}  ${category}`,
      unknown: 'unknown errors and proposed rules (try them with `rekindle rules test`)',
      noRule: 'no rule can be proposed',
    },
    more: (count: number) => `… and ${count} more; --json shows all`,
  },
  rules: {
    summary: (failures: number, changed: number) =>
      `${failures} past failures, ${changed} would change their category`,
    noFailures: 'no past failures to try the rules on',
    columns: ['COUNT', 'FROM', 'TO', 'RULE', 'FINGERPRINT', 'SAMPLE'],
    ruleColumns: ['RULE', 'CATEGORY', 'MATCHES', 'DECIDES', 'REMARK'],
    matchesNothing: 'matches nothing',
    shadowed: (by: string) => `never decides: ${by} comes first`,
    partly: (by: string) => `some are taken by ${by}`,
  },
  failure: {
    none: 'no failures',
    columns: ['FAILED', 'TASK', 'TYPE', 'CATEGORY', 'WHAT WAS DONE', 'FINGERPRINT', 'MESSAGE'],
    waiting: 'not looked at yet',
    actions: {
      auto_recovery: 'recovered',
      admin_notification: 'administrators told',
      user_notification: 'user told',
      skipped: 'nothing to do',
      error: 'could not be handled',
    },
    recoveredIn: (attempt: number, seconds: number) => `recovery ${attempt} after ${seconds} s`,
    confirmed: (id: string, category: string) => `${id}: ${category} is confirmed`,
    corrected: (id: string, from: string, to: string) => `${id}: ${from} is corrected to ${to}`,
  },
  health: {
    colon: ': ',
    healthy: 'healthy',
    faults: (count: number) => `${count} thing(s) are not right`,
    alerts: 'alerts',
    states: { ok: 'ok', raised: 'RAISED', no_data: 'too few to say' },
    columns: ['', 'ALERT', 'VALUE', 'THRESHOLD', 'STATE'],
  },
  targets: {
    heading: (days: number) => `targets, measured over the last ${days} days`,
    columns: ['', 'TARGET', 'VALUE', 'MUST', 'OF', 'DOCUMENTED'],
    noData: 'no data yet',
    beside: (figure: string) => `(${figure})`,
    units: { resume_success: ' s', retry_success: ' tries', measured_tries: ' tries, reconnects included' },
  },
};

/** The sentences of one language. */
export type MonitoringTexts = typeof en;

const zh: MonitoringTexts = {
  report: {
    none: '还没有报告',
    columns: ['报告', '生成时间', '失败数', '摘要'],
    foreign: (names) => `不是报告的文件：${names}`,
    passedOver: (what) => `已跳过报告 ${what}`,
    written: (path) => `已写入 ${path}`,
    processing: {
      processedAt: '处理时间',
      scanned: '已扫描',
      analyzed: '已分析',
      recovered: '已恢复',
      notified: '已通知',
      errors: '处理失败',
      columns: ['任务', '类别', '处理', '说明'],
    },
    analysis: {
      period: '分析时段',
      total: '失败总数',
      before: '上一周期',
      categories: '按类别',
      types: '按任务类型',
      groups: ['次数', '类别', '指纹', '消息'],
      hosts: '主机',
      bursts: '集中爆发',
      burst: (from, count, category) => `${from}  ${count}  ${category}`,
      unknown: '未知错误及建议的规则（可用 `rekindle rules test` 试验）',
      noRule: '无法给出规则',
    },
    more: (count) => `……另有 ${count} 条，--json 显示全部`,
  },
  rules: {
    summary: (failures, changed) => `历史失败 ${failures} 个，其中 ${changed} 个的类别会改变`,
    noFailures: '没有可供试验的历史失败',
    columns: ['次数', '原类别', '新类别', '规则', '指纹', '示例'],
    ruleColumns: ['规则', '类别', '匹配', '生效', '备注'],
    matchesNothing: '没有匹配任何失败',
    shadowed: (by) => `从不生效：被更靠前的 ${by} 遮盖`,
    partly: (by) => `部分由 ${by} 先行判定`,
  },
  failure: {
    none: '没有失败',
    columns: ['失败时间', '任务', '类型', '类别', '处理情况', '指纹', '消息'],
    waiting: '尚未处理',
    actions: {
      auto_recovery: '已恢复',
      admin_notification: '已通知管理员',
      user_notification: '已通知用户',
      skipped: '无需处理',
      error: '处理失败',
    },
    recoveredIn: (attempt, seconds) => `第 ${attempt} 次恢复，${seconds} 秒后`,
    confirmed: (id, category) => `${id}：已确认分类 ${category}`,
    corrected: (id, from, to) => `${id}：分类已由 ${from} 更正为 ${to}`,
  },
  health: {
    colon: '：',
    healthy: '系统健康',
    faults: (count) => `有 ${count} 项异常`,
    alerts: '告警',
    states: { ok: '正常', raised: '告警', no_data: '样本不足' },
    columns: ['', '告警项', '当前值', '阈值', '状态'],
  },
  targets: {
    heading: (days) => `关键指标（最近 ${days} 天）`,
    columns: ['', '指标', '实际', '目标', '样本', '文档数值'],
    noData: '暂无数据',
    beside: (figure) => `（${figure}）`,
    units: { resume_success: ' 秒', retry_success: ' 次', measured_tries: ' 次，含重新连接' },
  },
};

/** The sentences in the language of the configuration. */
export function monitoringTexts(locale: 'zh-CN' | 'en'): MonitoringTexts {
  return locale === 'en' ? en : zh;
}
