/** The codec server as the Web UI uses it: from a page in a real browser. */
import { randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { silentLogger } from '../../src/logger.ts';
import { type CodecServer, startCodecServer } from '../../src/secrets/codec-server.ts';
import { EncryptingCodec } from '../../src/secrets/payload-codec.ts';
import { Secret } from '../../src/secrets/secret.ts';
import { findBrowser } from '../../src/sites/find-browser.ts';

const executablePath = findBrowser(process.env.PATH ?? '');
const missing = executablePath === undefined ? ' (skipped: no Chromium is installed)' : '';
const TOKEN = 'a-token-that-nobody-guesses';
const TEXT = 'the plain text of a task';
const encryption = {
  keys: [{ id: 'k1', key: new Secret(randomBytes(32).toString('hex')) }],
  acceptPlain: true,
  codecServer: { host: '127.0.0.1', port: 1, token: new Secret(TOKEN), origins: [] },
};

describe.skipIf(executablePath === undefined)(`a page in a browser${missing}`, () => {
  const servers: Server[] = [];
  let codec: CodecServer;
  let browser: Browser;
  let ui: string;
  let other: string;
  let body: string;

  async function origin(): Promise<string> {
    const server = createServer((_, response) => {
      response.writeHead(200, { 'content-type': 'text/html' }).end('<title>page</title>');
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    servers.push(server);
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  beforeAll(async () => {
    [ui, other] = [await origin(), await origin()];
    const origins = () => [ui];
    codec = await startCodecServer({ encryption, namespace: 'default', origins, port: 0, log: silentLogger });
    browser = await chromium.launch({
      executablePath: executablePath ?? '',
      chromiumSandbox: process.getuid?.() !== 0,
    });
    const plain = {
      metadata: { encoding: Buffer.from('json/plain') },
      data: Buffer.from(JSON.stringify(TEXT)),
    };
    const [payload] = await new EncryptingCodec(encryption, { namespace: 'default' }).encode([plain], {
      type: 'workflow',
      namespace: 'default',
      workflowId: 'w',
    });
    const metadata = Object.fromEntries(
      Object.entries(payload?.metadata ?? {}).map(([name, value]) => [
        name,
        Buffer.from(value).toString('base64'),
      ]),
    );
    const data = Buffer.from(payload?.data ?? []).toString('base64');
    body = JSON.stringify({ payloads: [{ metadata, data }] });
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    await codec?.close();
    for (const server of servers) server.close();
  });

  /** What a page gets that asks as the Web UI does; `blocked`: the browser lets it read nothing. */
  async function decoded(page: Page, headers: object, credentials = 'omit'): Promise<string> {
    const asked = { url: `${codec.address}/decode`, body, headers, credentials };
    return await page.evaluate(
      `(async ({ url, body, headers, credentials }) => {
        try {
          const answer = await fetch(url, { method: 'POST', body, credentials, headers: {
            'content-type': 'application/json', 'x-namespace': 'default', ...headers } });
          const { payloads } = await answer.json();
          return payloads ? JSON.parse(atob(payloads[0].data)) : String(answer.status);
        } catch (error) {
          return 'blocked';
        }
      })(${JSON.stringify(asked)})`,
    );
  }

  async function pageOf(address: string, page?: Page): Promise<Page> {
    const opened = page ?? (await (await browser.newContext()).newPage());
    await opened.goto(address);
    return opened;
  }

  const bearer = { authorization: `Bearer ${TOKEN}` };

  test('of the Web UI’s origin decodes with the token', { timeout: 30_000 }, async () => {
    const page = await pageOf(ui);
    expect(await decoded(page, bearer)).toBe(TEXT);
    expect(await decoded(page, { authorization: 'Bearer guessed' })).toBe('401');
    expect(await decoded(page, {})).toBe('401');
  });

  test('of another origin reads nothing, not even with the token', { timeout: 30_000 }, async () => {
    const page = await pageOf(other);
    expect(await decoded(page, bearer)).toBe('blocked');
    expect(await decoded(page, {})).toBe('blocked');
  });

  test('of the Web UI’s origin decodes by the cookie of a person who gave the token, and no other page does', {
    timeout: 30_000,
  }, async () => {
    const page = await pageOf(`${codec.address}/`);
    await page.fill('input[name=token]', 'wrong-wrong-wrong');
    await page.click('button');
    await page.getByText('The token is wrong.').waitFor();
    expect(await decoded(await pageOf(ui, page), {}, 'include')).toBe('401');
    await pageOf(`${codec.address}/`, page);
    await page.fill('input[name=token]', TOKEN);
    await page.click('button');
    await page.getByText('This browser may decrypt').waitFor();
    expect(await decoded(await pageOf(ui, page), {}, 'include')).toBe(TEXT);
    expect(await decoded(await pageOf(other, page), {}, 'include')).toBe('blocked');
  });
});
