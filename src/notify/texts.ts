import type { Locale } from '../failures/index.ts';

/** Every sentence of a notification, in one language. */
const en = {
  colon: ': ',
  failed: (type: string, category: string) => `[rekindle] ${type} failed: ${category}`,
  times: (count: number) => ` (${count} times)`,
  alertRaised: (name: string) => `[rekindle] alert: ${name}`,
  alertCleared: (name: string) => `[rekindle] alert over: ${name}`,
  loginNeeded: (session: string) => `[rekindle] the login to ${session} waits for you`,
  test: '[rekindle] test message',
  testText: 'This is a test of rekindle. Whoever reads it gets its notifications.',
  label: {
    type: 'task type',
    category: 'category',
    message: 'error',
    hint: 'hint',
    step: 'step',
    count: 'count',
    time: 'time',
    tasks: 'tasks',
    reason: 'why it is not recovered',
    suggestion: 'what to do',
    evidence: 'why it is this category',
    next: 'next',
    value: 'value',
    threshold: 'threshold',
    what: 'what',
    until: 'waits until',
  },
  span: (first: string, last: string) => `${first} to ${last}`,
  more: (count: number) => `and ${count} more`,
  list: ', ',
  reason: {
    not_recoverable: 'another run would meet the same again',
    attempts_used_up: (times: number) => `it was recovered ${times} times, the most that is allowed`,
    refused: (why: string) => `it was looked at before its recovery: ${why}`,
  },
  next: (id: string) =>
    `\`rekindle task show ${id}\`; when the cause is removed: \`rekindle recover ${id} --force\``,
  alertNext: '`rekindle health`',
  loginNext: (session: string) => `\`rekindle session answer ${session} CODE\``,
};

type Texts = typeof en;

const zh: Texts = {
  colon: '：',
  failed: (type, category) => `[rekindle] ${type} 失败：${category}`,
  times: (count) => `（${count} 次）`,
  alertRaised: (name) => `[rekindle] 告警：${name}`,
  alertCleared: (name) => `[rekindle] 告警解除：${name}`,
  loginNeeded: (session) => `[rekindle] 登录 ${session} 需要您处理`,
  test: '[rekindle] 测试消息',
  testText: '这是 rekindle 的测试消息。能看到它，就能收到通知。',
  label: {
    type: '任务类型',
    category: '失败类别',
    message: '错误信息',
    hint: '提示',
    step: '失败步骤',
    count: '次数',
    time: '时间',
    tasks: '任务',
    reason: '未自动恢复的原因',
    suggestion: '处理建议',
    evidence: '分类依据',
    next: '下一步',
    value: '当前值',
    threshold: '阈值',
    what: '内容',
    until: '最晚',
  },
  span: (first, last) => `${first} 至 ${last}`,
  more: (count) => `另有 ${count} 个`,
  list: '、',
  reason: {
    not_recoverable: '再次运行仍会遇到同样的错误',
    attempts_used_up: (times) => `已自动恢复 ${times} 次，达到上限`,
    refused: (why) => `恢复前检查未通过：${why}`,
  },
  next: (id) =>
    `查看任务 \`rekindle task show ${id}\`；排除原因后重新执行 \`rekindle recover ${id} --force\``,
  alertNext: '`rekindle health`',
  loginNext: (session) => `\`rekindle session answer ${session} 验证码\``,
};

export function textsOf(locale: Locale): Texts {
  return locale === 'en' ? en : zh;
}
