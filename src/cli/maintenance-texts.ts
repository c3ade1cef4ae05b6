/** What the commands that look after the mirror and the checkpoints say to people, in both languages. */
const en = {
  backedUp: (path: string, size: string) => `backed up to ${path} (${size})`,
  removed: (count: number) => `${count} older backup(s) removed, as the configuration says`,
  restored: (from: string, tasks: number) => `the mirror is as ${from} has it: ${tasks} task(s)`,
  restoredNext:
    'what changed since comes from Temporal when the mirror is kept next: `rekindle up` compares all of it',
  setAside: (path: string) => `the file that was there is kept as ${path}`,
  shrunk: (bytes: string, size: string) => `${bytes} given back to the disk; the mirror has ${size} now`,
  sound: (path: string) => `${path} is sound; it was left alone`,
  missing: (path: string) => `${path} was not there`,
  damaged: (path: string, problem: string) => `${path} is damaged: ${problem}`,
  repaired: (count: number) => `it was made anew from ${count} run(s) of tasks`,
  kept: (rows: string) => `taken over from the damaged file: ${rows}`,
  history: {
    none: (hours: number) => `nothing in the recovery log of the last ${hours} h`,
    columns: ['TIME', 'TYPE', 'STATUS', 'TASK', 'SESSION', 'DETAILS'],
    damaged: (id: number, problems: string) => `entry ${id} is damaged: ${problems}`,
  },
  recoveryEvents: 'recovery events in 7 days',
  retries: {
    heading: (days: number) => `retries inside tasks that ended in the last ${days} days`,
    steps: (total: number, good: number) => `  ${total} step(s) were tried again, ${good} of them succeeded`,
    columns: ['  of steps that failed for good', 'FAILED ATTEMPTS', 'BUDGETS USED UP'],
  },
  checkpoint: {
    none: (id: string) => `${id} has no checkpoint: it goes on from the start`,
    step: 'step',
    position: 'position',
    data: 'data',
    written: 'written',
    status: 'status',
    canResume: 'can go on',
    yes: 'yes',
    no: 'no',
    steps: 'steps',
    damaged: 'the checkpoint is damaged; nothing goes on from it:',
    choices: (id: string) => [
      'You can',
      `  repair it:     rekindle task checkpoint set ${id} --file FILE`,
      `  go back:       rekindle task checkpoint reset ${id} --to-step STEP`,
      `  start over:    rekindle task checkpoint reset ${id}`,
    ],
    wasReset: (id: string, step: string | null) =>
      step ? `${id} starts again at "${step}"` : `${id} starts over`,
    wasSet: (id: string, step: string) => `${id} goes on from the checkpoint that was given, at "${step}"`,
  },
};

/** The sentences of one language. */
export type MaintenanceTexts = typeof en;

const zh: MaintenanceTexts = {
  backedUp: (path, size) => `已备份到 ${path}（${size}）`,
  removed: (count) => `已按配置删除 ${count} 个较早的备份`,
  restored: (from, tasks) => `镜像已恢复为 ${from} 的内容：${tasks} 个任务`,
  restoredNext: '此后的变化将在下次同步镜像时从 Temporal 补齐：`rekindle up` 会全部比对',
  setAside: (path) => `原来的文件保存为 ${path}`,
  shrunk: (bytes, size) => `已归还磁盘空间 ${bytes}，镜像现为 ${size}`,
  sound: (path) => `${path} 完好，未作改动`,
  missing: (path) => `${path} 原先不存在`,
  damaged: (path, problem) => `${path} 已损坏：${problem}`,
  repaired: (count) => `已根据 ${count} 次任务运行重建`,
  kept: (rows) => `从损坏的文件中保留：${rows}`,
  history: {
    none: (hours) => `最近 ${hours} 小时没有恢复记录`,
    columns: ['时间', '类型', '状态', '任务', '会话', '详情'],
    damaged: (id, problems) => `记录 ${id} 已损坏：${problems}`,
  },
  recoveryEvents: '7 天内恢复事件',
  retries: {
    heading: (days) => `任务内重试（最近 ${days} 天结束的运行）`,
    steps: (total, good) => `  ${total} 个步骤重试过，其中 ${good} 个最终成功`,
    columns: ['  最终失败的步骤', '失败尝试', '重试用尽'],
  },
  checkpoint: {
    none: (id) => `${id} 没有检查点，将从头开始`,
    step: '步骤',
    position: '位置',
    data: '数据',
    written: '写入时间',
    status: '状态',
    canResume: '可否继续',
    yes: '可以',
    no: '不可以',
    steps: '全部步骤',
    damaged: '检查点已损坏，无法从中继续：',
    choices: (id) => [
      '您可以',
      `  修复：       rekindle task checkpoint set ${id} --file FILE`,
      `  退回某一步： rekindle task checkpoint reset ${id} --to-step STEP`,
      `  从头开始：   rekindle task checkpoint reset ${id}`,
    ],
    wasReset: (id, step) => (step ? `${id} 将从“${step}”重新开始` : `${id} 将从头开始`),
    wasSet: (id, step) => `${id} 将从所给的检查点“${step}”继续`,
  },
};

/** The sentences in the language of the configuration. */
export function maintenanceTexts(locale: 'zh-CN' | 'en'): MaintenanceTexts {
  return locale === 'en' ? en : zh;
}
