import { type Secret, withoutSecrets } from '../secrets/secret.ts';
import { type NotificationChannel, PermanentDeliveryError } from './channel.ts';
import { cutToLength } from './cut.ts';
import type { Warn } from './email.ts';
import { callService, shownAnswer } from './http.ts';
import { Recipients } from './recipients.ts';
import type { SecretJson, SmsSettings } from './resolve-settings.ts';

/** What stands for {to} and {text}. */
interface Values {
  readonly to: string;
  readonly text: string;
}

const TYPE = {
  json: 'application/json; charset=utf-8',
  form: 'application/x-www-form-urlencoded; charset=utf-8',
} as const;

/** SMS by any gateway that takes a HTTP request for each message. */
export function smsChannel(name: string, settings: SmsSettings, warn: Warn): NotificationChannel {
  const recipients = new Recipients();
  return {
    name,
    deliver(message, { signal }) {
      const text = cutToLength(message.short, settings.maxLength);
      return recipients.deliver(
        message.id,
        settings.to,
        (to) => send({ to, text }, settings, signal),
        (to, why) => warn({ channel: name, recipient: masked(to), why }, 'a telephone number was refused'),
      );
    },
  };
}

async function send(values: Values, settings: SmsSettings, signal: AbortSignal): Promise<void> {
  const { method, format, headers, timeoutMs, accepted } = settings;
  const url = new URL(filled(settings.url.reveal(), values, encodeURIComponent));
  const secrets = [...Object.values(headers), ...secretsIn(settings.body)];
  const call = { url, secrets };
  const answer = await callService({
    ...call,
    method,
    headers: {
      ...(method === 'GET' ? {} : { 'content-type': TYPE[format] }),
      ...Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, value.reveal()])),
    },
    body: method === 'GET' ? undefined : bodyOf(settings, values),
    timeoutMs,
    signal,
  });
  if (accepted && !isAccepted(answer.body, accepted))
    throw new PermanentDeliveryError(`${url.host} did not accept it: ${shownAnswer(call, answer.body)}`);
}

function bodyOf({ format, body }: SmsSettings, values: Values): string {
  const whole = fill(body, values);
  if (format === 'json') return JSON.stringify(whole);
  const fields = Object.entries(whole as Record<string, unknown>);
  return new URLSearchParams(
    fields.map(([key, value]): [string, string] => [
      key,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]),
  ).toString();
}

/** The body with its placeholders filled; the encoding comes after, so that no text can break out of its place. */
function fill(value: SecretJson, values: Values): unknown {
  if (typeof value === 'string') return filled(value, values, (text) => text);
  if (typeof value !== 'object' || value === null) return value;
  if (isSecret(value)) return value.reveal();
  if (Array.isArray(value)) return value.map((one) => fill(one, values));
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, fill(one, values)]));
}

function filled(template: string, values: Values, encode: (text: string) => string): string {
  return template.replaceAll(/\{(to|text)\}/g, (_, name: keyof Values) => encode(values[name]));
}

function isAccepted(answer: string, { field, value }: NonNullable<SmsSettings['accepted']>): boolean {
  let at: unknown;
  try {
    at = JSON.parse(answer);
  } catch {
    return false;
  }
  for (const part of field.split('.')) at = (at as Record<string, unknown> | null | undefined)?.[part];
  return at !== undefined && String(at) === String(value);
}

function secretsIn(value: SecretJson): Secret[] {
  if (typeof value !== 'object' || value === null) return [];
  return isSecret(value) ? [value] : Object.values(value).flatMap(secretsIn);
}

function isSecret(value: object): value is Secret {
  return 'reveal' in value && typeof value.reveal === 'function';
}

function masked(number: string): string {
  return withoutSecrets(number, [number.slice(0, -3)]);
}
