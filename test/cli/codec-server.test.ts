/** The codec server as people use it: beside `up`, by Temporal's own CLI and for its Web UI. */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, inject, onTestFinished, test } from 'vitest';
import { MisbehavingServer } from '../support/misbehaving-server.ts';
import { tempDir } from '../support/temp-dir.ts';
import { json, ownDataDir, rekindle, start } from './support/cli.ts';

const TOKEN = randomBytes(16).toString('hex');
const env = { ENCRYPTION_KEY: randomBytes(32).toString('base64'), CODEC_TOKEN: TOKEN };

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function configured(port: number): string[] {
  const file = join(tempDir('config'), 'rekindle.yaml');
  writeFileSync(
    file,
    `encryption:
  keys: [{id: k1, key: 'env:ENCRYPTION_KEY'}]
  codec_server: {port: ${port}, token: 'env:CODEC_TOKEN'}
`,
  );
  return ['--config', file];
}

test('shows the data of tasks to those who have the token', { timeout: 120_000 }, async () => {
  const port = await freePort();
  const options = ['--data-dir', ownDataDir(), ...configured(port)];
  const files = await MisbehavingServer.start();
  onTestFinished(() => files.close());
  const up = start(['up', '--json', ...options], { env });
  const { address, ui_address } = JSON.parse(await up.line());
  const url = files.serve('/lesson.bin', { size: 1000 });
  const { task_id } = await json(['download', `${url}?key=of-the-url`, '--to', tempDir(), ...options], 0, {
    env,
  });

  const codec = start(['codec-server', '--json', ...options], { env });
  expect(JSON.parse(await codec.line())).toEqual({
    status: 'serving',
    address: `http://127.0.0.1:${port}`,
    origins: [ui_address, ui_address.replace('127.0.0.1', 'localhost')],
  });

  const show = async (...more: string[]) => {
    const words = ['workflow', 'show', '--address', address, '-w', task_id, '-o', 'json', ...more];
    const { stdout } = await promisify(execFile)(inject('temporalExecutable'), words, { maxBuffer: 1e8 });
    const data = [...stdout.matchAll(/"data": "([^"]*)"/g)].map(([, text]) =>
      Buffer.from(text ?? '', 'base64'),
    );
    expect(data.length).toBeGreaterThan(10);
    return Buffer.concat(data).toString('latin1');
  };
  const endpoint = ['--codec-endpoint', `http://127.0.0.1:${port}`];
  expect(await show()).not.toContain('of-the-url');
  expect(await show(...endpoint, '--codec-auth', `Bearer ${TOKEN}`)).toContain('?key=of-the-url');
  await expect(show(...endpoint, '--codec-auth', 'Bearer wrong')).rejects.toThrow();

  // The Web UI knows where to ask, and is let in after its preflight.
  const settings = await (await fetch(`${ui_address}/api/v1/settings`)).json();
  expect(settings).toMatchObject({ Codec: { Endpoint: `http://127.0.0.1:${port}` } });
  const preflight = await fetch(`http://127.0.0.1:${port}/decode`, {
    method: 'OPTIONS',
    headers: { origin: ui_address, 'access-control-request-method': 'POST' },
  });
  expect(preflight.headers.get('access-control-allow-origin')).toBe(ui_address);

  codec.kill('SIGINT');
  expect((await codec.end()).code).toBe(0);
  expect(codec.stderr).not.toContain(TOKEN);
});

test('says what is missing', async () => {
  const plain = await rekindle(['codec-server', '--data-dir', ownDataDir()]);
  expect([plain.code, plain.stderr]).toEqual([2, expect.stringContaining('the configuration has no keys')]);
  const file = join(tempDir('config'), 'rekindle.yaml');
  writeFileSync(file, "encryption: {keys: [{id: k1, key: 'env:ENCRYPTION_KEY'}]}\n");
  const options = ['--data-dir', ownDataDir(), '--config', file];
  const open = await rekindle(['codec-server', ...options], { env });
  expect([open.code, open.stderr]).toEqual([2, expect.stringContaining('encryption.codec_server.token')]);
});
