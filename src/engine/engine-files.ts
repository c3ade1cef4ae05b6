/** What the embedded server has in its data directory, and the record of the one that runs. */
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { RekindleError } from '../domain/error-codes.ts';
import { type ProcessIdentity, parseIdentity } from '../locks/process-identity.ts';
import type { EnginePorts } from './ports.ts';
import { DATABASE_NAME } from './server-arguments.ts';

export interface EngineFiles {
  readonly dir: string;
  /** Temporal's own SQLite file. */
  readonly database: string;
  readonly log: string;
  /** {@link EngineRecord} of the running server. */
  readonly record: string;
  /** Held by whoever starts or stops the server. */
  readonly lock: string;
  /** A lock file for each command that uses the server. */
  readonly users: string;
}

/** Where things are; nothing is made. */
export function engineFiles(dataDir: string): EngineFiles {
  const dir = join(dataDir, 'engine');
  return {
    dir,
    database: join(dir, DATABASE_NAME),
    log: join(dir, 'server.log'),
    record: join(dir, 'engine.json'),
    lock: join(dir, 'engine.lock'),
    users: join(dir, 'users'),
  };
}

/** @throws {RekindleError} `NOT_WRITABLE` */
export function makeEngineDirs(files: EngineFiles): void {
  try {
    mkdirSync(files.users, { recursive: true });
  } catch (error) {
    throw new RekindleError('NOT_WRITABLE', `cannot make ${files.users}: ${(error as Error).message}`, {
      hint: 'Choose a data directory that you may write (--data-dir), or correct its permissions.',
      cause: error,
    });
  }
}

/** `engine.json`: the server that runs, or that ran last and died. */
export interface EngineRecord {
  readonly process: ProcessIdentity;
  readonly ports: EnginePorts;
  readonly executable: string;
  /** ISO 8601 in UTC. */
  readonly startedAt: string;
}

export function addressOf(ports: EnginePorts): string {
  return `127.0.0.1:${ports.grpc}`;
}

export function uiAddressOf(ports: EnginePorts): string {
  return `http://127.0.0.1:${ports.ui}`;
}

/** null: there is none, or what is there is no record. */
export function readRecord(files: EngineFiles): EngineRecord | null {
  try {
    const value = JSON.parse(readFileSync(files.record, 'utf8')) as Record<string, unknown>;
    const identity = parseIdentity(value.process);
    const ports = parsePorts(value.ports);
    if (!identity || !ports) return null;
    return {
      process: identity,
      ports,
      executable: String(value.executable),
      startedAt: String(value.startedAt),
    };
  } catch {
    return null;
  }
}

function parsePorts(value: unknown): EnginePorts | null {
  if (typeof value !== 'object' || value === null) return null;
  const { grpc, ui } = value as Partial<Record<keyof EnginePorts, unknown>>;
  return isPort(grpc) && isPort(ui) ? { grpc, ui } : null;
}

function isPort(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) > 0 && (value as number) <= 65_535;
}

/** Written whole or not at all, since other commands read it without a lock. */
export function writeRecord(files: EngineFiles, record: EngineRecord): void {
  const temporary = `${files.record}.new`;
  writeFileSync(temporary, `${JSON.stringify(record, null, 2)}\n`);
  renameSync(temporary, files.record);
}

export function removeRecord(files: EngineFiles): void {
  rmSync(files.record, { force: true });
}
