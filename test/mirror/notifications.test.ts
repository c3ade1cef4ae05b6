import { describe, expect, it } from 'vitest';
import {
  type DeliveryInput,
  hasNotification,
  listAlerts,
  listDeliveries,
  listMessages,
  listNotifications,
  type Mirror,
  markMessagesRead,
  type NotificationInput,
  putMessage,
  recordDelivery,
  recordNotifications,
  setAlert,
} from '../../src/mirror/index.ts';
import { asOtherTool, testMirror } from './support/mirrors.ts';
import { T0 } from './support/records.ts';
import { removeOld } from './support/remove-old.ts';

function notification(id: string, atMs: number, options: Partial<NotificationInput> = {}): NotificationInput {
  return {
    id,
    kind: 'task_failure',
    audience: 'administrators',
    priority: 'high',
    taskId: 't',
    taskType: 'video_download',
    category: 'unrecoverable_data',
    fingerprint: 'f',
    groupKey: 'g',
    message: 'no such file',
    occurredAtMs: atMs - 5000,
    decidedAtMs: atMs,
    loggedAtMs: atMs + 10,
    ...options,
  };
}

function delivery(options: Partial<DeliveryInput> = {}): DeliveryInput {
  return {
    digestId: 'g/1',
    channel: 'email',
    status: 'delivered',
    attempts: 1,
    error: null,
    count: 1,
    decidedAtMs: T0,
    lastDecidedAtMs: T0,
    atMs: T0 + 1000,
    groupKey: 'g',
    ...options,
  };
}

const deliveredAt = (mirror: Mirror) =>
  Object.fromEntries(
    listNotifications(mirror).map(({ id, first_delivered_at, digest_id }) => [
      id,
      first_delivered_at && [Date.parse(first_delivered_at) - T0, digest_id],
    ]),
  );

describe('notifications', () => {
  it('are written once and listed, the last decided first', () => {
    const mirror = testMirror();
    const both = [notification('a', T0), notification('b', T0 + 1, { audience: 'user' })];
    expect([recordNotifications(mirror, both), recordNotifications(mirror, both)]).toEqual([2, 0]);
    expect(listNotifications(mirror).map(({ id }) => id)).toEqual(['b', 'a']);
    expect(listNotifications(mirror, { audience: 'administrators' })).toMatchObject([
      { id: 'a', occurred_at: new Date(T0 - 5000).toISOString(), first_delivered_at: null, digest_id: null },
    ]);
    expect([hasNotification(mirror, 'a'), hasNotification(mirror, 'c')]).toEqual([true, false]);
  });

  it('are delivered by the first channel that tells of them', () => {
    const mirror = testMirror();
    recordNotifications(mirror, [
      notification('a', T0),
      notification('later', T0 + 60_000),
      notification('other', T0, { groupKey: 'h' }),
    ]);
    recordDelivery(mirror, delivery({ status: 'retrying', channel: 'sms', error: 'down' }));
    expect(deliveredAt(mirror)).toEqual({ a: null, later: null, other: null });
    recordDelivery(mirror, delivery());
    recordDelivery(mirror, delivery({ channel: 'sms', atMs: T0 + 9000 }));
    expect(deliveredAt(mirror)).toEqual({ a: [1000, 'g/1'], later: null, other: null });
    recordDelivery(mirror, delivery({ digestId: 'g/2', lastDecidedAtMs: T0 + 60_000, atMs: T0 + 70_000 }));
    expect(deliveredAt(mirror)).toEqual({ a: [1000, 'g/1'], later: [70_000, 'g/2'], other: null });
  });
});

describe('deliveries', () => {
  it('show the last try of each channel, and what was delivered stays so', () => {
    const mirror = testMirror();
    recordDelivery(mirror, delivery({ status: 'retrying', error: 'refused', attempts: 1 }));
    recordDelivery(mirror, delivery({ status: 'retrying', error: 'timeout', attempts: 2, atMs: T0 + 2000 }));
    expect(listDeliveries(mirror, { status: 'retrying' })).toMatchObject([
      { channel: 'email', attempts: 2, last_error: 'timeout', delivered_at: null },
    ]);
    recordDelivery(mirror, delivery({ attempts: 3, atMs: T0 + 3000 }));
    recordDelivery(mirror, delivery({ status: 'failed', error: 'late word', attempts: 3, atMs: T0 + 4000 }));
    expect(listDeliveries(mirror)).toMatchObject([
      { status: 'delivered', attempts: 3, last_error: null, delivered_at: new Date(T0 + 3000).toISOString() },
    ]);
    expect(listDeliveries(mirror, { status: 'failed' })).toEqual([]);
  });
});

describe('in-app messages', () => {
  const message = (id: string, team: string, count = 1, atMs = T0) => ({
    id,
    team,
    audience: 'user',
    priority: 'normal',
    subject: 'subject',
    body: 'body',
    count,
    taskIds: ['t-1', 't-2'],
    atMs,
  });

  it('are told again with a greater count, and stay read', () => {
    const mirror = testMirror();
    expect(putMessage(mirror, message('m', 'finance'))).toBe(true);
    expect(putMessage(mirror, message('m', 'finance', 1, T0 + 5))).toBe(false);
    expect(markMessagesRead(mirror, { ids: ['m'], team: null, atMs: T0 + 10 })).toEqual({
      read: 1,
      unknown: [],
    });
    expect(markMessagesRead(mirror, { ids: ['m'], team: null, atMs: T0 + 20 }).read).toBe(0);
    putMessage(mirror, message('m', 'finance', 7, T0 + 30));
    expect(listMessages(mirror)).toEqual([
      {
        id: 'm',
        team: 'finance',
        audience: 'user',
        priority: 'normal',
        subject: 'subject',
        body: 'body',
        count: 7,
        task_ids: ['t-1', 't-2'],
        created_at: new Date(T0).toISOString(),
        updated_at: new Date(T0 + 30).toISOString(),
        read_at: new Date(T0 + 10).toISOString(),
        problems: [],
      },
    ]);
    expect(markMessagesRead(mirror, { ids: ['none'], team: null, atMs: T0 })).toEqual({
      read: 0,
      unknown: ['none'],
    });
  });

  it('are all read at once, or those of one team', () => {
    const mirror = testMirror();
    putMessage(mirror, message('a', 'finance'));
    putMessage(mirror, message('b', 'finance'));
    putMessage(mirror, message('c', 'operations'));
    const read = (ids: string[] | null, team: string | null) =>
      markMessagesRead(mirror, { ids, team, atMs: T0 });
    expect(read(['a', 'c', 'x'], 'operations')).toEqual({ read: 1, unknown: ['a', 'x'] });
    expect(read(null, 'finance')).toEqual({ read: 2, unknown: [] });
    expect(read(null, null)).toEqual({ read: 0, unknown: [] });
  });

  it('are listed by team and whether they were read', () => {
    const mirror = testMirror();
    putMessage(mirror, message('a', 'finance', 1, T0));
    putMessage(mirror, message('b', 'finance', 1, T0 + 1));
    putMessage(mirror, message('c', 'operations', 1, T0 + 2));
    markMessagesRead(mirror, { ids: ['a'], team: null, atMs: T0 });
    const ids = (filter: Parameters<typeof listMessages>[1]) =>
      listMessages(mirror, filter).map(({ id }) => id);
    expect(ids({})).toEqual(['c', 'b', 'a']);
    expect(ids({ team: 'finance', unread: true })).toEqual(['b']);
    expect(ids({ unread: false })).toEqual(['a']);
    expect(ids({ limit: 1 })).toEqual(['c']);
  });

  it('name what is damaged', () => {
    const mirror = testMirror();
    putMessage(mirror, message('m', 'finance'));
    asOtherTool(mirror.path, (db) => db.exec(`UPDATE messages SET task_ids = '[1]'`));
    expect(listMessages(mirror)).toMatchObject([
      { task_ids: [], problems: ['message m, column task_ids: expected a list of texts'] },
    ]);
  });
});

describe('alerts', () => {
  const set = (mirror: Mirror, raised: boolean, atMs: number) =>
    setAlert(mirror, { name: 'failure_rate', raised, value: 25, threshold: 20, atMs });

  it('say what a check changed', () => {
    const mirror = testMirror();
    const changes = [false, true, true, false, false].map((raised, i) => set(mirror, raised, T0 + i));
    expect(changes).toEqual(['unchanged', 'raised', 'unchanged', 'cleared', 'unchanged']);
    expect(listAlerts(mirror)).toEqual([
      { name: 'failure_rate', raised: false, sinceMs: T0 + 3, value: 25, threshold: 20, checkedMs: T0 + 4 },
    ]);
  });

  it('give the same answer to a check that is noted again', () => {
    const mirror = testMirror();
    expect([set(mirror, false, T0), set(mirror, false, T0)]).toEqual(['unchanged', 'unchanged']);
    expect([set(mirror, true, T0 + 1), set(mirror, true, T0 + 1)]).toEqual(['raised', 'raised']);
    expect([set(mirror, false, T0 + 2), set(mirror, false, T0 + 2)]).toEqual(['cleared', 'cleared']);
    expect(listAlerts(mirror)[0]?.sinceMs).toBe(T0 + 2);
  });

  it('that never were raised have no time since when', () => {
    const mirror = testMirror();
    set(mirror, false, T0);
    expect(listAlerts(mirror)).toMatchObject([{ raised: false, sinceMs: null }]);
  });
});

describe('cleaning up notifications', () => {
  it('takes their deliveries and messages along', async () => {
    const mirror = testMirror();
    recordNotifications(mirror, [notification('old', T0), notification('new', T0 + 9000)]);
    recordDelivery(mirror, delivery());
    expect(await removeOld(mirror, 'notifications', T0 + 5000)).toBe(1);
    expect(listNotifications(mirror).map(({ id }) => id)).toEqual(['new']);
    expect(listDeliveries(mirror)).toEqual([]);
  });
});
