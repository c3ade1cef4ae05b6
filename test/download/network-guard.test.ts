import type { LookupAddress } from 'node:dns';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { HttpClient, release } from '../../src/download/http-client.ts';
import { probeSource, reservePart, transfer } from '../../src/download/index.ts';
import { isPlace, isPrivateAddress } from '../../src/download/ip-address.ts';
import { type Lookup, NetworkGuard } from '../../src/download/network-guard.ts';
import { MisbehavingServer } from '../support/misbehaving-server.ts';
import { tempDir } from '../support/temp-dir.ts';

const HTTP = { stallTimeoutMs: 3000, connectTimeoutMs: 2000, maxRedirects: 5 };
const never = new AbortController().signal;
const FORBIDDEN = { code: 'ADDRESS_FORBIDDEN' };

/** A resolver that knows these names only. */
function names(known: Readonly<Record<string, readonly string[]>>): Lookup {
  return ((host: string, _options: unknown, callback: (e: Error | null, found: LookupAddress[]) => void) => {
    const found = (known[host] ?? []).map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
    callback(found.length > 0 ? null : Object.assign(new Error('not known'), { code: 'ENOTFOUND' }), found);
  }) as unknown as Lookup;
}

const strict = (more: Partial<ConstructorParameters<typeof NetworkGuard>[0]> = {}, lookup?: Lookup) =>
  new NetworkGuard({ allowPrivate: false, allow: [], deny: [], ...more }, lookup);

describe('addresses that are not of the public internet', () => {
  test.each([
    '127.0.0.1',
    '127.255.0.3',
    '0.0.0.0',
    '10.1.2.3',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '169.254.169.254',
    '100.100.100.200',
    '100.64.0.1',
    '192.0.0.192',
    '198.18.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    'fe80::1',
    'fe80::1%eth0',
    'fc00::1',
    'fd00:ec2::254',
    'ff02::1',
    '2001:db8::1',
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    '::ffff:0:127.0.0.1',
    '::127.0.0.1',
    '::ffff:169.254.169.254',
    '64:ff9b::10.0.0.1',
    '64:ff9b::a9fe:a9fe',
    '2002:7f00:1::',
    '2002:a9fe:a9fe::1',
  ])('%s', (address) => expect(isPrivateAddress(address)).toBe(true));

  test.each([
    '1.1.1.1',
    '8.8.8.8',
    '172.15.255.255',
    '172.32.0.0',
    '100.63.255.255',
    '169.253.255.255',
    '2606:4700:4700::1111',
    '2a00:1450:4001:80e::200e',
    '::ffff:8.8.8.8',
    '64:ff9b::8.8.8.8',
  ])('are others than %s', (address) => expect(isPrivateAddress(address)).toBe(false));
});

test('a place is an address, a network or a host', () => {
  const good = ['10.0.0.0/8', '::1', 'fd00::/8', 'nas', 'nas.example.org', '*.example.org'];
  expect(good.filter((text) => !isPlace(text))).toEqual([]);
  const bad = ['', '10.0.0.0/33', '300.1.1.1', 'http://nas', 'a b', '*', '::/129', '1.2.3'];
  expect(bad.filter(isPlace)).toEqual([]);
});

describe('a download of somebody else', () => {
  test.each([
    'http://127.0.0.1:1/',
    'http://localhost:1/',
    'http://LOCALHOST:1/',
    'http://2130706433:1/',
    'http://0x7f000001:1/',
    'http://0177.0.0.1:1/',
    'http://127.1:1/',
    'http://0:1/',
    'http://[::1]:1/',
    'http://[::ffff:127.0.0.1]:1/',
    'http://[0:0:0:0:0:ffff:7f00:0001]:1/',
    'http://①②⑦.0.0.1:1/',
    'http://169.254.169.254/latest/meta-data/',
    'http://[fd00:ec2::254]/latest/meta-data/',
    'http://2852039166/latest/meta-data/',
    'https://10.0.0.1/',
  ])('does not get to %s', async (url) => {
    await expect(probeSource(url, { ...HTTP, guard: strict() }, never)).rejects.toMatchObject(FORBIDDEN);
  });

  test.each(['file:///etc/passwd', 'ftp://example.org/', 'gopher://example.org/', 'data:text/plain,x'])(
    'does not know %s',
    async (url) => {
      await expect(probeSource(url, { ...HTTP, guard: strict() }, never)).rejects.toMatchObject({
        code: 'INVALID_URL',
      });
    },
  );

  test.each([
    ['a name that stands for loopback', ['127.0.0.1']],
    ['a name that stands for loopback in IPv6', ['::1']],
    ['a name that stands for a wrapped address', ['::ffff:10.0.0.1']],
    ['a name that stands for the metadata service', ['169.254.169.254']],
    ['a name with several private addresses', ['10.0.0.1', '192.168.1.1']],
  ])('does not get to %s', async (_what, addresses) => {
    const guard = strict({}, names({ 'innocent.example': addresses }));
    for (const url of ['http://innocent.example:1/', 'https://innocent.example:1/'])
      await expect(probeSource(url, { ...HTTP, guard }, never)).rejects.toMatchObject(FORBIDDEN);
  });

  test('connects to the address that was checked, whatever the name stands for later', async () => {
    let asked = 0;
    const server = await MisbehavingServer.start();
    onTestFinished(() => server.close());
    const url = new URL(server.serve('/file', { size: 10 }));
    const rebinding = ((host: string, options: unknown, callback: never) => {
      asked += 1;
      // First a public address, then ours: as a name server of an attacker does it.
      const found = names({ [host]: [asked === 1 ? '192.0.2.1' : '127.0.0.1'] });
      found(host, options as never, callback);
    }) as unknown as Lookup;
    const guard = new NetworkGuard({ allowPrivate: false, allow: ['192.0.2.1'], deny: [] }, rebinding);
    const address = `http://rebinding.example:${url.port}/file`;
    const quick = { ...HTTP, connectTimeoutMs: 300, guard };
    await expect(probeSource(address, quick, never)).rejects.not.toMatchObject(FORBIDDEN);
    await expect(probeSource(address, quick, never)).rejects.toMatchObject(FORBIDDEN);
    expect(server.requests).toEqual([]);
  });

  test('is not led there by a redirect, to an address nor to a name', async () => {
    const server = createServer((request, response) => {
      const target = new URL(request.url ?? '', 'http://x').searchParams.get('to') ?? '';
      response.writeHead(302, { location: target }).end();
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const guard = strict(
      { allow: ['open.example'] },
      names({
        'open.example': ['127.0.0.1'],
        'inside.example': ['10.0.0.1'],
      }),
    );
    for (const target of [
      'http://169.254.169.254/latest/meta-data/',
      'http://0xa9fea9fe/',
      `http://127.0.0.1:${port}/`,
      'http://inside.example/',
      '//[::ffff:a9fe:a9fe]/',
    ]) {
      const url = `http://open.example:${port}/?to=${encodeURIComponent(target)}`;
      await expect([target, await probeSource(url, { ...HTTP, guard }, never).catch((e) => e.code)]).toEqual([
        target,
        FORBIDDEN.code,
      ]);
    }
    const url = `http://open.example:${port}/?to=${encodeURIComponent('file:///etc/passwd')}`;
    await expect(probeSource(url, { ...HTTP, guard }, never)).rejects.toMatchObject({ code: 'INVALID_URL' });
  });

  test('is kept from there by the fast reader too, when a name changes after the probe', async () => {
    const server = await MisbehavingServer.start();
    onTestFinished(() => server.close());
    const url = server.serve('/file', { size: 100_000 });
    const source = await probeSource(url, HTTP, never);
    const { part } = await reservePart({ source, directory: tempDir(), owner: 'me', force: false });
    const before = server.requests.length;
    const moved = {
      ...source,
      url: url.replace('127.0.0.1', 'moved.example'),
      finalUrl: url.replace('127.0.0.1', 'moved.example'),
    };
    const http = { ...HTTP, guard: strict({}, names({ 'moved.example': ['127.0.0.1'] })) };
    const work = { part, owner: 'me', connections: 2, signal: never, onProgress: () => undefined };
    await expect(transfer({ source: moved, http, ...work })).rejects.toMatchObject(FORBIDDEN);
    await expect(transfer({ source, http, ...work })).rejects.toMatchObject(FORBIDDEN);
    expect(server.requests.length).toBe(before);
  });
});

describe('what the configuration says', () => {
  const get = async (url: string, guard: NetworkGuard) => {
    const client = new HttpClient({ ...HTTP, guard });
    onTestFinished(() => client.close());
    const answer = await client.get(new URL(url), {}, never);
    release(answer);
    return answer.status;
  };

  test('lets private addresses be reached that it names, by network, address or host', async () => {
    const server = await MisbehavingServer.start();
    onTestFinished(() => server.close());
    const url = server.serve('/file', { size: 10 });
    const named = url.replace('127.0.0.1', 'nas.example.org');
    const lookup = names({ 'nas.example.org': ['127.0.0.1'] });
    for (const place of ['127.0.0.0/8', '127.0.0.1'])
      expect(await get(url, strict({ allow: [place] }))).toBe(200);
    for (const place of ['nas.example.org', '*.example.org', '127.0.0.0/8'])
      expect(await get(named, strict({ allow: [place] }, lookup))).toBe(200);
    for (const place of ['example.org', '10.0.0.0/8', '*.nas.example.org'])
      await expect(get(named, strict({ allow: [place] }, lookup))).rejects.toMatchObject(FORBIDDEN);
  });

  test('never lets be reached what it denies, also of one’s own downloads', async () => {
    const server = await MisbehavingServer.start();
    onTestFinished(() => server.close());
    const url = server.serve('/file', { size: 10 });
    const named = url.replace('127.0.0.1', 'nas.example.org');
    const lookup = names({ 'nas.example.org': ['127.0.0.1'] });
    const own = (deny: string[], allow: string[] = []) =>
      new NetworkGuard({ allowPrivate: true, allow, deny }, lookup);
    expect(await get(url, own(['169.254.0.0/16']))).toBe(200);
    expect(await get(named, own(['169.254.0.0/16']))).toBe(200);
    await expect(get(url, own(['127.0.0.0/8'], ['127.0.0.1']))).rejects.toMatchObject(FORBIDDEN);
    await expect(get(named, own(['127.0.0.1']))).rejects.toMatchObject(FORBIDDEN);
    await expect(get(named, own(['*.example.org']))).rejects.toMatchObject(FORBIDDEN);
    await expect(
      get(url.replace('127.0.0.1', '[::ffff:127.0.0.1]'), own(['127.0.0.1'])),
    ).rejects.toMatchObject(FORBIDDEN);
  });
});
