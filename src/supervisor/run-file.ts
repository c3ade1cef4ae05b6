import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { isPlainObject } from '../domain/json.ts';
import { identityOf, isAlive, type ProcessIdentity, parseIdentity } from '../locks/process-identity.ts';

/**
 * How the last process of a name ended, by its PID file. `none`: there was none; `ended`: properly; `running`: it is
 * alive; `crashed`: it is gone without having said so; `damaged`: the file cannot be read.
 */
export type LastRun =
  | { readonly state: 'none' | 'ended' | 'damaged' }
  | { readonly state: 'running' | 'crashed'; readonly process: ProcessIdentity; readonly startedAt: string };

/**
 * A PID file that tells a crash from a proper end: it says who runs, by PID, start time and boot, and is marked at a
 * proper end. So neither a PID that was given to another process nor a restart of the machine is taken for a live one.
 */
export class RunFile {
  readonly path: string;
  #startedAt = '';

  constructor(path: string) {
    this.path = path;
  }

  /** How the last process ended. Nothing is changed. */
  last(): LastRun {
    const text = readIfThere(this.path);
    if (text === undefined) return { state: 'none' };
    const record = parse(text);
    const process = parseIdentity(record?.process);
    if (!record || !process) return { state: 'damaged' };
    if (typeof record.ended_at === 'string') return { state: 'ended' };
    const startedAt = String(record.started_at);
    return { state: isAlive(process) ? 'running' : 'crashed', process, startedAt };
  }

  /** Writes that this process runs. @throws what the file system throws. */
  begin(purpose: string): void {
    this.#startedAt = new Date().toISOString();
    this.#write({ purpose, process: identityOf(), started_at: this.#startedAt, ended_at: null });
  }

  /** Marks this process as properly ended. */
  end(purpose: string): void {
    const ended_at = new Date().toISOString();
    this.#write({ purpose, process: identityOf(), started_at: this.#startedAt, ended_at });
  }

  /** Whole or not at all: whoever is killed here leaves the old one. */
  #write(record: object): void {
    const temporary = `${this.path}.${process.pid}.tmp`;
    mkdirSync(dirname(this.path), { recursive: true });
    try {
      writeFileSync(temporary, `${JSON.stringify(record)}\n`, { mode: 0o644 });
      renameSync(temporary, this.path);
    } catch (error) {
      rmSync(temporary, { force: true });
      throw error;
    }
  }
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    // A directory, another user's file: as good as rubbish.
    return '';
  }
}

function parse(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isPlainObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
