import type { Mirror } from '../mirror.ts';
import { sqlTime } from '../time.ts';

/** A notification that was written to the logs. Times in milliseconds since the epoch. */
export interface NotificationInput {
  readonly id: string;
  readonly kind: string;
  readonly audience: string;
  readonly priority: string;
  /** Of a `task_failure`; so are type, category and fingerprint. */
  readonly taskId?: string | null;
  readonly taskType?: string | null;
  readonly category?: string | null;
  readonly fingerprint?: string | null;
  /** `groupKeyOf` of the domain. */
  readonly groupKey: string;
  readonly title?: string | null;
  readonly message: string;
  readonly occurredAtMs: number;
  readonly decidedAtMs: number;
  readonly loggedAtMs: number;
}

/**
 * Notes notifications, in one transaction; one that is known stays as it is.
 * @returns the number of new ones.
 * @throws {RekindleError} `MIRROR_UNAVAILABLE`.
 */
export function recordNotifications(mirror: Mirror, rows: readonly NotificationInput[]): number {
  if (rows.length === 0) return 0;
  return mirror.write((connection) =>
    rows.reduce((written, row) => written + connection.run(INSERT, toRow(row)), 0),
  );
}

const INSERT = `
INSERT INTO notifications (id, kind, audience, priority, task_id, task_type, category, fingerprint, group_key, title,
  message, occurred_at, decided_at, logged_at)
VALUES (@id, @kind, @audience, @priority, @task_id, @task_type, @category, @fingerprint, @group_key, @title,
  @message, @occurred_at, @decided_at, @logged_at)
ON CONFLICT (id) DO NOTHING`;

function toRow(input: NotificationInput) {
  return {
    id: input.id,
    kind: input.kind,
    audience: input.audience,
    priority: input.priority,
    task_id: input.taskId ?? null,
    task_type: input.taskType ?? null,
    category: input.category ?? null,
    fingerprint: input.fingerprint ?? null,
    group_key: input.groupKey,
    title: input.title ?? null,
    message: input.message,
    occurred_at: sqlTime(input.occurredAtMs),
    decided_at: sqlTime(input.decidedAtMs),
    logged_at: sqlTime(input.loggedAtMs),
  };
}
