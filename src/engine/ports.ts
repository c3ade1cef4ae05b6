import { createServer } from 'node:net';

export interface EnginePorts {
  readonly grpc: number;
  readonly ui: number;
}

/** The first of the wished-for pairs of which both are free now, else two free ones. */
export async function choosePorts(wishes: readonly EnginePorts[]): Promise<EnginePorts> {
  for (const wish of wishes) {
    if (wish.grpc !== wish.ui && (await isFree(wish.grpc)) && (await isFree(wish.ui))) return wish;
  }
  return freePorts();
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
