/** What `rekindle recover` of many says to people, in both languages. */
const en = {
  nothingNamed: 'nothing says which tasks are to be recovered',
  nothingHint:
    'Name tasks, or choose them by --category, --type, --fingerprint or --since; --dry-run shows what would be done.',
  columns: ['TASK', 'TYPE', 'CATEGORY', 'AGAIN', 'AFTER', 'FROM', 'FAILED WITH'],
  fromStart: 'start',
  none: 'no failed task is meant',
  would: (count: number) => `${count} would start again`,
  done: (count: number) => `${count} start again`,
  problem: (id: string, why: string) => `✗ ${id}: ${why}`,
  problems: (count: number) => `${count} cannot be recovered`,
};

/** The sentences of one language. */
export type RecoverTexts = typeof en;

const zh: RecoverTexts = {
  nothingNamed: '没有指明要恢复哪些任务',
  nothingHint:
    '请给出任务编号，或用 --category、--type、--fingerprint、--since 选择；--dry-run 只显示将要做什么。',
  columns: ['任务', '类型', '分类', '次数', '等待', '起点', '失败原因'],
  fromStart: '开头',
  none: '没有符合条件的失败任务',
  would: (count) => `将重试 ${count} 个任务`,
  done: (count) => `已安排 ${count} 个任务重试`,
  problem: (id, why) => `✗ ${id}：${why}`,
  problems: (count) => `${count} 个任务无法恢复`,
};

/** The sentences in the language of the configuration. */
export function recoverTexts(locale: 'zh-CN' | 'en'): RecoverTexts {
  return locale === 'en' ? en : zh;
}
