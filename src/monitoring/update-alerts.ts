import type { Notification } from '../domain/notification.ts';
import type { AlertBook, Notify } from './ports.ts';

/** An alert that stands longer than this has been told, or telling it would be no news. */
const RETOLD_FOR_MS = 24 * 3_600_000;

/** How an alert stands after an evaluation. */
export interface StandingAlert {
  readonly name: string;
  readonly raised: boolean;
  readonly value: number;
  readonly threshold: number;
  /** Of a fault: what was found. */
  readonly detail?: string;
}

/**
 * Writes how the alerts stand and tells people what changed: each alert once when it is raised and once when it is
 * cleared, whoever evaluates it and however often. An alert that was raised but never reached the logs (the process
 * died in between) is told with the next evaluation, under the ID it had.
 * @returns what was told.
 */
export async function updateAlerts(
  alerts: readonly StandingAlert[],
  ports: { readonly mirror: AlertBook; readonly notify: Notify },
  nowMs: number,
): Promise<readonly Notification[]> {
  const changes = new Map(alerts.map((alert) => [alert, write(ports.mirror, alert, nowMs)]));
  const cleared = alerts.filter((alert) => changes.get(alert) === 'cleared');
  const news = [
    ...cleared.map((alert) => notificationOf(alert, 'alert_cleared', nowMs, nowMs)),
    ...raisedAndNotTold(alerts, changes, ports.mirror, nowMs),
  ];
  if (news.length === 0) return news;
  try {
    await ports.notify(news);
  } catch (error) {
    // The next evaluation clears them again; what was raised it finds untold.
    for (const { name, threshold } of cleared)
      ports.mirror.setAlert({ name, raised: true, value: 0, threshold, atMs: nowMs });
    throw error;
  }
  return news;
}

type Change = ReturnType<AlertBook['setAlert']>;

function raisedAndNotTold(
  alerts: readonly StandingAlert[],
  changes: ReadonlyMap<StandingAlert, Change>,
  mirror: AlertBook,
  nowMs: number,
): Notification[] {
  const since = new Map(mirror.listAlerts().map(({ name, sinceMs }) => [name, sinceMs]));
  return alerts.flatMap((alert) => {
    const sinceMs = since.get(alert.name) ?? nowMs;
    if (!alert.raised || nowMs - sinceMs > RETOLD_FOR_MS) return [];
    const notification = notificationOf(alert, 'alert_raised', sinceMs, nowMs);
    const isNews = changes.get(alert) === 'raised' || !mirror.isLogged(notification.id);
    return isNews ? [notification] : [];
  });
}

function write(mirror: AlertBook, alert: StandingAlert, atMs: number): Change {
  const { name, raised, value, threshold } = alert;
  return mirror.setAlert({ name, raised, value, threshold, atMs });
}

function notificationOf(
  { name, value, threshold, detail }: StandingAlert,
  kind: 'alert_raised' | 'alert_cleared',
  sinceMs: number,
  nowMs: number,
): Notification {
  return {
    id: `alert-${name}-${sinceMs}`,
    kind,
    audience: 'administrators',
    priority: 'high',
    occurredAtMs: sinceMs,
    decidedAtMs: nowMs,
    alert: { name, value, threshold, ...(detail === undefined ? {} : { detail }) },
  };
}
