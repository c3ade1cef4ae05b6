import { randomBytes } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import type { Payload } from '@temporalio/common';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { silentLogger } from '../../src/logger.ts';
import { type CodecServer, startCodecServer } from '../../src/secrets/codec-server.ts';
import { EncryptingCodec } from '../../src/secrets/payload-codec.ts';
import { Secret } from '../../src/secrets/secret.ts';

const TOKEN = 'a-token-that-nobody-guesses';
const UI = 'http://127.0.0.1:8233';
const encryption = {
  keys: [{ id: 'k1', key: new Secret(randomBytes(32).toString('hex')) }],
  acceptPlain: true,
  codecServer: { host: '127.0.0.1', port: 1, token: new Secret(TOKEN), origins: [] },
};
const codec = new EncryptingCodec(encryption, { namespace: 'default' });
const logged: string[] = [];

let server: CodecServer;
beforeAll(async () => {
  const log = pino({ level: 'trace' }, { write: (line: string) => void logged.push(line) });
  server = await startCodecServer({ encryption, namespace: 'default', origins: () => [UI], port: 0, log });
});
afterAll(() => server.close());

const BEARER = { authorization: `Bearer ${TOKEN}` };
const post = (path: string, body: unknown, headers: Record<string, string> = BEARER) =>
  fetch(`${server.address}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });

const toJson = ({ metadata, data }: Payload) => ({
  metadata: Object.fromEntries(
    Object.entries(metadata ?? {}).map(([name, value]) => [name, Buffer.from(value).toString('base64')]),
  ),
  data: Buffer.from(data ?? []).toString('base64'),
});
const SECRET = 'the plain text of a task';
const plain = {
  metadata: { encoding: Buffer.from('json/plain') },
  data: Buffer.from(JSON.stringify(SECRET)),
};
const encrypted = async (workflowId = 'w') =>
  await codec.encode([plain], { type: 'workflow', namespace: 'default', workflowId });

describe('the codec server', () => {
  test('decodes payloads of any workflow, and passes on those that are not encrypted', async () => {
    const payloads = [...(await encrypted()), ...(await encrypted('v')), plain];
    const answer = await post('/decode', { payloads: payloads.map(toJson) });
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({ payloads: [plain, plain, plain].map(toJson) });
  });

  test('encodes what the Web UI sends to workflows', async () => {
    const answer = await post('/encode', { payloads: [toJson(plain)] });
    const { payloads } = (await answer.json()) as { payloads: ReturnType<typeof toJson>[] };
    expect(Buffer.from(payloads[0]?.metadata.encoding ?? '', 'base64').toString()).toBe('binary/encrypted');
    expect(await (await post('/decode', { payloads })).json()).toEqual({ payloads: [toJson(plain)] });
  });

  test('goes by the namespace of the request', async () => {
    const payloads = (await encrypted()).map(toJson);
    const answer = await post('/decode', { payloads }, { ...BEARER, 'x-namespace': 'other' });
    expect(answer.status).toBe(422);
    expect(await answer.json()).toEqual({
      error: 'a payload of Temporal cannot be decrypted with the key "k1"',
    });
    expect((await post('/decode', { payloads }, { ...BEARER, 'x-namespace': 'a b' })).status).toBe(400);
  });

  test('answers nobody without the token', async () => {
    const body = { payloads: (await encrypted()).map(toJson) };
    for (const headers of [
      {},
      { authorization: `Bearer ${TOKEN}x` },
      { authorization: `Bearer ${TOKEN.slice(1)}` },
      { authorization: 'Bearer ' },
      { authorization: `Basic ${TOKEN}` },
      { cookie: 'rekindle_codec=9999999999999.AAAA', origin: UI },
    ])
      for (const path of ['/decode', '/encode']) {
        const answer = await post(path, body, headers as Record<string, string>);
        expect([path, answer.status]).toEqual([path, 401]);
        expect(await answer.text()).not.toContain('plain text');
      }
  });

  test.each([
    ['no JSON', '{', 400],
    ['no payloads', {}, 400],
    ['a payload that is none', { payloads: ['x'] }, 400],
    ['a payload with metadata that is none', { payloads: [{ metadata: { encoding: 1 } }] }, 400],
    [
      'a truncated payload',
      { payloads: [{ metadata: { encoding: btoa('binary/encrypted') }, data: '' }] },
      422,
    ],
    ['more than 16 MiB', `"${'x'.repeat(16 * 1024 * 1024)}"`, 413],
  ])('refuses %s', async (_, body, status) => {
    expect((await post('/decode', body)).status).toBe(status);
  });

  test('reads no more than it may of a body that says no length', async () => {
    const status = await new Promise((resolve, reject) => {
      const request = httpRequest(`${server.address}/decode`, {
        method: 'POST',
        headers: { ...BEARER, 'content-type': 'application/json' },
      });
      request.on('response', (response) => resolve(response.resume().statusCode));
      request.on('error', reject);
      for (let i = 0; i < 17; i++) request.write('x'.repeat(1024 * 1024));
    });
    expect(status).toBe(413);
  });

  test('knows no other paths and methods', async () => {
    expect((await fetch(`${server.address}/decode`, { headers: BEARER })).status).toBe(405);
    expect((await post('/', {})).status).toBe(404);
    expect((await post('/decode', {}, { ...BEARER, 'content-type': 'text/plain' })).status).toBe(415);
  });

  test('logs neither content nor tokens', async () => {
    await post('/decode?token=in-the-query', { payloads: (await encrypted()).map(toJson) });
    await expect.poll(() => logged.length).toBeGreaterThan(0);
    expect(logged.join('')).toContain('/decode');
    expect(logged.join('')).not.toMatch(new RegExp(`${SECRET}|${TOKEN}|in-the-query`));
  });
});

describe('a page', () => {
  const preflight = (origin: string) =>
    fetch(`${server.address}/decode`, {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'content-type,x-namespace,authorization',
      },
    });

  test('of the Web UI may ask', async () => {
    const answer = await preflight(UI);
    expect(answer.status).toBe(204);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'access-control-allow-origin': UI,
      'access-control-allow-credentials': 'true',
      'access-control-allow-methods': 'POST',
      'access-control-allow-headers': 'authorization, content-type, x-namespace',
      vary: 'Origin',
    });
  });

  test('of any other origin may not', async () => {
    for (const origin of ['https://evil.example', 'null', `${UI}.evil.example`, 'http://127.0.0.1:82330']) {
      const answer = await preflight(origin);
      expect(answer.status).toBe(403);
      const asked = await post('/decode', { payloads: [] }, { ...BEARER, origin });
      for (const { headers } of [answer, asked])
        expect([...headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
    }
  });

  test('is let in by a cookie, once the person has given the token', async () => {
    const form = await fetch(`${server.address}/`);
    expect(await form.text()).toContain('action="/login"');
    expect(form.headers.get('content-security-policy')).toContain("default-src 'none'");
    const logIn = (token: string) =>
      fetch(`${server.address}/login`, { method: 'POST', body: new URLSearchParams({ token }) });
    const wrong = await logIn('wrong');
    expect([wrong.status, wrong.headers.get('set-cookie')]).toEqual([401, null]);
    const right = await logIn(TOKEN);
    const set = right.headers.get('set-cookie') ?? '';
    expect(set).toMatch(/; HttpOnly; SameSite=Strict; Path=\/; Max-Age=43200$/);
    expect(set).not.toContain(TOKEN);
    const cookie = set.split(';')[0] ?? '';
    const body = { payloads: (await encrypted()).map(toJson) };
    expect((await post('/decode', body, { cookie, origin: UI })).status).toBe(200);
    // Another page cannot have the browser use it.
    expect((await post('/decode', body, { cookie, origin: 'https://evil.example' })).status).toBe(401);
    expect((await post('/decode', body, { cookie })).status).toBe(401);
    const later = cookie.replace(/=\d/, '=9');
    expect((await post('/decode', body, { cookie: later, origin: UI })).status).toBe(401);
  });
});

test('does not start without a token', async () => {
  const without = { ...encryption, codecServer: { ...encryption.codecServer, token: null } };
  const options = { namespace: 'default', origins: () => [], port: 0, log: silentLogger };
  await expect(startCodecServer({ ...options, encryption: without })).rejects.toMatchObject({
    code: 'INVALID_CONFIG',
  });
  const port = Number(new URL(server.address).port);
  await expect(startCodecServer({ ...options, encryption, port })).rejects.toThrow(/EADDRINUSE/);
});
