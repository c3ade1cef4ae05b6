/** Connections to the Temporal server, from the settings of one place. */
import type { Client, Connection, ConnectionOptions } from '@temporalio/client';
import type { DataConverter } from '@temporalio/common';
import type { Config } from '../config.ts';
import { RekindleError } from '../domain/error-codes.ts';
import { dataConverterOf } from './data-converter.ts';
import type { Engine } from './engine.ts';

/** A server answers in milliseconds, one far away within a second or two. */
const CONNECT_TIMEOUT_MS = 5_000;

/** What both SDK connections understand: `Connection.connect(…)` and `NativeConnection.connect(…)`. */
export type ConnectionSettings = Pick<ConnectionOptions, 'address' | 'tls' | 'metadata'> & {
  apiKey?: string;
};

/** A client connected to the engine; `close()` before releasing the engine. */
export interface EngineConnection {
  /** How it was reached; a worker reaches it in the same way. */
  readonly settings: ConnectionSettings;
  /** How data is written and read, by workers beside this client too. */
  readonly dataConverter: DataConverter;
  readonly connection: Connection;
  readonly client: Client;
  close(): Promise<void>;
}

/** How the worker's `NativeConnection` and the client's `Connection` reach the engine. */
export function connectionSettings(config: Config, engine: Pick<Engine, 'address'>): ConnectionSettings {
  const { temporal } = config;
  if (!temporal) return { address: engine.address };
  return {
    address: engine.address,
    tls: temporal.tls,
    metadata: { ...temporal.metadata },
    ...(temporal.apiKey === undefined ? {} : { apiKey: temporal.apiKey }),
  };
}

/** What `NativeConnection.connect(…)` of a worker beside this client takes. */
export function nativeConnectionOptions(engine: Pick<EngineConnection, 'settings'>): ConnectionSettings {
  return engine.settings;
}

/** How a client is connected. */
export interface ConnectOptions {
  /** How long the server may take to answer, in ms. @default 5 s */
  readonly timeoutMs?: number;
  /** Connect with the first call instead, and let that fail when the server cannot be reached. @default false */
  readonly lazy?: boolean;
}

/**
 * Connects a client. The SDK is loaded here, not with this module: it takes 0.2 s.
 * @throws {RekindleError} `ENGINE_UNAVAILABLE`, with the address and the reason, after at most 5 s.
 */
export async function connect(
  config: Config,
  engine: Pick<Engine, 'address' | 'namespace'>,
  { timeoutMs = CONNECT_TIMEOUT_MS, lazy = false }: ConnectOptions = {},
): Promise<EngineConnection> {
  const { Client, Connection, defaultGrpcRetryOptions, makeGrpcRetryInterceptor } = await import(
    '@temporalio/client'
  );
  const settings = connectionSettings(config, engine);
  // A call that is cut off by closing must not be tried again: the SDK would throw where nobody can catch it.
  let closed = false;
  const retries = defaultGrpcRetryOptions();
  const retryableDecider: typeof retries.retryableDecider = (attempt, status) =>
    !closed && retries.retryableDecider(attempt, status);
  const interceptors = [makeGrpcRetryInterceptor({ ...retries, retryableDecider })];
  let connection: Connection;
  try {
    const options = { ...settings, interceptors, connectTimeout: timeoutMs };
    connection = lazy ? Connection.lazy(options) : await Connection.connect(options);
  } catch (error) {
    throw unreachable(config, engine.address, error);
  }
  const dataConverter = await dataConverterOf({ ...config, namespace: engine.namespace });
  const client = new Client({ connection, namespace: engine.namespace, dataConverter });
  const close = async (): Promise<void> => {
    closed = true;
    await connection.close();
  };
  return { settings, dataConverter, connection, client, close };
}

function unreachable(config: Config, address: string, error: unknown): RekindleError {
  const hint = config.temporal
    ? 'Check TEMPORAL_ADDRESS (or the profile), its TLS settings and API key, and that the server runs.'
    : 'Try again: the next command starts the embedded server when it is gone.';
  return new RekindleError(
    'ENGINE_UNAVAILABLE',
    `the Temporal server at ${address} cannot be reached: ${reasonOf(error)}`,
    {
      hint,
      cause: error,
      facts: { address },
    },
  );
}

/** The innermost reason: the SDK and gRPC wrap it two or three times. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { details } = error as { details?: unknown };
  if (error.cause instanceof Error) return reasonOf(error.cause);
  return typeof details === 'string' && details !== '' ? details : error.message;
}
