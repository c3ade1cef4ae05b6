import { createServer } from 'node:net';
import { join } from 'node:path';
import { tryLock } from '../locks/process-lock.ts';

export interface EnginePorts {
  readonly grpc: number;
  readonly ui: number;
}

/** Ports that no other rekindle of this user takes until `release()`. */
export interface PortReservation {
  readonly ports: EnginePorts;
  release(): void;
}

/**
 * Reserves the first of the wished-for pairs that is free, else two free ports.
 *
 * Looking whether a port is free says nothing about the next moment, when the server binds it. If another server takes
 * it in between, that one answers our calls and ours dies: tasks would go to the wrong directory. So whoever starts
 * a server holds locks on its ports, in `lockDir`, until it serves.
 */
export async function reservePorts(
  wishes: readonly EnginePorts[],
  lockDir: string,
): Promise<PortReservation> {
  for (const wish of wishes) {
    const reserved = await reserve(wish, lockDir);
    if (reserved) return reserved;
  }
  for (;;) {
    const reserved = await reserve(await freePorts(), lockDir);
    if (reserved) return reserved;
  }
}

/** Ports share lock files, so that there are not more and more of them; two that meet by chance take other ports. */
const LOCK_FILES = 64;

async function reserve(ports: EnginePorts, lockDir: string): Promise<PortReservation | null> {
  if (ports.grpc === ports.ui) return null;
  const names = new Set([ports.grpc % LOCK_FILES, ports.ui % LOCK_FILES]);
  const locks = [...names].map((name) =>
    tryLock(join(lockDir, `${name}.lock`), 'starting a Temporal server'),
  );
  const release = () => {
    for (const lock of locks) lock?.release();
  };
  if (locks.every((lock) => lock !== null) && (await isFree(ports.grpc)) && (await isFree(ports.ui)))
    return { ports, release };
  release();
  return null;
}

/** Two free ports, held together until both are known, so that they differ. */
async function freePorts(): Promise<EnginePorts> {
  const [grpc, ui] = await Promise.all([listen(0), listen(0)]);
  const ports = { grpc: grpc.port, ui: ui.port };
  await Promise.all([grpc.close(), ui.close()]);
  return ports;
}

async function isFree(port: number): Promise<boolean> {
  try {
    const held = await listen(port);
    await held.close();
    return true;
  } catch {
    return false;
  }
}

function listen(port: number): Promise<{ port: number; close: () => Promise<void> }> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
      const address = server.address();
      const taken = typeof address === 'object' && address ? address.port : port;
      resolve({ port: taken, close: () => new Promise((done) => server.close(() => done())) });
    });
  });
}
