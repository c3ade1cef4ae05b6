/** The embedded Temporal server: one a data directory, shared by the commands that use it. */
import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Config } from '../config.ts';
import { RekindleError } from '../domain/error-codes.ts';
import { isForeign } from '../locks/process-identity.ts';
import { acquireLock, type LockHolder, type ProcessLock } from '../locks/process-lock.ts';
import { endProcess } from './end-process.ts';
import type { Engine, EngineOptions, ReleaseOptions, ReleaseOutcome } from './engine.ts';
import {
  addressOf,
  type EngineFiles,
  type EngineRecord,
  engineFiles,
  makeEngineDirs,
  readRecord,
  removeRecord,
  uiAddressOf,
  writeRecord,
} from './engine-files.ts';
import { findExecutable } from './executable.ts';
import { findServer } from './find-server.ts';
import { isServing } from './health.ts';
import { type EnginePorts, reservePorts } from './ports.ts';
import { startServer } from './server-process.ts';
import { dropLease, hasUsers, listUsers, takeLease } from './users.ts';
import { watchExit } from './watch-exit.ts';

/** Longer than the longest start, see server-process.ts. */
const LOCK_TIMEOUT_MS = 120_000;
const ANSWER_TIMEOUT_MS = 10_000;
const POLL_MS = 20;
/** Other programs may take the ports between our look and the server's bind; each round looks anew. */
const PORT_ROUNDS = 5;
/** `down` stops a server that may still have clients: it gets time to answer them. */
const DOWN_GRACE_MS = 5_000;

/**
 * The data directory's server: joined when one runs and answers, else started. Whoever gets it holds a lease until
 * `release()`, or until it dies.
 * @throws {RekindleError} `ENGINE_UNAVAILABLE` when none can be started, `NOT_WRITABLE` when the directory cannot be written.
 */
export async function ensureEmbedded(config: Config, options: EngineOptions = {}): Promise<Engine> {
  const files = engineFiles(config.dataDir);
  makeEngineDirs(files);
  const joined = await withLock(files, options, () => joinRunning(config, files, options));
  if (joined) return joined;
  // Outside the lock: getting the executable may take minutes, and others only want to know that nothing runs.
  const executable = await findExecutable(config.engine, options);
  return withLock(files, options, async () => {
    const other = await joinRunning(config, files, options);
    if (other) return other;
    const { record, child } = await start(config, files, executable.path, options);
    return lease(config, files, record, child, options);
  });
}

async function withLock<T>(files: EngineFiles, options: EngineOptions, use: () => Promise<T>): Promise<T> {
  using _lock = await lockEngine(files, options);
  return await use();
}

async function lockEngine(files: EngineFiles, options: EngineOptions): Promise<ProcessLock> {
  return acquireLock(files.lock, {
    timeoutMs: LOCK_TIMEOUT_MS,
    purpose: options.purpose ?? 'rekindle',
    ...(options.signal ? { signal: options.signal } : {}),
  });
}

/** A lease on the server that runs, or null when none does. One that runs but does not answer is ended. */
async function joinRunning(
  config: Config,
  files: EngineFiles,
  options: EngineOptions,
): Promise<Engine | null> {
  const server = findServer(files);
  if (!server) return null;
  const timeoutMs = options.answerTimeoutMs ?? ANSWER_TIMEOUT_MS;
  if (await answers(server, timeoutMs)) {
    if (readRecord(files)?.process.pid !== server.process.pid) writeRecord(files, server);
    return lease(config, files, server, null, options);
  }
  if (isForeign(server.process) && hasUsers(files)) throw usedElsewhere(config, server);
  const seconds = timeoutMs / 1000;
  options.say?.(
    `the Temporal server (process ${server.process.pid}) has not answered for ${seconds} s: starting another`,
  );
  await endProcess(server.process, 0);
  return null;
}

/** Its loopback is not ours. When nobody holds a lease any more its container is gone, and the server with it. */
function usedElsewhere({ dataDir }: Config, { process: { host } }: EngineRecord): RekindleError {
  return new RekindleError(
    'ENGINE_UNAVAILABLE',
    `another container (${host}) runs the engine of ${dataDir}`,
    {
      hint: 'Give each container a data directory of its own, or a common Temporal server with TEMPORAL_ADDRESS.',
    },
  );
}

/** A server that is just starting, its starter killed, is given the time to get ready. */
async function answers(server: EngineRecord, timeoutMs: number): Promise<boolean> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const left = deadline - performance.now();
    if (await isServing(addressOf(server.ports), Math.max(100, Math.min(1000, left)))) return true;
    if (performance.now() >= deadline) return false;
    await delay(POLL_MS);
  }
}

async function start(config: Config, files: EngineFiles, executable: string, options: EngineOptions) {
  // The ports of a server that died come first: clients that still run find the new one by themselves.
  const last = readRecord(files)?.ports;
  const wishes: EnginePorts[] = [
    ...(last ? [last] : []),
    { grpc: config.engine.port, ui: config.engine.uiPort },
  ];
  for (let round = 0; round < PORT_ROUNDS; round += 1) {
    options.signal?.throwIfAborted();
    const reserved = await reservePorts(round === 0 ? wishes : [], join(config.engine.cacheDir, 'ports'));
    try {
      const result = await startServer(config, files, executable, reserved.ports, options.whileStarting);
      if (result.kind === 'ready') return result;
    } finally {
      reserved.release();
    }
  }
  throw new RekindleError(
    'ENGINE_UNAVAILABLE',
    `the Temporal server found its ports taken ${PORT_ROUNDS} times in a row`,
    { hint: `Try again; its log is ${files.log}.` },
  );
}

function lease(
  config: Config,
  files: EngineFiles,
  record: EngineRecord,
  child: ChildProcess | null,
  options: EngineOptions,
): Engine {
  let held: ProcessLock | null = takeLease(files, options.purpose ?? 'rekindle');
  return {
    address: addressOf(record.ports),
    uiAddress: uiAddressOf(record.ports),
    namespace: config.namespace,
    embedded: true,
    started: child !== null,
    pid: record.process.pid,
    release: async (releaseOptions = {}) => {
      const mine = held;
      held = null;
      if (!mine) return 'left';
      return withLock(files, { purpose: 'stopping the engine' }, () => leave(files, mine, releaseOptions));
    },
    onExit: (listener) => watchExit(record.process, child, listener),
  };
}

async function leave(
  files: EngineFiles,
  mine: ProcessLock,
  options: ReleaseOptions,
): Promise<ReleaseOutcome> {
  dropLease(mine);
  if (hasUsers(files) || options.keep) return 'left';
  const server = findServer(files);
  const outcome = server ? await endProcess(server.process, options.graceMs ?? 0) : 'gone';
  removeRecord(files);
  return outcome;
}

/**
 * Where the engine is that runs already, for clients that only look in: nothing is started, no lease is taken, so it
 * may be stopped at any time by those who use it.
 * @throws {RekindleError} `ENGINE_UNAVAILABLE` when none runs for the data directory.
 */
export function runningEngine(config: Config): Pick<Engine, 'address' | 'uiAddress' | 'namespace'> {
  if (config.temporal)
    return { address: config.temporal.address, uiAddress: null, namespace: config.namespace };
  const status = engineStatus(config.dataDir);
  if (status) return { address: status.address, uiAddress: status.uiAddress, namespace: config.namespace };
  throw new RekindleError('ENGINE_UNAVAILABLE', `no engine runs for the data directory ${config.dataDir}`, {
    hint: 'Start it with `rekindle up`, name the directory it runs for with --data-dir, or set TEMPORAL_ADDRESS.',
  });
}

/** What {@link stopEngine} found and did. */
export interface StoppedEngine {
  readonly pid: number;
  readonly address: string;
  /** `killed`: it did not end in the time it was given. */
  readonly outcome: 'stopped' | 'killed';
  /** Who still used it. */
  readonly users: readonly LockHolder[];
}

/**
 * Stops the data directory's server, also while others use it. null: none ran.
 * @param options.graceMs how long it may take to end by itself before it is killed. @default 5 s
 */
export async function stopEngine(
  dataDir: string,
  { graceMs = DOWN_GRACE_MS } = {},
): Promise<StoppedEngine | null> {
  const files = engineFiles(dataDir);
  if (!engineStatus(dataDir)) return null;
  return withLock(files, { purpose: 'rekindle down' }, async () => {
    const server = findServer(files);
    if (!server) return null;
    const users = listUsers(files);
    const outcome = await endProcess(server.process, graceMs);
    removeRecord(files);
    hasUsers(files);
    if (outcome === 'gone') return null;
    return { pid: server.process.pid, address: addressOf(server.ports), outcome, users };
  });
}

export interface EngineStatus {
  readonly pid: number;
  readonly address: string;
  readonly uiAddress: string;
  readonly startedAt: string;
  readonly users: readonly LockHolder[];
}

/** The server that runs for a data directory, without joining it; null: none. Nothing is made or changed. */
export function engineStatus(dataDir: string): EngineStatus | null {
  const files = engineFiles(dataDir);
  const server = findServer(files);
  if (!server) return null;
  return {
    pid: server.process.pid,
    address: addressOf(server.ports),
    uiAddress: uiAddressOf(server.ports),
    startedAt: server.startedAt,
    users: listUsers(files),
  };
}
