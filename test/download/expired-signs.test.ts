/** Sites that say “please log in” with a status of success. */
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { expect, onTestFinished, test } from 'vitest';
import type { ExpiredSign } from '../../src/domain/session.ts';
import { HttpClient } from '../../src/download/http-client.ts';
import { LoginWanted } from '../../src/download/login-wanted.ts';
import { RequestSession } from '../../src/download/request-session.ts';

const signal = new AbortController().signal;

/** What a download gets from a site, with a session that knows these signs. */
async function fetched(
  expired: readonly ExpiredSign[],
  answer: RequestListener,
  { foreign = false }: { foreign?: boolean } = {},
): Promise<Buffer | string> {
  const server = createServer(answer);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const session = new RequestSession({
    name: { site: 's', account: 'a' },
    cookies: [],
    headers: {},
    query: {},
    origins: [foreign ? 'http://other.example' : origin],
    loginPages: [],
    expired,
    obtainedAtMs: 0,
    expiresAtMs: null,
  });
  const client = new HttpClient({
    stallTimeoutMs: 3000,
    connectTimeoutMs: 2000,
    maxRedirects: 5,
    session,
  });
  onTestFinished(async () => {
    await client.close();
    server.closeAllConnections();
    server.close();
  });
  try {
    const { body } = await client.get(new URL(`${origin}/file`), {}, signal);
    const chunks: Buffer[] = [];
    for await (const chunk of body) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks);
  } catch (error) {
    if (error instanceof LoginWanted) return error.message.replace(/^.* by the sign /, '');
    throw error;
  }
}

const gives =
  (type: string, body: string | Buffer, more: Record<string, string> = {}): RequestListener =>
  (_, response) =>
    void response.writeHead(200, { ...(type ? { 'content-type': type } : {}), ...more }).end(body);

test('the text of a page is a sign, whatever its case, spaces and character set', async () => {
  const signs = [{ text: 'nothing like it' }, { text: 'Please log in' }];
  expect(await fetched(signs, gives('text/html', '<p>please\n LOG   in'))).toBe('session.expired.1');
  const chinese = [{ text: '请先登录' }];
  const gbk = Buffer.from([0xc7, 0xeb, 0xcf, 0xc8, 0xb5, 0xc7, 0xc2, 0xbc]);
  expect(await fetched(chinese, gives('text/html; charset=gbk', gbk))).toBe('session.expired.0');
});

test('a page that is compressed although nobody asked for it is read all the same', async () => {
  const page = gzipSync(`<p>Please log in</p>${'x'.repeat(100_000)}`);
  const more = { 'content-encoding': 'gzip' };
  expect(await fetched([{ text: 'please log in' }], gives('text/html', page, more))).toBe(
    'session.expired.0',
  );
});

test('the content type is a sign, and with others a condition', async () => {
  const html = gives('text/html; charset=utf-8', '<p>Welcome');
  expect(await fetched([{ contentType: 'text/html' }], html)).toBe('session.expired.0');
  expect(String(await fetched([{ contentType: 'text/html', text: 'log in' }], html))).toBe('<p>Welcome');
  expect(String(await fetched([{ contentType: 'application/json', text: 'Welcome' }], html))).toBe(
    '<p>Welcome',
  );
});

test('the address that redirects lead to is a sign, wherever it is, and nothing is asked there', async () => {
  const away: RequestListener = (_, response) =>
    void response.writeHead(302, { location: 'http://sso.invalid/signin?to=here' }).end();
  expect(await fetched([{ url: '/signin' }], away)).toBe('session.expired.0');
});

test('a file that is no login page is whole, however large it is and whatever it is', async () => {
  const large = Buffer.from('Nothing to see here. '.repeat(50_000));
  const signs = [{ text: 'please log in' }];
  expect(large.equals((await fetched(signs, gives('text/plain', large))) as Buffer)).toBe(true);
  expect(large.equals((await fetched(signs, gives('', large))) as Buffer)).toBe(true);
  expect((await fetched(signs, gives('text/plain', ''))) as Buffer).toHaveLength(0);
  // Text in a video says nothing.
  expect(String(await fetched(signs, gives('video/mp4', 'please log in')))).toBe('please log in');
});

test('what others answer says nothing about the session', async () => {
  const page = gives('text/html', 'please log in');
  expect(String(await fetched([{ text: 'please log in' }], page, { foreign: true }))).toBe('please log in');
});
