import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

/** A request as it arrived. */
export interface Arrived {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export type Respond = (response: ServerResponse, arrived: Arrived) => void;

/** A real HTTP server that keeps what arrives and answers as it is told. */
export interface Service {
  readonly origin: string;
  readonly arrived: Arrived[];
  answer: Respond;
}

export const ok =
  (body: unknown = {}): Respond =>
  (response) =>
    response.setHeader('content-type', 'application/json').end(JSON.stringify(body));

export const status =
  (code: number, headers: Record<string, string> = {}, body = ''): Respond =>
  (response) =>
    response.writeHead(code, headers).end(body);

/** Never says anything. */
export const silence: Respond = () => undefined;

/** Starts one for the running test. */
export async function startService(answer: Respond = ok()): Promise<Service> {
  const arrived: Arrived[] = [];
  const server = createServer(async (request, response) => {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece);
    const one: Arrived = {
      method: request.method ?? '',
      url: new URL(request.url ?? '/', service.origin),
      headers: request.headers,
      body: Buffer.concat(pieces).toString(),
    };
    arrived.push(one);
    service.answer(response, one);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const service: Service = {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    arrived,
    answer,
  };
  return service;
}

/** A port that nobody listens on. */
export async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
