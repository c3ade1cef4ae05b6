import { isPlainObject, type Json } from '../domain/json.ts';
import type { QuietTimes } from '../domain/notification-group.ts';
import type { Audience } from '../domain/recovery-policy.ts';
import { REFERENCE, type ReadReference, resolved } from '../secrets/references.ts';
import { Secret } from '../secrets/secret.ts';
import type { ChannelFile, NotificationFile } from './settings.ts';

/** The section `notification:` as the program uses it: secrets read, times in ms, defaults filled in. */
export interface NotificationSettings extends QuietTimes {
  readonly channels: Readonly<Record<string, ChannelSettings>>;
  /** Names of the channels of each team. */
  readonly teams: Readonly<Record<string, readonly string[]>>;
  /** The first that fits decides; none: the team of the audience. */
  readonly routes: readonly Route[];
}

/** Sends what fits all that it names to a team. */
export interface Route {
  /** null: any. */
  readonly taskTypes: readonly string[] | null;
  readonly categories: readonly string[] | null;
  readonly audience: Audience | null;
  readonly team: string;
}

export type ChannelSettings =
  | EmailSettings
  | SmsSettings
  | RobotSettings
  | WebhookSettings
  | { readonly type: 'in-app' | 'custom' };

export interface EmailSettings {
  readonly type: 'email';
  readonly host: string;
  readonly port: number;
  readonly security: 'starttls' | 'tls' | 'none';
  readonly user: string | null;
  readonly password: Secret | null;
  readonly from: string;
  readonly to: readonly string[];
  readonly timeoutMs: number;
}

export interface SmsSettings {
  readonly type: 'sms';
  readonly url: Secret;
  readonly method: 'POST' | 'PUT' | 'GET';
  readonly headers: Readonly<Record<string, Secret>>;
  readonly format: 'json' | 'form';
  /** Texts are secrets, since many gateways take their key in the body. */
  readonly body: SecretJson;
  readonly to: readonly string[];
  /** In UTF-16 units. */
  readonly maxLength: number;
  readonly accepted: { readonly field: string; readonly value: string | number | boolean } | null;
  readonly timeoutMs: number;
}

export interface RobotSettings {
  readonly type: 'dingtalk' | 'wecom';
  readonly url: Secret;
  readonly secret: Secret | null;
  readonly keyword: string | null;
  readonly timeoutMs: number;
}

export interface WebhookSettings {
  readonly type: 'webhook';
  readonly url: Secret;
  readonly secret: Secret;
  readonly headers: Readonly<Record<string, Secret>>;
  readonly timeoutMs: number;
}

export type SecretJson =
  | Secret
  | string
  | number
  | boolean
  | null
  | readonly SecretJson[]
  | { readonly [key: string]: SecretJson };

const SECOND = 1000;
/** Always there. */
const IN_APP = 'in-app';
/** Names the log files where a channel is asked for. */
export const LOG = 'log';
/** Teams there always are. */
const TEAMS = ['administrators', 'users', 'customer_service', 'finance'] as const;
/** As documented: a failed order is for customer service, a failed payment for the finance team. */
const ROUTES: readonly Route[] = [
  { taskTypes: ['order_processing'], categories: null, audience: 'user', team: 'customer_service' },
  { taskTypes: ['payment_processing'], categories: null, audience: 'user', team: 'finance' },
];

/** Makes settings of the section. */
export function notificationSettings(file: NotificationFile, read: ReadReference): NotificationSettings {
  const channels = Object.entries(file.channels).map(([name, one]) => [name, channelOf(one, read)] as const);
  return {
    quietMs: file.quiet_minutes * 60 * SECOND,
    maxQuietMs: Math.max(file.max_quiet_hours * 3600, file.quiet_minutes * 60) * SECOND,
    channels: { [IN_APP]: { type: IN_APP }, ...Object.fromEntries(channels) },
    teams: { ...Object.fromEntries(TEAMS.map((team) => [team, [IN_APP]])), ...file.teams },
    routes: [
      ...file.routes.map(({ task_types, categories, audience, team }) => ({
        taskTypes: task_types ?? null,
        categories: categories ?? null,
        audience: audience ?? null,
        team,
      })),
      ...ROUTES,
    ],
  };
}

/**
 * What is wrong with names and references. It looks at the section as it was read, so that these problems are told
 * together with those of the schema.
 * @param raw whatever stands under `notification`.
 * @returns each problem with its key.
 */
export function notificationProblems(
  raw: unknown,
  read: ReadReference,
): (readonly [key: string, text: string])[] {
  const { channels, teams, routes } = asRecord(raw);
  return [
    ...nameProblems(asRecord(channels), 'notification.channels'),
    ...nameProblems(asRecord(teams), 'notification.teams'),
    ...referenceProblems(channels, 'notification.channels', read),
    ...teamProblems(asRecord(teams), asRecord(channels)),
    ...routeProblems(Array.isArray(routes) ? routes : [], asRecord(teams)),
    ...emailProblems(asRecord(channels)),
  ];
}

const NAME = /^[a-z][\w-]{0,49}$/i;

function nameProblems(named: Record<string, unknown>, key: string) {
  return Object.keys(named).flatMap((name) => {
    const text = !NAME.test(name)
      ? 'a name is letters, digits, - and _, and begins with a letter'
      : key.endsWith('channels') && name === LOG
        ? `${LOG} stands for the log files`
        : undefined;
    return text === undefined ? [] : [[`${key}.${name}`, text] as const];
  });
}

function referenceProblems(value: unknown, key: string, read: ReadReference): (readonly [string, string])[] {
  if (Array.isArray(value)) return value.flatMap((one, i) => referenceProblems(one, `${key}.${i}`, read));
  if (isPlainObject(value))
    return Object.entries(value).flatMap(([name, one]) => referenceProblems(one, `${key}.${name}`, read));
  if (typeof value !== 'string' || !REFERENCE.test(value)) return [];
  try {
    const found = resolved(value, read);
    if (key.endsWith('.url') && !URL.canParse(found)) return [[key, `${value} holds no URL`]];
    return [];
  } catch (error) {
    return [[key, (error as Error).message]];
  }
}

function teamProblems(teams: Record<string, unknown>, channels: Record<string, unknown>) {
  const known = new Set([IN_APP, ...Object.keys(channels)]);
  return Object.entries(teams).flatMap(([team, names]) =>
    (Array.isArray(names) ? names : []).flatMap((name, i) =>
      known.has(name)
        ? []
        : [
            [
              `notification.teams.${team}.${i}`,
              `there is no channel "${name}"; there are ${[...known].join(', ')}`,
            ] as const,
          ],
    ),
  );
}

function routeProblems(routes: readonly unknown[], teams: Record<string, unknown>) {
  const known = new Set<unknown>([...TEAMS, ...Object.keys(teams)]);
  return routes.flatMap((route, i) => {
    const { team } = asRecord(route);
    if (typeof team !== 'string' || known.has(team)) return [];
    return [
      [
        `notification.routes.${i}.team`,
        `there is no team "${team}"; there are ${[...known].join(', ')}`,
      ] as const,
    ];
  });
}

function emailProblems(channels: Record<string, unknown>) {
  return Object.entries(channels).flatMap(([name, one]) => {
    const { type, user, password } = asRecord(one);
    if (type !== 'email' || (user === undefined) === (password === undefined)) return [];
    const key = `notification.channels.${name}.${user === undefined ? 'user' : 'password'}`;
    return [[key, 'user and password belong together'] as const];
  });
}

function channelOf(file: ChannelFile, read: ReadReference): ChannelSettings {
  switch (file.type) {
    case 'email':
      return {
        type: 'email',
        host: file.host,
        port: file.port ?? { starttls: 587, tls: 465, none: 25 }[file.security],
        security: file.security,
        user: file.user ?? null,
        password: file.password === undefined ? null : secretOf(file.password, read),
        from: file.from,
        to: file.to,
        timeoutMs: file.timeout * SECOND,
      };
    case 'sms':
      return {
        type: 'sms',
        url: secretOf(file.url, read),
        method: file.method,
        headers: secretsOf(file.headers, read),
        format: file.format,
        body: secretJson(file.body as Json, read),
        to: file.to,
        maxLength: file.max_length,
        accepted: file.accepted ?? null,
        timeoutMs: file.timeout * SECOND,
      };
    case 'dingtalk':
    case 'wecom':
      return {
        type: file.type,
        url: secretOf(file.url, read),
        secret: file.secret === undefined ? null : secretOf(file.secret, read),
        keyword: ('keyword' in file ? file.keyword : undefined) ?? null,
        timeoutMs: file.timeout * SECOND,
      };
    case 'webhook':
      return {
        type: 'webhook',
        url: secretOf(file.url, read),
        secret: secretOf(file.secret, read),
        headers: secretsOf(file.headers, read),
        timeoutMs: file.timeout * SECOND,
      };
    case 'in-app':
    case 'custom':
      return { type: file.type };
  }
}

function secretsOf(values: Readonly<Record<string, string>>, read: ReadReference): Record<string, Secret> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, secretOf(value, read)]));
}

function secretJson(value: Json, read: ReadReference): SecretJson {
  if (typeof value === 'string') return REFERENCE.test(value) ? secretOf(value, read) : value;
  if (Array.isArray(value)) return value.map((one) => secretJson(one, read));
  if (typeof value !== 'object' || value === null) return value as number | boolean | null;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, secretJson(one as Json, read)]));
}

function secretOf(text: string, read: ReadReference): Secret {
  return new Secret(resolved(text, read));
}

function asRecord(value: unknown): Record<string, unknown> {
  return isPlainObject(value) ? value : {};
}
