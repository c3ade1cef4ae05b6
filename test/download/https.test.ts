import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { probeSource } from '../../src/download/index.ts';
import { hasOpenssl, makeCertificate } from '../support/certificate.ts';
import { content, contentSha256 } from '../support/misbehaving-server.ts';
import { tempDir } from '../support/temp-dir.ts';
import { fileSha256, HTTP, MIB, NEVER } from './helpers.ts';

const SIZE = 20 * MIB + 7;

/** A file over TLS. */
async function startTlsServer(
  dir: string,
): Promise<{ url: string; certificate: string; requests: string[] }> {
  const { path: certificate, cert, key } = makeCertificate(dir);
  const requests: string[] = [];
  const server = createServer({ key, cert }, (request, response) => {
    const [start = 0, last = 0] = (/(\d+)-(\d+)/.exec(request.headers.range ?? '') ?? [])
      .slice(1)
      .map(Number);
    requests.push(request.headers.range ?? '');
    response.writeHead(206, {
      etag: '"1"',
      'content-range': `bytes ${start}-${last}/${SIZE}`,
      'content-length': last + 1 - start,
    });
    response.end(content(1, start, last + 1));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}/tls.bin`,
    certificate,
    requests,
  };
}

it.skipIf(!hasOpenssl())(
  'downloads over TLS on several connections, and only from a server it can trust',
  async () => {
    const dir = tempDir();
    const { url, certificate, requests } = await startTlsServer(dir);
    await expect(probeSource(url, HTTP, NEVER)).rejects.toMatchObject({
      code: 'DEPTH_ZERO_SELF_SIGNED_CERT',
    });
    const child = fork(new URL('./downloading-child.ts', import.meta.url), [url, dir], {
      env: { ...process.env, NODE_EXTRA_CA_CERTS: certificate },
    });
    const [code] = await once(child, 'exit');
    expect(code).toBe(0);
    expect(await fileSha256(join(dir, 'tls.bin'))).toBe(contentSha256(1, SIZE));
    expect(requests.filter((range) => range !== 'bytes=0-0').length).toBeGreaterThanOrEqual(4);
  },
);
