/** Secrets stand elsewhere, and settings say where: `env:NAME` is a variable of the environment, `file:PATH` a file. */
import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';

/** A reference that needs no code of the user's. */
export const REFERENCE = /^(env|file):(.+)$/s;

/** Reads what `env:NAME` or `file:PATH` stands for. @throws {Error} with the reason, when there is nothing. */
export type ReadReference = (kind: 'env' | 'file', name: string) => string;

/** Where references are looked up. */
export interface ReferencePlaces {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Files are relative to this directory. */
  readonly base: string;
}

/** Longer than any key or password; nobody means a video. In bytes. */
const LARGEST = 64 * 1024;
/** Of a file's mode: what group and others may do. */
const OTHERS = 0o077;

/** Looks up references in an environment and in files, whose line end is dropped. */
export function referenceReader({ env, base }: ReferencePlaces): ReadReference {
  return (kind, name) => {
    const value = kind === 'env' ? env[name] : readPrivate(resolve(base, name)).trimEnd();
    if (value) return value;
    throw new Error(kind === 'env' ? `the environment variable ${name} is not set` : `${name} is empty`);
  };
}

/** What a reference or, where there is none, the text itself says. @throws {Error} with the reason. */
export function resolved(text: string, read: ReadReference): string {
  const [, kind, name = ''] = REFERENCE.exec(text) ?? [];
  return kind === undefined ? text : read(kind as 'env' | 'file', name);
}

/**
 * Reads a file that holds a secret. It looks at the file that was opened, not at its name: nobody can change it in
 * between.
 * @throws {Error} with the reason, and what to do, when others may read it, or it is no small file.
 */
export function readPrivate(path: string): string {
  const file = open(path);
  try {
    const { mode, size, isFile } = detailsOf(file);
    if (!isFile) throw new Error(`${path} is no file`);
    if ((mode & OTHERS) !== 0) throw openToOthers(path, mode);
    if (size > LARGEST) throw new Error(`${path} is larger than ${LARGEST / 1024} KiB, so it is no secret`);
    return readFileSync(file, 'utf8');
  } finally {
    closeSync(file);
  }
}

function open(path: string): number {
  try {
    return openSync(path, 'r');
  } catch (error) {
    throw new Error(`${path} cannot be read: ${(error as Error).message}`);
  }
}

/** Windows has no such modes. */
function detailsOf(file: number): { mode: number; size: number; isFile: boolean } {
  const stats = fstatSync(file);
  const mode = process.platform === 'win32' ? 0 : stats.mode & 0o777;
  return { mode, size: stats.size, isFile: stats.isFile() };
}

function openToOthers(path: string, mode: number): Error {
  const octal = mode.toString(8).padStart(3, '0');
  return new Error(
    `${path} can be read by other users (mode ${octal}); let only its owner read it: chmod 600 ${path}`,
  );
}
