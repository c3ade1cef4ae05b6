/** What the commands about notifications say to people, in both languages. */
const en = {
  delivered: (channel: string, ms: number) => `✓ ${channel} took the test message in ${ms} ms`,
  failed: (channel: string, why: string) => `✗ ${channel}: ${why}`,
  permanent: 'This answer is final: notifications are not tried again. Correct the channel in rekindle.yaml.',
  temporary: 'Notifications would be tried again for three days.',
  unknown: (channel: string) => `there is no channel "${channel}"`,
  known: (names: string) =>
    `There are ${names}. Channels are set in rekindle.yaml under notification.channels.`,
  none: 'no notifications yet',
  columns: ['DECIDED', 'AUDIENCE', 'TYPE', 'TITLE', 'TASK', 'DELIVERED'],
  onlyLogged: 'in the log',
  deliveries: ['DECIDED', 'CHANNEL', 'STATUS', 'COUNT', 'TRIES', 'LAST ERROR'],
  noMessages: 'no messages',
  id: 'ID',
  read: 'read',
  unread: 'new',
  marked: (count: number) => `${count} message(s) marked as read`,
  noMessage: (id: string) => `✗ there is no message ${id}`,
  nothingNamed: 'nothing says which messages were read',
  bothNamed: 'either messages are named, or all are meant',
  readHint:
    'Name the IDs that `rekindle notify messages` shows, or say --all (with --team: all of that team).',
};

/** The sentences of one language. */
export type NotifyTexts = typeof en;

const zh: NotifyTexts = {
  delivered: (channel, ms) => `✓ ${channel} 已接收测试消息，用时 ${ms} 毫秒`,
  failed: (channel, why) => `✗ ${channel}：${why}`,
  permanent: '对方的答复是最终的，不会重试。请在 rekindle.yaml 中更正该渠道的配置。',
  temporary: '正式通知遇到此情况会在三天内持续重试。',
  unknown: (channel) => `没有名为“${channel}”的渠道`,
  known: (names) => `现有渠道：${names}。渠道在 rekindle.yaml 的 notification.channels 中配置。`,
  none: '还没有通知',
  columns: ['时间', '对象', '任务类型', '标题', '任务', '送达'],
  onlyLogged: '已记入日志',
  deliveries: ['时间', '渠道', '状态', '次数', '尝试', '最近错误'],
  noMessages: '没有消息',
  id: '编号',
  read: '已读',
  unread: '新',
  marked: (count) => `已将 ${count} 条消息标为已读`,
  noMessage: (id) => `✗ 没有编号为 ${id} 的消息`,
  nothingNamed: '没有指明哪些消息已读',
  bothNamed: '指定编号与 --all 只能选一种',
  readHint:
    '请给出 `rekindle notify messages` 显示的编号，或用 --all 表示全部（加 --team 表示该团队的全部）。',
};

/** The sentences in the language of the configuration. */
export function notifyTexts(locale: 'zh-CN' | 'en'): NotifyTexts {
  return locale === 'en' ? en : zh;
}
