import type { InAppMessage } from '../domain/in-app-message.ts';
import type { NotificationChannel } from './channel.ts';

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
