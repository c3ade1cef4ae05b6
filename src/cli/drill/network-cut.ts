import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createConnection, createServer, type Server, type Socket } from 'node:net';

/** A TCP proxy before a server, whose line can be cut: connections break, and new ones are refused, until it is mended. */
export class CuttableLine {
  readonly #server: Server;
  readonly #port: number;
  readonly #sockets = new Set<Socket>();
  #cut = false;
  #carried: (() => void) | undefined;

  private constructor(port: number) {
    this.#port = port;
    this.#server = createServer((socket) => this.#connect(socket));
  }

  /** @param port of the server on this machine */
  static async to(port: number): Promise<CuttableLine> {
    const line = new CuttableLine(port);
    line.#server.listen(0, '127.0.0.1');
    await once(line.#server, 'listening');
    return line;
  }

  get address(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  cut(): void {
    this.#cut = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  /** @returns when the server has answered somebody over the line again. */
  async mend(): Promise<void> {
    this.#cut = false;
    await new Promise<void>((resolve) => {
      this.#carried = resolve;
    });
  }

  async close(): Promise<void> {
    this.cut();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #connect(near: Socket): void {
    if (this.#cut) {
      near.destroy();
      return;
    }
    const far = createConnection(this.#port, '127.0.0.1');
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(one);
      one.on('error', () => undefined);
      one.on('close', () => {
        this.#sockets.delete(one);
        other.destroy();
      });
      one.pipe(other);
    }
    far.on('data', () => this.#carried?.());
  }
}
