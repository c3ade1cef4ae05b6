import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { SessionData } from '../../src/domain/session.ts';
import { HttpClient, release } from '../../src/download/http-client.ts';
import { probeSource, reservePart, transfer } from '../../src/download/index.ts';
import { RequestSession } from '../../src/download/request-session.ts';
import { MisbehavingServer } from '../support/misbehaving-server.ts';
import { tempDir } from '../support/temp-dir.ts';

const HTTP = { stallTimeoutMs: 3000, connectTimeoutMs: 2000, maxRedirects: 5 };
const signal = new AbortController().signal;

const cookie = (key: string, value: string, more: object = {}) => ({
  key,
  value,
  domain: 'site.example',
  path: '/',
  ...more,
});

const dataOf = (more: Partial<SessionData> = {}): SessionData => ({
  name: { site: 'site', account: 'me' },
  cookies: [cookie('sid', 'secret')],
  headers: { Authorization: 'Bearer token' },
  query: {},
  origins: ['https://site.example', 'https://media.site.example:8443'],
  loginPages: ['https://site.example/login'],
  obtainedAtMs: 0,
  expiresAtMs: null,
  ...more,
});

const headersAt = (url: string, data = dataOf()) => new RequestSession(data).headersFor(new URL(url));

describe('a session is shown', () => {
  test('to its origins', () => {
    expect(headersAt('https://site.example/a')).toEqual({
      cookie: 'sid=secret',
      authorization: 'Bearer token',
    });
    expect(headersAt('https://site.example:443/a?b')).toEqual(headersAt('https://site.example/a'));
    expect(headersAt('https://media.site.example:8443/a')).toMatchObject({ authorization: 'Bearer token' });
  });

  test.each([
    'http://site.example/a',
    'https://site.example:8443/a',
    'https://media.site.example/a',
    'https://other.site.example/a',
    'https://site.example.evil.example/a',
    'https://evil.example/https://site.example/',
    'https://site.example@evil.example/',
    'https://127.0.0.1/a',
  ])('and not to %s', (url) => expect(headersAt(url)).toEqual({}));

  test('with the cookies that are for that host, path and time, and for TLS only where they say so', () => {
    const data = dataOf({
      headers: {},
      origins: ['https://site.example', 'https://media.site.example', 'http://site.example'],
      cookies: [
        cookie('everywhere', '1', { hostOnly: false }),
        cookie('here', '2', { hostOnly: true }),
        cookie('videos', '3', { path: '/videos' }),
        cookie('safe', '4', { secure: true, hostOnly: true }),
        cookie('old', '5', { expires: '2001-01-01T00:00:00.000Z' }),
        cookie('others', '6', { domain: 'other.example' }),
      ],
    });
    const at = (url: string) => (headersAt(url, data).cookie ?? '').split('; ').sort().join();
    expect(at('https://site.example/')).toBe('everywhere=1,here=2,safe=4');
    expect(at('https://site.example/videos/1.mp4')).toBe('everywhere=1,here=2,safe=4,videos=3');
    expect(at('https://media.site.example/')).toBe('everywhere=1');
    expect(at('http://site.example/')).toBe('everywhere=1,here=2');
  });

  test('with the cookies that the site set meanwhile, and no other site', () => {
    const session = new RequestSession(dataOf({ headers: {} }));
    const url = new URL('https://site.example/a');
    session.received(url, ['sid=rotated; Path=/', 'more=1']);
    session.received(new URL('https://evil.example/'), 'sid=evil; Domain=site.example; Path=/');
    session.received(url, 'x=1; Domain=evil.example');
    expect(session.headersFor(url).cookie?.split('; ').sort()).toEqual(['more=1', 'sid=rotated']);
  });

  test('with its parameters of the query, which are taken out of where it is sent', () => {
    const session = new RequestSession(dataOf({ query: { token: 'geheim' } }));
    const url = new URL('https://site.example/a?b=1');
    expect(session.addressOf(url).href).toBe('https://site.example/a?b=1&token=geheim');
    expect(url.href).toBe('https://site.example/a?b=1');
    expect(session.addressOf(new URL('https://evil.example/a')).href).toBe('https://evil.example/a');
    expect(session.withoutSecrets(new URL('https://evil.example/x?token=geheim&b=1')).href).toBe(
      'https://evil.example/x?b=1',
    );
    expect(session.withoutSecrets(new URL('https://site.example/x?token=other')).search).toBe('?token=other');
  });
});

/** A server that answers as it is told, and remembers what it was asked. */
async function site(answer: (request: IncomingMessage, response: ServerResponse) => void) {
  const asked: { url: string; headers: IncomingMessage['headers'] }[] = [];
  const server = createServer((request, response) => {
    asked.push({ url: request.url ?? '', headers: request.headers });
    answer(request, response);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  onTestFinished(() => void server.close());
  return { asked, origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

const local = (origin: string, more: Partial<SessionData> = {}) =>
  new RequestSession(
    dataOf({
      origins: [origin],
      loginPages: [`${origin}/login/`],
      cookies: [cookie('sid', 'secret', { domain: '127.0.0.1', hostOnly: true })],
      ...more,
    }),
  );

describe('over redirects', () => {
  test('each request gets what its own address may get: there, away, and back', async () => {
    const other = await site((_request, response) =>
      response.writeHead(302, { location: `${home.origin}/end` }).end(),
    );
    const home = await site((request, response) => {
      if (request.url?.startsWith('/end')) response.writeHead(200).end('x');
      else
        response
          .writeHead(302, { location: `${other.origin}/away?token=geheim`, 'set-cookie': 'hop=1; Path=/' })
          .end();
    });
    const client = new HttpClient({ ...HTTP, session: local(home.origin, { query: { token: 'geheim' } }) });
    onTestFinished(() => client.close());
    const answer = await client.get(new URL(`${home.origin}/begin`), {}, signal);
    release(answer);
    expect(answer.url.href).toBe(`${home.origin}/end`);
    expect(home.asked.map(({ url }) => url)).toEqual(['/begin?token=geheim', '/end?token=geheim']);
    expect(home.asked.map(({ headers }) => headers.cookie)).toEqual(['sid=secret', 'sid=secret; hop=1']);
    expect(other.asked.map(({ url }) => url)).toEqual(['/away']);
    for (const { headers } of other.asked)
      expect([headers.cookie, headers.authorization]).toEqual([undefined, undefined]);
  });

  test('to the site’s login page are told as such', async () => {
    const home = await site((_request, response) =>
      response.writeHead(302, { location: '/login?next=/a' }).end(),
    );
    const http = { ...HTTP, session: local(home.origin) };
    await expect(probeSource(`${home.origin}/a`, http, signal)).rejects.toMatchObject({
      name: 'LoginWanted',
    });
    expect(home.asked.length).toBe(1);
    expect(await probeSource(`${home.origin}/a`, HTTP, signal).catch((error) => error.code)).toBe(
      'REDIRECT_LOOP',
    );
  });
});

test('both readers show it with every request of a transfer', async () => {
  const server = await MisbehavingServer.start();
  onTestFinished(() => server.close());
  const { origin } = new URL(server.serve('/file', { size: 3_000_000 }));
  for (const odd of [{}, { chunked: true }, { cutAfter: 500_000, troubles: 2 }]) {
    const url = server.serve('/file', { size: 3_000_000, ...odd });
    server.requests.length = 0;
    const http = { ...HTTP, session: local(origin, { query: { token: 'geheim' } }) };
    const source = await probeSource(url, http, signal);
    expect(source.finalUrl).toBe(url);
    const { part } = await reservePart({ source, directory: tempDir(), owner: 'me', force: false });
    const work = { source, part, owner: 'me', connections: 2, http, signal, onProgress: () => undefined };
    await transfer(work);
    expect(server.requests.length).toBeGreaterThan(1);
    for (const { headers } of server.requests)
      expect([headers.cookie, headers.authorization]).toEqual(['sid=secret', 'Bearer token']);
  }
});
