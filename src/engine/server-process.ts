/** Starts one server process and waits until it serves. */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { Config } from '../config.ts';
import { RekindleError } from '../domain/error-codes.ts';
import { identityOf } from '../locks/process-identity.ts';
import { endProcess } from './end-process.ts';
import { addressOf, type EngineFiles, type EngineRecord, removeRecord, writeRecord } from './engine-files.ts';
import { isServing } from './health.ts';
import type { EnginePorts } from './ports.ts';
import { processName, serverArguments } from './server-arguments.ts';
import { openServerLog, readServerLog } from './server-log.ts';

/** Measured: serves after 0.11–0.16 s; a large write-ahead log or a loaded machine takes longer. */
const START_TIMEOUT_MS = 30_000;
const POLL_MS = 5;

export type ServerStart =
  | { readonly kind: 'ready'; readonly record: EngineRecord; readonly child: ChildProcess }
  | { readonly kind: 'port-taken' };

/**
 * Starts the server. It gets a session of its own, so that Ctrl-C at the terminal reaches only the command, which
 * then stops the server in its own time; and it lives on when the command is killed, for the next one to find.
 * @throws {RekindleError} `ENGINE_UNAVAILABLE` with the last lines of its log when it dies or does not serve.
 */
export async function startServer(
  config: Config,
  files: EngineFiles,
  executable: string,
  ports: EnginePorts,
  whileStarting?: () => unknown,
): Promise<ServerStart> {
  const log = openServerLog(files.log);
  const output = () => readServerLog(files.log, log.offset);
  const child = spawn(executable, serverArguments(config, ports), {
    argv0: processName(files),
    detached: true,
    cwd: files.dir,
    stdio: ['ignore', log.fd, log.fd],
  });
  closeSync(log.fd);
  const failure = watchForFailure(child);
  const identity = child.pid === undefined ? null : identityOf(child.pid);
  if (!identity) throw died(executable, files, output(), (await failure.settled) ?? 'it ended at once');
  const record = { process: identity, ports, executable, startedAt: new Date().toISOString() };
  // Before it serves: when this command is killed now, the next one still finds the server.
  writeRecord(files, record);
  child.unref();
  whileStarting?.();
  const start = performance.now();
  while (failure.reason === null) {
    const elapsed = performance.now() - start;
    if ((await isServing(addressOf(ports))) && failure.reason === null) {
      failure.stop();
      return { kind: 'ready', record, child };
    }
    if (elapsed > START_TIMEOUT_MS) {
      await endProcess(identity, 0);
      removeRecord(files);
      throw died(executable, files, output(), `it did not serve within ${START_TIMEOUT_MS / 1000} s`);
    }
    await delay(POLL_MS);
  }
  removeRecord(files);
  if (/address already in use|can't set default port|port.*(taken|in use)/i.test(output()))
    return { kind: 'port-taken' };
  throw died(executable, files, output(), failure.reason);
}

function watchForFailure(child: ChildProcess) {
  const { promise: settled, resolve } = Promise.withResolvers<string | null>();
  const state = { reason: null as string | null, settled, stop: () => child.removeAllListeners() };
  const fail = (reason: string) => {
    state.reason = reason;
    resolve(reason);
  };
  child.once('error', (error) => fail(error.message));
  child.once('exit', (code, signal) => fail(signal ? `ended by ${signal}` : `ended with exit code ${code}`));
  return state;
}

function died(executable: string, files: EngineFiles, output: string, reason: string): RekindleError {
  const lines = output.trim().split('\n').slice(-8).join('\n');
  const shown = lines ? `; its last lines:\n${lines}` : '';
  return new RekindleError(
    'ENGINE_UNAVAILABLE',
    `the Temporal server (${executable}) did not start: ${reason}${shown}`,
    {
      hint: `${adviceFor(output, files)} Its whole log is ${files.log}.`,
    },
  );
}

function adviceFor(output: string, files: EngineFiles): string {
  if (/readonly|read-only|permission denied/i.test(output))
    return `Make ${files.dir} and the files in it writable, or choose another --data-dir.`;
  if (/disk is full|no space left/i.test(output)) return `Free space on the disk of ${files.dir}.`;
  if (/malformed|not a database/i.test(output))
    return `${files.database} is damaged: put a backup in its place, or move it away to begin with an empty one.`;
  if (/database is locked|database table is locked/i.test(output))
    return `Another program has ${files.database} open: close it.`;
  return 'Try again; if it stays, `rekindle doctor` looks for the cause.';
}
