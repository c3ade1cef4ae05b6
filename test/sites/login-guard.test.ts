/** Where logins may connect to: by HTTP and by browser, at once and after redirects. */
import type { LookupAddress } from 'node:dns';
import { createServer, type RequestListener, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { type Lookup, NetworkGuard } from '../../src/download/network-guard.ts';
import { closeSites } from '../../src/sites/closers.ts';
import { siteOf, siteSchema } from '../../src/sites/description.ts';
import { findBrowser } from '../../src/sites/find-browser.ts';
import { Gate } from '../../src/sites/gate.ts';
import { driverFor } from '../../src/sites/index.ts';

const browser = findBrowser(process.env.PATH ?? '');
const signal = new AbortController().signal;
const FORBIDDEN = { code: 'ADDRESS_FORBIDDEN' };

/** Both names stand for this machine; only one of them is allowed to. */
const lookup = ((host: string, _: unknown, callback: (e: Error | null, found: LookupAddress[]) => void) => {
  const known = ['open.example', 'inner.example'].includes(host);
  callback(known ? null : Object.assign(new Error(`no ${host}`), { code: 'ENOTFOUND' }), [
    { address: '127.0.0.1', family: 4 },
  ]);
}) as unknown as Lookup;
const guard = new NetworkGuard({ allowPrivate: false, allow: ['open.example'], deny: [] }, lookup);

/** A server that notes which hosts it was asked as. */
async function serve(answer: RequestListener): Promise<{ readonly port: number; readonly hosts: string[] }> {
  const hosts: string[] = [];
  const server = createServer((asked, response) => {
    hosts.push(`${asked.headers.host?.split(':')[0]}${asked.url}`);
    answer(asked, response);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, hosts };
}

/** A site with a form; whatever `more` says stands in its login page. */
const site = (more = '') =>
  serve(({ url, method, headers }, response) => {
    const html = { 'content-type': 'text/html' };
    if (url === '/moved') {
      response.writeHead(302, { location: headers.host?.replace('open', 'http://inner') ?? '' }).end();
    } else if (method === 'POST') {
      response.writeHead(303, { location: '/home', 'set-cookie': 'sid=1; Path=/' }).end();
    } else if (url === '/home') {
      response.writeHead(200, html).end(headers.cookie ? 'Hello' : 'Who are you?');
    } else {
      const form =
        '<form method=post><input name=username><input type=password name=password><button>Go</button></form>';
      response.writeHead(200, html).end(form + more);
    }
  });

/** A driver that obeys the guard. */
const driver = (kind: 'form' | 'browser', host: string, port: number, page = '/') =>
  driverFor(
    siteOf(
      'guarded',
      siteSchema.parse({
        kind,
        page: `http://${host}:${port}${page}`,
        verify: { url: `http://${host}:${port}/home`, success: { text: 'Hello' } },
        timeout: 10,
      }),
    ),
    { browser: browser ?? null, guard },
  );

const missing = browser === undefined ? ' (skipped: no Chromium is installed)' : '';

afterAll(() => closeSites());

describe.each(['form', 'browser'] as const)('a login of the kind %s', (kind) => {
  const runs = test.skipIf(kind === 'browser' && browser === undefined);

  runs('goes where the rules let it', { timeout: 30_000 }, async () => {
    const { port } = await site();
    const one = await driver(kind, 'open.example', port);
    const { state } = await one.submit(await one.open(signal), { user: 'a', password: 'b' }, signal);
    const session = await one.verify(state, signal);
    expect(session.cookies.map(({ key }) => key)).toEqual(['sid']);
    await one.close();
  });

  runs.each(['inner.example', '127.0.0.1', '2130706433', '[::1]'])(
    'to %s is refused before anything is sent',
    { timeout: 30_000 },
    async (host) => {
      const { port, hosts } = await site();
      const one = await driver(kind, host, port);
      await expect(one.open(signal)).rejects.toMatchObject(FORBIDDEN);
      expect(hosts).toEqual([]);
      await one.close();
    },
  );

  runs('is refused when the site redirects to where it may not go', { timeout: 30_000 }, async () => {
    const { port, hosts } = await site();
    const one = await driver(kind, 'open.example', port, '/moved');
    await expect(one.open(signal)).rejects.toMatchObject(FORBIDDEN);
    expect(hosts).toEqual(['open.example/moved']);
    await one.close();
  });

  runs('that reaches nobody says so as it does without rules', { timeout: 30_000 }, async () => {
    const one = await driver(kind, 'open.example', 2);
    await expect(one.open(signal)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    const nowhere = await driver(kind, 'nowhere.example', 80);
    await expect(nowhere.open(signal)).rejects.toMatchObject({ code: 'ENOTFOUND' });
    await Promise.all([one.close(), nowhere.close()]);
  });
});

test.skipIf(browser === undefined)(
  `a page of a browser loads nothing from where it may not go${missing}`,
  { timeout: 30_000 },
  async () => {
    const inner = await serve((_, response) => response.end());
    const { port, hosts } = await site(
      `<iframe src="http://inner.example:${inner.port}/frame"></iframe>
         <script>
           fetch('http://inner.example:${inner.port}/fetched', { mode: 'no-cors' }).catch(() => {});
           new WebSocket('ws://inner.example:${inner.port}/socket');
           new WebSocket('ws://127.0.0.1:${inner.port}/socket');
         </script>`,
    );
    const one = await driver('browser', 'open.example', port);
    const { state } = await one.submit(await one.open(signal), { user: 'a', password: 'b' }, signal);
    await one.verify(state, signal);
    expect([hosts.length > 2, inner.hosts]).toEqual([true, []]);
    await one.close();
  },
);

describe('the gate of a browser', () => {
  async function ask(method: string, path: string, gate: Gate, password?: string): Promise<number | string> {
    const { server, username } = gate.proxy;
    const auth = Buffer.from(`${username}:${password ?? gate.proxy.password}`).toString('base64');
    const headers = { 'proxy-authorization': `Basic ${auth}` };
    const { promise, resolve } = Promise.withResolvers<number | string>();
    const asked = request(new URL(server), { method, path, headers });
    asked.on('response', (answer) => resolve(answer.resume().statusCode ?? 0));
    asked.on('connect', (answer, socket) => {
      socket.destroy();
      resolve(answer.statusCode ?? 0);
    });
    asked.on('error', (error) => resolve((error as NodeJS.ErrnoException).code ?? ''));
    asked.end();
    return await promise;
  }

  test('opens to nobody without its password, and tunnels to no forbidden place', async () => {
    const { port, hosts } = await site();
    const gate = await Gate.open(guard);
    onTestFinished(() => gate.close());
    const open = `open.example:${port}`;
    expect(await ask('GET', `http://${open}/`, gate, 'guessed')).toBe(407);
    expect(await ask('CONNECT', open, gate, 'guessed')).toBe(407);
    expect(hosts).toEqual([]);
    expect(await ask('GET', `http://${open}/`, gate)).toBe(200);
    expect(await ask('CONNECT', open, gate)).toBe(200);
    expect(await ask('CONNECT', `inner.example:${port}`, gate)).toBe('ECONNRESET');
    expect(await ask('CONNECT', `127.0.0.1:${port}`, gate)).toBe('ECONNRESET');
    expect(gate.failureOf(new URL(`https://inner.example:${port}`))).toMatchObject(FORBIDDEN);
    expect(hosts).toEqual(['open.example/']);
  });
});
