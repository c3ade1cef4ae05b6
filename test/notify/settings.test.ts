import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { loadConfig } from '../../src/config.ts';
import { createChannels } from '../../src/notify/create-channels.ts';
import { channelsOf, teamOf } from '../../src/notify/routes.ts';
import { tempDir } from '../support/temp-dir.ts';
import { digestOf, failureNotification } from './support/digests.ts';

function load(notification: string, env: NodeJS.ProcessEnv = {}) {
  const directory = tempDir('config');
  const configFile = join(directory, 'rekindle.yaml');
  writeFileSync(configFile, `notification:\n${notification}`);
  writeFileSync(join(directory, 'password'), 'from a file\n', { mode: 0o600 });
  return loadConfig({ configFile }, env).notification;
}

const ports = { putMessage: () => undefined, warn: () => undefined };

describe('notification settings', () => {
  test('tell everybody in the system itself when nothing is set', () => {
    const settings = loadConfig({}, {}).notification;
    expect(settings).toMatchObject({ quietMs: 600_000, maxQuietMs: 21_600_000 });
    expect(settings.teams).toMatchObject({ administrators: ['in-app'], users: ['in-app'] });
    expect([...createChannels(settings, ports).keys()]).toEqual(['in-app']);
  });

  test('take secrets from the environment and from files, and never print them', () => {
    const settings = load(
      `  channels:
    mail: {type: email, host: smtp.example.com, user: ops, password: 'file:password', from: ops@example.com, to: [a@example.com]}
    ding: {type: dingtalk, url: 'env:DING', secret: 'env:DING_SECRET'}
`,
      { DING: 'https://oapi.dingtalk.com/robot/send?access_token=t0ken', DING_SECRET: 'SECabc' },
    );
    const { mail, ding } = settings.channels;
    expect(mail?.type === 'email' && mail.password?.reveal()).toBe('from a file');
    expect(ding?.type === 'dingtalk' && ding.secret?.reveal()).toBe('SECabc');
    expect(mail).toMatchObject({ port: 587, security: 'starttls' });
    for (const printed of [
      JSON.stringify(settings),
      inspect(settings, { depth: 9 }),
      `${mail?.type === 'email' && mail.password}`,
    ])
      expect(printed).not.toMatch(/t0ken|SECabc|from a file/);
  });

  test('are refused with all their problems at once, each with its key', () => {
    const wrong = () =>
      load(`  quiet_minutes: -1
  channels:
    mail: {type: email, host: x, from: a@b, to: [nobody], password: plain}
    ding: {type: dingtalk, url: 'ftp://x', secret: 'env:NOPE'}
    sms: {type: fax}
    hook: {type: webhook, url: 'https://x'}
    log: {type: in-app}
  teams: {users: [pager]}
  routes: [{task_types: [a], team: nobody}, {team: users}]
`);
    for (const problem of [
      /quiet_minutes/,
      /channels\.mail\.to\.0: is no e-mail address/,
      /channels\.mail\.password: a secret does not stand in this file/,
      /channels\.mail\.user: user and password belong together/,
      /channels\.ding\.url: is no http/,
      /channels\.ding\.secret: the environment variable NOPE is not set/,
      /channels\.sms\.type: the type of a channel is/,
      /channels\.hook\.secret/,
      /channels\.log: log stands for/,
      /teams\.users\.0: there is no channel "pager"/,
      /routes\.0\.team: there is no team "nobody"/,
      /routes\.1: a route needs/,
    ])
      expect(wrong).toThrow(problem);
    expect(wrong).not.toThrow('plain');
  });
});

describe('routes', () => {
  const settings = load.bind(null, '  routes: [{categories: [unrecoverable_config], team: finance}]\n');
  const of = (taskType: string, audience: 'user' | 'administrators', category = 'unrecoverable_business') =>
    digestOf(failureNotification('1', { taskType, info: { category } }, { audience }));

  test('lead as documented: orders to customer service, payments to finance, when the user is to be told', () => {
    const defaults = loadConfig({}, {}).notification;
    expect(teamOf(of('order_processing', 'user'), defaults)).toBe('customer_service');
    expect(teamOf(of('payment_processing', 'user'), defaults)).toBe('finance');
    expect(teamOf(of('order_processing', 'administrators'), defaults)).toBe('administrators');
    expect(teamOf(of('other', 'user'), defaults)).toBe('users');
  });

  test('of the configuration come first', () => {
    expect(teamOf(of('order_processing', 'user', 'unrecoverable_config'), settings())).toBe('finance');
  });

  test('lead to handlers in code beside the channels of the team', () => {
    const defaults = loadConfig({}, {}).notification;
    const handlers = { order_processing: async () => undefined };
    const channels = createChannels(defaults, ports, { handlers });
    const has = (name: string): boolean => channels.has(name);
    expect(channelsOf(of('order_processing', 'user'), defaults, has)).toEqual([
      'in-app',
      'handler:order_processing',
    ]);
    expect(channelsOf(of('other', 'user'), defaults, has)).toEqual(['in-app']);
  });
});

describe('channels in code', () => {
  const pager = { name: 'pager', deliver: async () => undefined };

  test('take the place that the configuration keeps for them', () => {
    const settings = load('  channels: {pager: {type: custom}}\n  teams: {users: [pager]}\n');
    expect(createChannels(settings, ports, { channels: { pager } }).get('pager')).toBe(pager);
    expect(() => createChannels(settings, ports)).toThrow(/pager is custom, but no code/);
  });

  test('do not push a configured one aside', () => {
    const settings = load(
      "  channels: {pager: {type: webhook, url: 'https://x', secret: 'file:password'}}\n",
    );
    expect(() => createChannels(settings, ports, { channels: { pager } })).toThrow(/has the name/);
  });
});
