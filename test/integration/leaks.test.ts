/**
 * Secrets that can be recognised go through everything that rekindle does, with encryption on and every process at its
 * most talkative; then every trace that is left is searched for them.
 *
 * What is allowed: the address of a download stands in Temporal, encrypted (a later run needs it); the servers that
 * secrets are for get them; whoever starts a command sees its own command line; the environment and the files that the
 * references lead to.
 */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, inject, onTestFinished, test } from 'vitest';
import { loadConfig } from '../../src/config.ts';
import { connect } from '../../src/engine/connect.ts';
import { runningEngine } from '../../src/engine/embedded.ts';
import { listReports } from '../../src/report/index.ts';
import { decodeFirst } from '../../src/tasks/payloads.ts';
import { json, ownDataDir, rekindle, start } from '../cli/support/cli.ts';
import { QUICK_CONFIG } from '../support/healing-run.ts';
import { MisbehavingServer } from '../support/misbehaving-server.ts';
import { tempDir } from '../support/temp-dir.ts';

/** By name, so that a leak says which it is. Random: nothing else can look like it. */
const planted = {
  user: '',
  password: '',
  queryToken: '',
  redirectToken: '',
  fragment: '',
  cookieOfServer: '',
  webhookToken: '',
  webhookSecret: '',
  webhookHeader: '',
  mailPassword: '',
  codecToken: '',
  environment: '',
};
for (const name of Object.keys(planted) as (keyof typeof planted)[])
  planted[name] = `${name}-${randomBytes(9).toString('hex')}`;
const key = randomBytes(32);

/** A secret as it is, and as programs write it. */
function formsOf(secret: string): Buffer[] {
  const bytes = Buffer.from(secret);
  // Within base64 it looks different at each of three positions; the ends depend on what is beside it.
  const inBase64 = [0, 1, 2].map((before) =>
    Buffer.concat([Buffer.alloc(before), bytes])
      .toString('base64')
      .slice(before ? 4 : 0, -4),
  );
  const texts = [secret, encodeURIComponent(secret), bytes.toString('hex'), ...inBase64];
  return [...texts.map((text) => Buffer.from(text)), Buffer.from(secret, 'utf16le')];
}

const wanted = [
  ...Object.entries(planted).map(([name, secret]) => ({ name, forms: formsOf(secret) })),
  {
    name: 'key',
    forms: [key, Buffer.from(key.toString('base64')), Buffer.from(key.toString('hex'))],
  },
];

/** Names of the secrets in some bytes, with what is around them. */
function secretsIn(bytes: Buffer | string): string[] {
  const all = Buffer.from(bytes as string);
  return wanted.flatMap(({ name, forms }) => {
    const at = forms.map((form) => all.indexOf(form)).find((found) => found >= 0);
    if (at === undefined) return [];
    return [`${name}: …${all.subarray(Math.max(0, at - 80), at + 80).toString('latin1')}…`];
  });
}

/** Everything below a directory that holds a secret. */
function leaksBelow(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .flatMap((entry) => {
      const path = join(entry.parentPath, entry.name);
      return secretsIn(readFileSync(path)).map((leak) => `${path} holds ${leak}`);
    });
}

/** A channel that keeps what it gets. */
async function channel() {
  const got: { request: IncomingMessage; body: string }[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      got.push({ request, body });
      response.end();
    });
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  onTestFinished(() => void server.close());
  return { got, port: (server.address() as AddressInfo).port };
}

test('no secret is left anywhere', { timeout: 240_000 }, async () => {
  const dataDir = ownDataDir();
  const dir = tempDir('leaks');
  mkdirSync(dataDir, { recursive: true });
  const files = await MisbehavingServer.start();
  onTestFinished(() => files.close());
  const hook = await channel();
  const configFile = join(dir, 'rekindle.yaml');
  writeFileSync(join(dir, 'mail-password'), planted.mailPassword, { mode: 0o600 });
  writeFileSync(
    configFile,
    `${QUICK_CONFIG}
encryption:
  keys: [{id: test, key: 'env:LEAK_KEY'}]
  codec_server: {token: 'env:LEAK_CODEC'}
notification:
  channels:
    hook: {type: webhook, url: 'env:LEAK_HOOK', secret: 'env:LEAK_HOOK_SECRET', headers: {x-key: 'env:LEAK_HOOK_HEADER'}}
    mail: {type: email, host: 127.0.0.1, port: 1, security: none, user: u, password: 'file:mail-password', from: a@example.com, to: [b@example.com]}
  teams: {administrators: [in-app, hook, mail], users: [in-app, hook, mail]}
`,
  );
  const env = {
    LEAK_KEY: key.toString('base64'),
    LEAK_CODEC: planted.codecToken,
    LEAK_HOOK: `http://user:${planted.webhookToken}@127.0.0.1:${hook.port}/hook?access_token=${planted.webhookToken}`,
    LEAK_HOOK_SECRET: planted.webhookSecret,
    LEAK_HOOK_HEADER: planted.webhookHeader,
    SOMEBODY_ELSES_SECRET: planted.environment,
  };
  const options = ['--data-dir', dataDir, '--config', configFile];
  const shown: string[] = [];
  /** Runs a command and keeps all that it says. */
  const said = async (...args: string[]) => {
    const result = await rekindle([...args, ...options], { env });
    shown.push(result.stdout, result.stderr);
    return result;
  };
  const secretUrl = (path: string, behaviour: Parameters<MisbehavingServer['serve']>[1]) => {
    const url = new URL(
      files.serve(path, { headers: { 'set-cookie': `sid=${planted.cookieOfServer}` }, ...behaviour }),
    );
    url.username = planted.user;
    url.password = planted.password;
    url.searchParams.set('token', planted.queryToken);
    url.hash = planted.fragment;
    return url.href;
  };
  /** Starts a task, and says its id. */
  const started = async (path: string, behaviour: Parameters<MisbehavingServer['serve']>[1]) => {
    const args = ['download', secretUrl(path, behaviour), '--to', join(dir, 'files'), '--detach'];
    const { json: result, stdout, stderr } = await rekindle([...args, '--json', ...options], { env });
    shown.push(stdout, stderr);
    if (result.error) throw new Error(stdout + stderr);
    return result.task_id as string;
  };
  const untilStatus = async (id: string, status: string) => {
    const now = async () => (await json(['task', 'show', id, ...options], 0, { env })).status;
    await expect.poll(now, { timeout: 60_000, interval: 300 }).toBe(status);
  };

  const up = start(['up', '--json', '--log-level', 'trace', ...options], { env });
  const { address } = JSON.parse(await up.line());

  // One that succeeds after a redirect, one that nobody can help, one that fails and is recovered.
  const target = `${files.serve('/target.bin', { size: 20_000 })}?signature=${planted.redirectToken}`;
  const good = await started('/good.bin', { size: 20_000, redirect: target });
  const lost = await started('/lost.bin', { size: 1, refuse: { status: 404, times: 1e6 } });
  const later = await started('/later.bin', { size: 20_000, cutAfter: 0, troubles: 12 });
  const locked = await started('/locked.bin', { size: 1, refuse: { status: 401, times: 1e6 } });
  await untilStatus(good, 'completed');
  await untilStatus(lost, 'failed');
  await untilStatus(locked, 'failed');
  await untilStatus(later, 'completed');
  await expect.poll(() => hook.got.length, { timeout: 60_000 }).toBeGreaterThanOrEqual(2);
  // What is wrong is said without what was given.
  await said('download', `ftp://${planted.user}:${planted.password}@host/x?token=${planted.queryToken}`);
  await said(
    'download',
    secretUrl('/lost.bin', { size: 1, refuse: { status: 404, times: 1e6 } }),
    '--to',
    dir,
  );
  for (const id of ['failure-scan', 'pattern-analysis', 'health-check'])
    await said('schedule', 'trigger', id);
  const kinds = async () => {
    const { reports } = await listReports(join(dataDir, 'reports'));
    return new Set(reports.map(({ kind }) => kind));
  };
  await expect.poll(kinds, { timeout: 60_000 }).toEqual(new Set(['failure_processing', 'failure_analysis']));
  await said('recover', lost, '--force');
  await untilStatus(lost, 'failed');

  for (const id of [good, lost, later, locked]) {
    await said('task', 'show', id);
    await said('task', 'show', id, '--json');
    await said('task', 'wait', id, '--json');
  }
  for (const words of [
    ['task', 'list'],
    ['failure', 'list'],
    ['notify', 'list'],
    ['notify', 'messages'],
    ['report', 'list'],
    ['report', 'show'],
    ['report', 'analyse'],
    ['schedule', 'list'],
    ['stats'],
    ['health'],
    ['doctor'],
  ]) {
    await said(...words);
    await said(...words, '--json');
  }
  await said('notify', 'test', 'hook');
  await said('notify', 'test', 'mail');

  // Histories as anybody gets them who may look at Temporal, also what base64 hides in them.
  const temporal = async (...words: string[]): Promise<string> =>
    (
      await promisify(execFile)(
        inject('temporalExecutable'),
        [...words, '--address', address, '-o', 'json'],
        {
          maxBuffer: 1e9,
        },
      )
    ).stdout;
  const listed = JSON.parse(await temporal('workflow', 'list')) as {
    execution: { workflowId: string; runId: string };
  }[];
  expect(listed.length).toBeGreaterThan(8);
  for (const { execution } of listed) {
    const history = await temporal('workflow', 'show', '-w', execution.workflowId, '-r', execution.runId);
    const hidden = [...history.matchAll(/": "([\w+/=]{8,})"/g)].map(([, text]) =>
      Buffer.from(text ?? '', 'base64'),
    );
    shown.push(history, Buffer.concat(hidden).toString('latin1'));
  }
  shown.push(await temporal('workflow', 'describe', '-w', good));

  // The secrets were there to be found: Temporal has them, encrypted.
  const config = loadConfig({ dataDir, configFile }, env);
  const { client, close } = await connect(config, await runningEngine(config));
  const { history } = await client.workflowService.getWorkflowExecutionHistory({
    namespace: client.options.namespace,
    execution: { workflowId: good },
  });
  const input = history?.events?.[0]?.workflowExecutionStartedEventAttributes?.input;
  expect(secretsIn(JSON.stringify(await decodeFirst(client, good, input?.payloads))).length).toBeGreaterThan(
    2,
  );
  await close();
  const [delivery] = hook.got;
  expect(delivery?.request.url).toContain(planted.webhookToken);

  // While it runs (the files of the engine have their write-ahead logs then), and when it has ended.
  const leaksNow = leaksBelow(dataDir);
  const engineFiles = readdirSync(join(dataDir, 'engine'));
  expect(engineFiles.some((name) => name.endsWith('-wal'))).toBe(true);
  // What is not encrypted would be found in them.
  expect(
    engineFiles.some(
      (name) => name.includes('.db') && readFileSync(join(dataDir, 'engine', name)).includes(good),
    ),
  ).toBe(true);
  up.kill('SIGINT');
  expect((await up.end()).code).toBe(0);
  shown.push(up.stdout, up.stderr);

  expect(up.stderr.length).toBeGreaterThan(1000);
  // Nobody got what was not for them: schedules' runs hand on results, groups go on, a child is another workflow.
  expect(up.stderr).not.toMatch(/PAYLOAD_UNREADABLE|Failing workflow task/);
  expect(leaksNow).toEqual([]);
  expect(leaksBelow(dataDir)).toEqual([]);
  expect(leaksBelow(join(dir, 'files'))).toEqual([]);
  expect(shown.flatMap(secretsIn)).toEqual([]);
  expect(hook.got.flatMap(({ body }) => secretsIn(body))).toEqual([]);
});
