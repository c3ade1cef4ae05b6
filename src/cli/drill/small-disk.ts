import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const PIECE = Buffer.alloc(1024 * 1024);

/** A disk of a few hundred MiB in memory, that can be filled up. */
export class SmallDisk {
  readonly directory: string;
  readonly #bytes: number;
  #mounted = true;

  private constructor(directory: string, bytes: number) {
    this.directory = directory;
    this.#bytes = bytes;
  }

  /** Why there can be none here; null: there can. */
  static reasonAgainst(): string | null {
    if (process.platform !== 'linux') return 'a tmpfs can only be mounted on Linux';
    if (process.getuid?.() !== 0) return 'only root may mount a tmpfs';
    return null;
  }

  /** Mounts one. @throws when the system does not let us. */
  static mount(directory: string, bytes: number): SmallDisk {
    mkdirSync(directory, { recursive: true });
    const args = ['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', directory];
    execFileSync('mount', args, { stdio: ['ignore', 'ignore', 'pipe'] });
    return new SmallDisk(directory, bytes);
  }

  /** Takes all the room there is; never more than the disk has, so that no other disk is filled by mistake. */
  fill(): void {
    if (!this.#mounted) throw new Error('the small disk is not there any more');
    const fd = openSync(this.#ballast, 'a');
    try {
      let written = 0;
      for (let size = PIECE.length; size >= 4096; size = Math.floor(size / 16)) {
        while (written < this.#bytes && this.#write(fd, size)) written += size;
      }
    } finally {
      closeSync(fd);
    }
  }

  /** Gives it back. */
  free(): void {
    rmSync(this.#ballast, { force: true });
  }

  unmount(): void {
    this.#mounted = false;
    unmount(this.directory);
  }

  get #ballast(): string {
    return join(this.directory, 'ballast');
  }

  #write(fd: number, size: number): boolean {
    try {
      return writeSync(fd, PIECE, 0, size) === size;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOSPC') return false;
      throw error;
    }
  }
}

/** Takes a disk away, also while somebody has files open on it. @throws when there is none. */
export function unmount(directory: string): void {
  execFileSync('umount', ['-l', directory], { stdio: 'ignore' });
}
