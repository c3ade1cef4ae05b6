import { closeSync, existsSync, fstatSync, openSync, readSync, renameSync, rmSync, statSync } from 'node:fs';

/** Files that SQLite keeps beside its own, by the ends of their names. */
const SIDECARS = ['-wal', '-shm'] as const;
const MAGIC = Buffer.from('SQLite format 3\0');

/** How the file at a path stands to the one that was opened there. */
export type FileChange = 'same' | 'missing' | 'replaced' | 'damaged' | 'wal_lost';

/**
 * Watches the file that a mirror has open. It keeps the file open until the mirror is closed: closing any
 * descriptor of a file drops the locks that SQLite holds on it in this process.
 */
export class WatchedFile {
  readonly #path: string;
  readonly #fd: number;
  readonly #device: number;
  readonly #inode: number;
  readonly #walInode: number | undefined;

  /** @param path a file that exists. */
  constructor(path: string) {
    this.#path = path;
    this.#fd = openSync(path, 'r');
    const { dev, ino } = fstatSync(this.#fd);
    this.#device = dev;
    this.#inode = ino;
    this.#walInode = inodeOf(`${path}-wal`);
  }

  /** Compares the path with what was opened; costs three system calls. */
  change(): FileChange {
    const now = statSync(this.#path, { throwIfNoEntry: false });
    if (!now) return 'missing';
    if (now.dev !== this.#device || now.ino !== this.#inode) return 'replaced';
    const header = Buffer.alloc(MAGIC.length);
    readSync(this.#fd, header, 0, header.length, 0);
    if (!header.equals(MAGIC)) return 'damaged';
    const lost = this.#walInode !== undefined && inodeOf(`${this.#path}-wal`) !== this.#walInode;
    return lost ? 'wal_lost' : 'same';
  }

  /**
   * After the file was replaced: removes its WAL when that was left at the path, since SQLite would take it for the new
   * file's and write old pages into it. Called after SQLite closed the old file.
   */
  removeOwnSidecars(): void {
    const left = inodeOf(`${this.#path}-wal`);
    if (left !== undefined && left === this.#walInode) removeSidecars(this.#path);
  }

  /** To be called after SQLite closed the file. */
  close(): void {
    closeSync(this.#fd);
  }
}

function inodeOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.ino;
}

/**
 * Moves a file out of the way: a damaged one as evidence, or one that another takes the place of.
 * @returns its new path: `<path>.<why>-<time>`.
 */
export function setAside(path: string, why: 'damaged' | 'before-restore' = 'damaged'): string {
  const stamp = new Date().toISOString().replaceAll(/[:.]/g, '-');
  const aside = `${path}.${why}-${stamp}`;
  for (const end of ['', ...SIDECARS]) {
    if (existsSync(path + end)) renameSync(path + end, aside + end);
  }
  return aside;
}

/** Removes what SQLite left beside a file that is gone: a new file must not find the old one's WAL. */
export function removeSidecars(path: string): void {
  for (const end of SIDECARS) rmSync(path + end, { force: true });
}

/** Removes a database with its sidecars. */
export function removeDatabase(path: string): void {
  rmSync(path, { force: true });
  removeSidecars(path);
}
