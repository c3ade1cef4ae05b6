import { createTransport } from 'nodemailer';
import { withoutSecrets } from '../secrets/secret.ts';
import {
  type NotificationChannel,
  type NotificationMessage,
  PermanentDeliveryError,
  TemporaryDeliveryError,
} from './channel.ts';
import { Recipients } from './recipients.ts';
import type { EmailSettings } from './resolve-settings.ts';
import { plainId } from './sign.ts';

/** Told of what did not go as wished but needs no retry. */
export type Warn = (facts: Readonly<Record<string, unknown>>, message: string) => void;

/** E-mail by SMTP: one to each recipient, so that one wrong address keeps nothing from the others. */
export function emailChannel(name: string, settings: EmailSettings, warn: Warn): NotificationChannel {
  const recipients = new Recipients();
  return {
    name,
    deliver: (message, { signal }) =>
      recipients.deliver(
        message.id,
        settings.to,
        (to) => send(message, to, settings, signal),
        (to, why) => warn({ channel: name, recipient: to, why }, 'an e-mail address was refused'),
      ),
  };
}

async function send(
  message: NotificationMessage,
  to: string,
  settings: EmailSettings,
  signal: AbortSignal,
): Promise<void> {
  const { host, port, security, user, password, from, timeoutMs } = settings;
  const transport = createTransport({
    host,
    port,
    secure: security === 'tls',
    requireTLS: security === 'starttls',
    ignoreTLS: security === 'none',
    ...(user === null ? {} : { auth: { user, pass: password?.reveal() ?? '' } }),
    // Without it a server that offers no login would be sent the message without one.
    forceAuth: user !== null,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const timeout = AbortSignal.timeout(timeoutMs);
  try {
    await transport.sendMail({
      from,
      to,
      subject: message.subject,
      text: `${message.text}\n`,
      // The same for every try, so that mail systems see a repeat as one.
      messageId: `<${plainId(message.id)}@rekindle>`,
      headers: { 'Auto-Submitted': 'auto-generated' },
      ...(message.priority === 'high' ? { priority: 'high' as const } : {}),
      signal: AbortSignal.any([signal, timeout]),
    });
  } catch (error) {
    signal.throwIfAborted();
    if (timeout.aborted)
      throw new TemporaryDeliveryError(`${host}:${port} did not finish within ${timeoutMs / 1000} s`);
    throw meaningOf(error, settings);
  } finally {
    transport.close();
  }
}

/** SMTP: 4yz is a failure for now, 5yz one for good (RFC 5321 §4.2.1). */
function meaningOf(error: unknown, { host, port, password }: EmailSettings): Error {
  const { responseCode, code, message } = error as { responseCode?: number; code?: string; message?: string };
  const secrets = password ? [password, Buffer.from(password.reveal()).toString('base64')] : [];
  const words = withoutSecrets(message ?? String(error), secrets)
    .replaceAll(/\s+/g, ' ')
    .slice(0, 300);
  const said = `${host}:${port}: ${words}`;
  const final = responseCode === undefined ? FINAL.has(code ?? '') : responseCode >= 500;
  return final ? new PermanentDeliveryError(said) : new TemporaryDeliveryError(said);
}

/** nodemailer's own verdicts on addresses and log-in methods; no server was asked. */
const FINAL = new Set(['EENVELOPE', 'ENOAUTH', 'EMESSAGE']);
