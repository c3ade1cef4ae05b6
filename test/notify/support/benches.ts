/** Every channel with what it talks to, real, and checked by code of the test's own. */
import { createHmac } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { listMessages, openMirror, putMessage } from '../../../src/mirror/index.ts';
import type { NotificationChannel } from '../../../src/notify/channel.ts';
import { dingTalkChannel } from '../../../src/notify/dingtalk.ts';
import { emailChannel } from '../../../src/notify/email.ts';
import { inAppChannel } from '../../../src/notify/in-app.ts';
import { logChannel, NotificationLog } from '../../../src/notify/log-files.ts';
import { smsChannel } from '../../../src/notify/sms.ts';
import { webhookChannel } from '../../../src/notify/webhook.ts';
import { weComChannel } from '../../../src/notify/wecom.ts';
import { Secret } from '../../../src/secrets/secret.ts';
import { tempDir } from '../../support/temp-dir.ts';
import { startMailServer, startSilentServer } from './mail-server.ts';
import { type Arrived, closedPort, ok, type Respond, silence, startService, status } from './service.ts';

/** A way in which it goes wrong. */
export interface Trouble {
  readonly what: string;
  readonly kind: 'permanent' | 'temporary';
  readonly retryAfterMs?: number;
  readonly begin: () => void | Promise<void>;
  /** Ends it; absent: it cannot be ended. */
  readonly end?: () => void | Promise<void>;
}

/** A channel under test. */
export interface Bench {
  readonly channel: NotificationChannel;
  /** What people got so far: one text each. Wrong signatures are thrown. */
  readonly received: () => string[];
  readonly troubles: readonly Trouble[];
  /** The other side takes connections and says nothing; only of {@link NETWORK_CHANNELS}. */
  readonly silent?: () => Promise<NotificationChannel>;
  /** How long a text may be; null: as long as it likes. */
  readonly limit: { readonly size: (text: string) => number; readonly most: number } | null;
  /** Requests that a redirect led elsewhere; only of {@link HTTP_CHANNELS}. */
  readonly redirected?: () => number;
}

/** They may stand in no error message. */
export const SECRETS = ['s3cret-t0ken-4711', 'SECsigning-key-0815', 'p4ssw0rd-of-mail'] as const;
const [TOKEN, KEY, PASSWORD] = SECRETS;

/** Of a server that never answers. */
const TIMEOUT_MS = 400;
const warn = (): void => undefined;

export const BENCHES: Readonly<Record<string, () => Promise<Bench>>> = {
  log: logBench,
  'in-app': inAppBench,
  email: emailBench,
  sms: smsBench,
  dingtalk: dingTalkBench,
  wecom: weComBench,
  webhook: webhookBench,
};
export const HTTP_CHANNELS = ['sms', 'dingtalk', 'wecom', 'webhook'] as const;
export const NETWORK_CHANNELS = ['email', ...HTTP_CHANNELS] as const;

async function logBench(): Promise<Bench> {
  const directory = join(tempDir('log'), 'logs');
  const log = new NotificationLog(directory, 'zh-CN');
  return {
    channel: logChannel(log),
    received: () =>
      readFileSync(log.pathOf('user'), 'utf8')
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line).message),
    troubles: [
      {
        what: 'a file where the directory should be',
        kind: 'temporary',
        begin: () => writeFileSync(directory, ''),
        end: () => rmSync(directory),
      },
    ],
    limit: null,
  };
}

async function inAppBench(): Promise<Bench> {
  const mirror = openMirror(join(tempDir('in-app'), 'recovery.db'));
  let broken = false;
  return {
    channel: inAppChannel('in-app', (message) => {
      if (broken) throw new Error('MIRROR_UNAVAILABLE');
      putMessage(mirror, message);
    }),
    received: () => listMessages(mirror).map(({ subject, body }) => `${subject}\n${body}`),
    troubles: [
      {
        what: 'a broken mirror',
        kind: 'temporary',
        begin: () => {
          broken = true;
        },
        end: () => {
          broken = false;
        },
      },
    ],
    limit: null,
  };
}

async function emailBench(): Promise<Bench> {
  const server = await startMailServer({ user: 'ops', pass: PASSWORD });
  const settings = {
    type: 'email',
    host: '127.0.0.1',
    port: server.port,
    security: 'none',
    user: 'ops',
    password: new Secret(PASSWORD),
    from: 'rekindle <rekindle@example.com>',
    to: ['a@example.com'],
    timeoutMs: 3000,
  } as const;
  let actual: Record<string, unknown> = { ...settings };
  const change = (changes: Partial<typeof actual>) => () => {
    actual = { ...settings, ...changes };
  };
  const back = change({});
  const current = (): NotificationChannel => emailChannel('mail', actual as never, warn);
  return {
    channel: { name: 'mail', deliver: (message, options) => current().deliver(message, options) },
    received: () => server.mails.map(({ headers, text }) => `${headers.get('subject')}\n${text}`),
    troubles: [
      {
        what: 'a wrong password',
        kind: 'permanent',
        begin: change({ password: new Secret(`${PASSWORD}-old`) }),
        end: back,
      },
      {
        what: 'an unknown address (550)',
        kind: 'permanent',
        begin: () => void server.refuse.set('a@example.com', 550),
        end: () => void server.refuse.delete('a@example.com'),
      },
      {
        what: 'greylisting (451)',
        kind: 'temporary',
        begin: () => void server.refuse.set('a@example.com', 451),
        end: () => void server.refuse.delete('a@example.com'),
      },
      {
        what: 'a full mailbox (552) after the text',
        kind: 'permanent',
        begin: () => void Object.assign(server, { refuseAll: 552 }),
        end: () => void Object.assign(server, { refuseAll: null }),
      },
      {
        what: 'a refused connection',
        kind: 'temporary',
        begin: async () => change({ port: await closedPort() })(),
        end: back,
      },
      {
        what: 'a server without the encryption that is asked for',
        kind: 'permanent',
        begin: change({ security: 'starttls' }),
        end: back,
      },
    ],
    silent: async () =>
      emailChannel('mail', { ...settings, port: await startSilentServer(), timeoutMs: TIMEOUT_MS }, warn),
    limit: null,
  };
}

/** What every channel over HTTP goes through. */
async function httpBench(
  good: Respond,
  make: (origin: string, timeoutMs: number) => NotificationChannel,
  read: (arrived: Arrived) => string,
  more: {
    readonly limit?: Bench['limit'];
    readonly troubles?: (answer: (respond: Respond) => () => void) => Trouble[];
  },
): Promise<Bench> {
  const service = await startService(good);
  const elsewhere = await startService(good);
  const accepted: Arrived[] = [];
  const takeNote: Respond = (response, arrived) => {
    accepted.push(arrived);
    good(response, arrived);
  };
  service.answer = takeNote;
  const answer = (respond: Respond) => () => {
    service.answer = respond;
  };
  const end = answer(takeNote);
  const plain = (code: number, kind: Trouble['kind'], headers = {}, body = ''): Trouble => ({
    what: `status ${code}`,
    kind,
    begin: answer(status(code, headers, body)),
    end,
  });
  // It answers with all it was sent, as some do.
  const echo: Respond = (response, { url, headers, body }) =>
    status(400, {}, `${url.href} ${JSON.stringify(headers)} ${body}`)(response, undefined as never);
  let port = new URL(service.origin).port;
  return {
    channel: {
      name: 'http',
      deliver: (message, options) => make(`http://127.0.0.1:${port}`, 3000).deliver(message, options),
    },
    received: () => accepted.map(read),
    troubles: [
      ...[400, 401, 403, 404, 410, 413].map((code) => plain(code, 'permanent')),
      ...[408, 425, 500, 502, 503].map((code) => plain(code, 'temporary')),
      { ...plain(429, 'temporary', { 'retry-after': '7' }), retryAfterMs: 7000 },
      { ...plain(503, 'temporary', { 'retry-after': '120' }), retryAfterMs: 120_000 },
      plain(302, 'permanent', { location: `${elsewhere.origin}/stolen` }),
      plain(307, 'permanent', { location: `${elsewhere.origin}/stolen` }),
      { what: 'an answer that repeats the request', kind: 'permanent', begin: answer(echo), end },
      { what: 'a connection that is cut', kind: 'temporary', begin: answer((r) => r.destroy()), end },
      {
        what: 'a refused connection',
        kind: 'temporary',
        begin: async () => {
          port = String(await closedPort());
        },
        end: () => {
          port = new URL(service.origin).port;
        },
      },
      ...(more.troubles?.(answer) ?? []).map((trouble) => ({ end, ...trouble })),
    ],
    silent: async () => make((await startService(silence)).origin, TIMEOUT_MS),
    limit: more.limit ?? null,
    redirected: () => elsewhere.arrived.length,
  };
}

function smsBench(): Promise<Bench> {
  return httpBench(
    ok({ code: 0 }),
    (origin, timeoutMs) =>
      smsChannel(
        'sms',
        {
          type: 'sms',
          url: new Secret(`${origin}/send?key=${TOKEN}`),
          method: 'POST',
          headers: { authorization: new Secret(`Bearer ${KEY}`) },
          format: 'json',
          body: { phone: '{to}', content: '{text}', account: { secret: new Secret(PASSWORD) } },
          to: ['+8613800001111'],
          maxLength: 200,
          accepted: { field: 'code', value: '0' },
          timeoutMs,
        },
        warn,
      ),
    ({ headers, body, url }) => {
      const { phone, content, account } = JSON.parse(body);
      if (headers.authorization !== `Bearer ${KEY}` || url.searchParams.get('key') !== TOKEN)
        throw new Error('who is it?');
      if (phone !== '+8613800001111' || account.secret !== PASSWORD) throw new Error(`wrong fields: ${body}`);
      return content;
    },
    {
      limit: { size: (text) => text.length, most: 200 },
      troubles: (answer) => [
        {
          what: 'a refusal in an answer of 200',
          kind: 'permanent',
          begin: answer(ok({ code: 15, message: 'no balance' })),
        },
      ],
    },
  );
}

function robotTroubles(codes: Readonly<Record<number, readonly ['permanent' | 'temporary', number?]>>) {
  return (answer: (respond: Respond) => () => void): Trouble[] => [
    ...Object.entries(codes).map(
      ([code, [kind, retryAfterMs]]): Trouble => ({
        what: `errcode ${code}`,
        kind,
        ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
        begin: answer(ok({ errcode: Number(code), errmsg: `it is ${TOKEN}` })),
      }),
    ),
    { what: 'an answer of 200 that is no JSON', kind: 'temporary', begin: answer(status(200, {}, '<html>')) },
  ];
}

function dingTalkBench(): Promise<Bench> {
  return httpBench(
    ok({ errcode: 0, errmsg: 'ok' }),
    (origin, timeoutMs) =>
      dingTalkChannel('ding', {
        type: 'dingtalk',
        url: new Secret(`${origin}/robot/send?access_token=${TOKEN}`),
        secret: new Secret(KEY),
        keyword: '告警',
        timeoutMs,
      }),
    ({ url, body }) => {
      const timestamp = Number(url.searchParams.get('timestamp'));
      if (Math.abs(Date.now() - timestamp) > 60_000) throw new Error(`time stamp ${timestamp}`);
      const expected = createHmac('sha256', KEY).update(`${timestamp}\n${KEY}`).digest('base64');
      if (url.searchParams.get('sign') !== expected) throw new Error('wrong signature');
      if (url.searchParams.get('access_token') !== TOKEN) throw new Error('no token');
      const { msgtype, markdown } = JSON.parse(body);
      if (msgtype !== 'markdown' || !markdown.title.includes('告警')) throw new Error(body);
      if (Buffer.byteLength(body) > 20_000) throw new Error('too long');
      return markdown.text;
    },
    {
      limit: { size: (text) => Buffer.byteLength(text), most: 20_000 },
      troubles: robotTroubles({
        310000: ['permanent'],
        300001: ['permanent'],
        400102: ['permanent'],
        130101: ['temporary', 600_000],
        410100: ['temporary', 600_000],
        [-1]: ['temporary'],
        123456: ['temporary'],
      }),
    },
  );
}

function weComBench(): Promise<Bench> {
  return httpBench(
    ok({ errcode: 0, errmsg: 'ok' }),
    (origin, timeoutMs) =>
      weComChannel('wecom', {
        type: 'wecom',
        url: new Secret(`${origin}/cgi-bin/webhook/send?key=${TOKEN}`),
        secret: null,
        keyword: null,
        timeoutMs,
      }),
    ({ url, body }) => {
      if (url.search !== `?key=${TOKEN}`) throw new Error(url.search);
      const { msgtype, markdown } = JSON.parse(body);
      if (msgtype !== 'markdown') throw new Error(body);
      return markdown.content;
    },
    {
      limit: { size: (text) => Buffer.byteLength(text), most: 4096 },
      troubles: robotTroubles({
        93000: ['permanent'],
        45002: ['permanent'],
        45009: ['temporary', 60_000],
        [-1]: ['temporary'],
      }),
    },
  );
}

function webhookBench(): Promise<Bench> {
  const key = Buffer.from(KEY);
  return httpBench(
    status(204),
    (origin, timeoutMs) =>
      webhookChannel('hook', {
        type: 'webhook',
        url: new Secret(`${origin.replace('//', `//user:${PASSWORD}@`)}/hooks/${TOKEN}`),
        secret: new Secret(`whsec_${key.toString('base64')}`),
        headers: { 'x-key': new Secret(TOKEN) },
        timeoutMs,
      }),
    ({ headers, body }) => {
      const { 'webhook-id': id, 'webhook-timestamp': timestamp } = headers;
      if (Math.abs(Date.now() / 1000 - Number(timestamp)) > 60) throw new Error(`time stamp ${timestamp}`);
      const expected = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
      if (headers['webhook-signature'] !== `v1,${expected}`) throw new Error('wrong signature');
      if (headers.authorization !== `Basic ${Buffer.from(`user:${PASSWORD}`).toString('base64')}`)
        throw new Error('no credentials');
      const { subject, text } = JSON.parse(body).data;
      return `${subject}\n${text}`;
    },
    {},
  );
}
