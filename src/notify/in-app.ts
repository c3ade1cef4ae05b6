import type { NotificationChannel } from './channel.ts';

/** A message in the system's own list, as the mirror keeps it. */
export interface InAppMessage {
  readonly id: string;
  readonly team: string;
  readonly audience: string;
  readonly priority: string;
  readonly subject: string;
  readonly body: string;
  readonly count: number;
  readonly taskIds: readonly string[];
  readonly atMs: number;
}

/** Messages that people read in the system itself. @param putMessage keeps a message, once for each ID. */
export function inAppChannel(
  name: string,
  putMessage: (message: InAppMessage) => void | Promise<void>,
): NotificationChannel {
  return {
    name,
    async deliver({ id, team, audience, priority, subject, text, digest }) {
      const { count, taskIds } = digest;
      await putMessage({
        id,
        team,
        audience,
        priority,
        subject,
        body: text,
        count,
        taskIds,
        atMs: digest.lastDecidedAtMs,
      });
    },
  };
}
