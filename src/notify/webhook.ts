import { alertFacts } from './alert-facts.ts';
import type { NotificationChannel, NotificationMessage } from './channel.ts';
import { callService } from './http.ts';
import type { WebhookSettings } from './resolve-settings.ts';
import { plainId, webhookHeaders } from './sign.ts';

/** A signed JSON request to any address, as Standard Webhooks has it. */
export function webhookChannel(name: string, settings: WebhookSettings): NotificationChannel {
  const { url, secret, headers, timeoutMs } = settings;
  return {
    name,
    async deliver(message, { signal }) {
      const body = JSON.stringify(bodyOf(message));
      await callService({
        url: new URL(url.reveal()),
        headers: {
          ...Object.fromEntries(Object.entries(headers).map(([key, value]) => [key, value.reveal()])),
          'content-type': 'application/json; charset=utf-8',
          ...webhookHeaders(`msg_${plainId(message.id)}`, body, secret.reveal(), Date.now()),
        },
        body,
        timeoutMs,
        signal,
        secrets: [secret, ...Object.values(headers)],
      });
    },
  };
}

/** The facts beside the words, so that a program can act on them. */
function bodyOf({ id, team, audience, priority, subject, text, digest }: NotificationMessage) {
  const { example, count, firstAtMs, lastAtMs, taskIds } = digest;
  const { kind, failure, alert, login } = example;
  const iso = (ms: number): string => new Date(ms).toISOString();
  return {
    type: `notification.${kind}`,
    timestamp: iso(digest.lastDecidedAtMs),
    data: {
      id,
      team,
      audience,
      priority,
      subject,
      text,
      count,
      first_at: iso(firstAtMs),
      last_at: iso(lastAtMs),
      task_ids: taskIds,
      ...(failure
        ? {
            task_type: failure.taskType,
            category: failure.info.category,
            error_type: failure.info.errorType,
            message: failure.info.message,
            fingerprint: failure.info.fingerprint,
            reason: failure.reason,
            recovery_attempts: failure.recoveryAttempts,
          }
        : {}),
      ...(login ? { session: login.session, until: iso(login.untilMs) } : {}),
      ...(alert ? alertFacts(alert) : {}),
    },
  };
}
