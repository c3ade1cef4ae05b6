import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, ftruncateSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createConnection, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** A real web server on loopback, as a user would meet it. */
export interface Nginx {
  /** At full speed. */
  readonly url: string;
  /** Each connection throttled to 5 MB/s. */
  readonly throttledUrl: string;
  stop(): Promise<void>;
}

/** Starts nginx in `dir`, serving `dir/www`. @throws when it is not installed, saying how. */
export async function startNginx(dir: string): Promise<Nginx> {
  mkdirSync(join(dir, 'www'), { recursive: true });
  const [port, throttled] = [await freePort(), await freePort()];
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  writeFileSync(
    join(dir, 'nginx.conf'),
    `daemon off; pid ${dir}/nginx.pid; error_log ${dir}/error.log; worker_processes 2; user root;
events { worker_connections 512; }
http { access_log off; sendfile on; tcp_nopush on;
${temporary.map((name) => `${name}_temp_path ${dir}/${name};`).join(' ')}
server { listen 127.0.0.1:${port}; root ${dir}/www; }
server { listen 127.0.0.1:${throttled}; root ${dir}/www; limit_rate 5m; } }\n`,
  );
  try {
    execFileSync('nginx', ['-v'], { stdio: 'ignore' });
  } catch {
    throw new Error('nginx is not installed (Debian: apt-get install nginx-light)');
  }
  const child = spawn('nginx', ['-c', join(dir, 'nginx.conf')], { stdio: 'ignore' });
  await untilListening(port);
  return {
    url: `http://127.0.0.1:${port}`,
    throttledUrl: `http://127.0.0.1:${throttled}`,
    async stop() {
      const exited = once(child, 'exit');
      child.kill('SIGQUIT');
      await exited;
    },
  };
}

/** Makes a file of random bytes; every block differs. */
export function makeRandomFile(path: string, size: number): void {
  const fd = openSync(path, 'w');
  const block = randomBytes(1024 * 1024);
  for (let at = 0; at < size; at += block.length) {
    block.writeDoubleBE(at);
    writeSync(fd, block, 0, Math.min(block.length, size - at));
  }
  closeSync(fd);
}

/** Makes a file that takes no room on disk. */
export function makeSparseFile(path: string, size: number): void {
  const fd = openSync(path, 'w');
  ftruncateSync(fd, size);
  closeSync(fd);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

async function untilListening(port: number): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    const socket = createConnection(port, '127.0.0.1');
    const connected = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (connected) return;
    await delay(25);
  }
  throw new Error(`nginx does not listen on ${port}`);
}
