import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { Config } from '../../src/config.ts';
import { connect } from '../../src/engine/connect.ts';
import { engineStatus, runningEngine, stopEngine } from '../../src/engine/embedded.ts';
import { engineFiles } from '../../src/engine/engine-files.ts';
import { ensureEngine } from '../../src/engine/ensure-engine.ts';
import { isServing } from '../../src/engine/health.ts';
import { identityOf, isAlive } from '../../src/locks/process-identity.ts';
import { startChild } from '../support/child.ts';
import { startTestEngine, testConfig } from '../support/engine.ts';
import { tempDir } from '../support/temp-dir.ts';

const CHILD = new URL('./use-engine.ts', import.meta.url);

interface ChildEngine {
  readonly address: string;
  readonly pid: number;
  readonly started: boolean;
}

/** A configuration whose engine is stopped when the test ends, whoever started it. */
function configFor(dataDir = tempDir('engine'), engine: Partial<Config['engine']> = {}): Config {
  const config = testConfig(dataDir);
  onTestFinished(async () => {
    await stopEngine(dataDir, { graceMs: 0 });
  });
  return { ...config, engine: { ...config.engine, ...engine } };
}

function kill(pid: number | null, signal: NodeJS.Signals = 'SIGKILL'): void {
  if (pid === null) throw new Error('no process');
  process.kill(pid, signal);
}

async function startWorkflow(config: Config, address: string, workflowId: string): Promise<void> {
  const connected = await connect(config, { address, namespace: config.namespace });
  await connected.client.workflow.start('anything', { workflowId, taskQueue: 'nobody' });
  await connected.close();
}

test('the first command starts the server, the second joins it, the last one out stops it', async () => {
  const config = configFor();
  const first = await ensureEngine(config);
  expect(first).toMatchObject({ started: true, embedded: true, namespace: 'default' });
  expect(await isServing(first.address)).toBe(true);
  const second = await ensureEngine(config);
  expect(second).toMatchObject({
    started: false,
    address: first.address,
    uiAddress: first.uiAddress,
    pid: first.pid,
  });
  expect(await first.release()).toBe('left');
  expect(await isServing(second.address)).toBe(true);
  expect(await second.release()).toBe('killed');
  expect(await isServing(second.address)).toBe(false);
  expect(engineStatus(config.dataDir)).toBeNull();
});

test('the Web UI is served at the address that is told', async () => {
  const { engine } = await startTestEngine();
  const page = await fetch(engine.uiAddress ?? '');
  expect(page.status).toBe(200);
  expect(await page.text()).toContain('<html');
});

test('releasing twice does nothing the second time', async () => {
  const config = configFor();
  const first = await ensureEngine(config);
  const second = await ensureEngine(config);
  expect(await first.release()).toBe('left');
  expect(await first.release()).toBe('left');
  expect(await isServing(second.address)).toBe(true);
});

test('a server that is to be kept stays when its last user goes, and the next one finds it', async () => {
  const config = configFor();
  const first = await ensureEngine(config);
  expect(await first.release({ keep: true })).toBe('left');
  const next = await ensureEngine(config);
  expect(next).toMatchObject({ started: false, pid: first.pid });
});

test('a server that is given time ends by itself', async () => {
  const engine = await ensureEngine(configFor());
  expect(await engine.release({ graceMs: 10_000 })).toBe('stopped');
});

test('two directories have two servers that do not disturb each other', async () => {
  const [one, other] = [configFor(), configFor()];
  const [a, b] = await Promise.all([ensureEngine(one), ensureEngine(other)]);
  expect(a.address).not.toBe(b.address);
  expect(a.uiAddress).not.toBe(b.uiAddress);
  await startWorkflow(one, a.address, 'only-in-one');
  await a.release();
  expect(await isServing(b.address)).toBe(true);
  const connected = await connect(other, b);
  await expect(connected.client.workflow.getHandle('only-in-one').describe()).rejects.toThrow(/not found/i);
  await connected.close();
});

test('four commands at once on one directory start one server', async () => {
  const config = configFor();
  const children = Array.from({ length: 4 }, () => startChild(CHILD, [JSON.stringify(config)]));
  const engines = await Promise.all(children.map((child) => child.next<ChildEngine>()));
  expect(new Set(engines.map((engine) => engine.pid)).size).toBe(1);
  expect(engines.filter((engine) => engine.started)).toHaveLength(1);
  for (const child of children) child.say('release');
  const outcomes = await Promise.all(children.map((child) => child.next<{ outcome: string }>()));
  expect(outcomes.map(({ outcome }) => outcome).sort()).toEqual(['killed', 'left', 'left', 'left']);
});

test('kill -9 of the server loses no workflow, and the next server has its address', async () => {
  const config = configFor();
  const first = await ensureEngine(config);
  for (const id of ['a', 'b', 'c']) await startWorkflow(config, first.address, id);
  const gone = new Promise<void>((resolve) => first.onExit(resolve));
  kill(first.pid);
  await gone;
  const second = await ensureEngine(config);
  expect(second).toMatchObject({ started: true, address: first.address, uiAddress: first.uiAddress });
  const connected = await connect(config, second);
  for (const id of ['a', 'b', 'c'])
    expect((await connected.client.workflow.getHandle(id).describe()).status.name).toBe('RUNNING');
  await connected.close();
});

test('a workflow that was running when the engine was stopped is there when it starts again', async () => {
  const config = configFor();
  const first = await ensureEngine(config);
  await startWorkflow(config, first.address, 'kept');
  expect(await first.release()).toBe('killed');
  const second = await ensureEngine(config);
  const connected = await connect(config, second);
  expect((await connected.client.workflow.getHandle('kept').describe()).status.name).toBe('RUNNING');
  await connected.close();
});

test('kill -9 of a user leaves the server for the next one, who is the last one out', async () => {
  const config = configFor();
  const child = startChild(CHILD, [JSON.stringify(config)]);
  const theirs = await child.next<ChildEngine>();
  await child.kill();
  const ours = await ensureEngine(config);
  expect(ours).toMatchObject({ started: false, pid: theirs.pid, address: theirs.address });
  expect(await ours.release()).toBe('killed');
});

test('a command killed at any moment of the start leaves a directory that the next one can use', async () => {
  const config = configFor();
  // Loading takes about 200 ms, starting the server as long again.
  for (const moment of [150, 200, 230, 260, 290, 320, 350, 400, 500]) {
    const child = startChild(CHILD, [JSON.stringify(config)]);
    // The time of the kill is what is tested here; nothing is waited for.
    await delay(moment);
    await child.kill();
    const engine = await ensureEngine(config);
    expect(await isServing(engine.address)).toBe(true);
    expect(await engine.release()).toBe('killed');
    expect(engineStatus(config.dataDir)).toBeNull();
  }
});

test('one that joined hears of the end of a server that another command started', async () => {
  const config = configFor();
  const child = startChild(CHILD, [JSON.stringify(config)]);
  const { pid } = await child.next<ChildEngine>();
  const ours = await ensureEngine(config);
  const gone = new Promise<void>((resolve) => ours.onExit(resolve));
  kill(pid);
  await gone;
});

test.for([
  ['missing', null],
  ['empty', ''],
  ['no JSON', '{"pid": 12'],
  ['of another shape', '{"process": {"pid": -1}, "ports": 7}'],
])('a server is found again when engine.json is %s', async ([, content]) => {
  const config = configFor();
  const files = engineFiles(config.dataDir);
  const first = await ensureEngine(config);
  if (content === null) rmSync(files.record);
  else writeFileSync(files.record, content ?? '');
  const second = await ensureEngine(config);
  expect(second).toMatchObject({ started: false, pid: first.pid, address: first.address });
  expect(JSON.parse(readFileSync(files.record, 'utf8')).process.pid).toBe(first.pid);
});

test.for(['with spaces', 'hash#tag', 'what?', '100%20', '数据'])(
  'a data directory called "%s" has its file inside, and its server is found',
  async (name) => {
    const config = configFor(join(tempDir('engine'), name));
    const files = engineFiles(config.dataDir);
    const first = await ensureEngine(config);
    expect(existsSync(files.database)).toBe(true);
    rmSync(files.record);
    expect(await ensureEngine(config)).toMatchObject({ started: false, pid: first.pid });
  },
);

test('an engine.json with the PID of another program does no harm to that program', async () => {
  const config = configFor();
  const files = engineFiles(config.dataDir);
  const child = startChild(new URL('../locks/hold-lock.ts', import.meta.url), [join(tempDir(), 'x.lock')]);
  await child.next();
  const identity = identityOf(child.pid);
  mkdirSync(files.dir, { recursive: true });
  const record = {
    process: { ...identity, startedAt: '1' },
    ports: { grpc: 1, ui: 2 },
    executable: 'temporal',
  };
  writeFileSync(files.record, JSON.stringify(record));
  expect(engineStatus(config.dataDir)).toBeNull();
  expect(await stopEngine(config.dataDir)).toBeNull();
  expect((await ensureEngine(config)).started).toBe(true);
  expect(identity && isAlive(identity)).toBe(true);
});

test('ports that somebody else has are left alone, and free ones are taken', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await vi.waitUntil(() => taken.listening);
  onTestFinished(() => void taken.close());
  const { port } = taken.address() as { port: number };
  const engine = await ensureEngine(configFor(tempDir('engine'), { port, uiPort: port + 1 }));
  expect(engine.address).not.toBe(`127.0.0.1:${port}`);
  expect(await isServing(engine.address)).toBe(true);
});

test('a server that hangs is replaced', async () => {
  const config = configFor();
  const first = await ensureEngine(config);
  kill(first.pid, 'SIGSTOP');
  const said: string[] = [];
  const second = await ensureEngine(config, { answerTimeoutMs: 300, say: (line) => said.push(line) });
  expect(second.started).toBe(true);
  expect(second.pid).not.toBe(first.pid);
  expect(said.join()).toContain(`process ${first.pid}) has not answered`);
});

test('a damaged database is named in the error, with what to do', async () => {
  const config = configFor();
  const files = engineFiles(config.dataDir);
  mkdirSync(files.dir, { recursive: true });
  writeFileSync(files.database, 'this is not a database '.repeat(500));
  await expect(ensureEngine(config)).rejects.toMatchObject({
    code: 'ENGINE_UNAVAILABLE',
    message: expect.stringContaining('did not start'),
    hint: expect.stringContaining('is damaged'),
  });
  expect(existsSync(files.record)).toBe(false);
});

test('a data directory that cannot be written is named in the error', async () => {
  const dir = tempDir('engine');
  writeFileSync(join(dir, 'file'), '');
  await expect(ensureEngine(configFor(join(dir, 'file')))).rejects.toMatchObject({ code: 'NOT_WRITABLE' });
  const config = configFor();
  const files = engineFiles(config.dataDir);
  mkdirSync(files.dir, { recursive: true });
  symlinkSync('/proc/version', files.database);
  await expect(ensureEngine(config)).rejects.toMatchObject({ code: 'ENGINE_UNAVAILABLE' });
});

test('`down` stops what runs, says who used it, and says when nothing runs', async () => {
  const config = configFor();
  expect(await stopEngine(config.dataDir)).toBeNull();
  expect(existsSync(engineFiles(config.dataDir).dir)).toBe(false);
  const engine = await ensureEngine(config, { purpose: 'rekindle up' });
  expect(await stopEngine(config.dataDir)).toMatchObject({
    pid: engine.pid,
    address: engine.address,
    outcome: 'stopped',
    users: [{ purpose: 'rekindle up' }],
  });
  expect(await engine.release()).toBe('gone');
  expect(await stopEngine(config.dataDir)).toBeNull();
});

test('a client that only looks in finds the engine that runs, and is told when none does', async () => {
  const config = configFor();
  expect(() => runningEngine(config)).toThrow(/no engine runs for the data directory/);
  const engine = await ensureEngine(config);
  expect(runningEngine(config)).toMatchObject({ address: engine.address, namespace: 'default' });
});
