import { isRekindleError } from '../domain/error-codes.ts';
import { type Logger, silentLogger } from '../logger.ts';
import { isDamage, unavailable } from './errors.ts';
import { removeSidecars, setAside, WatchedFile } from './file.ts';
import { type CopiedHistory, copyHistory } from './history.ts';
import type { Mirror, MirrorOptions } from './mirror.ts';
import { openForReading, openMirror } from './open.ts';
import { forgetReconciliation } from './write/cursor.ts';

/** How a keeper opens its mirror. */
export interface KeeperOptions extends MirrorOptions {
  readonly log?: Logger;
}

/**
 * Holds the mirror open for a process that lives long, and sees to it that it is always the file that is at the path
 * *now*. The owner's keeper heals: a deleted file is made again with everything the old one had (it can still
 * be read while it is open), one whose WAL was deleted is completed from the open one, a replaced one is opened, a damaged one is set aside and what can be read of it is kept.
 * What is missing then comes from Temporal with the projector's next pass.
 * A keeper with `readonly` only opens again.
 */
export class MirrorKeeper {
  readonly path: string;
  readonly #options: KeeperOptions;
  readonly #log: Logger;
  #mirror: Mirror | undefined;
  #file: WatchedFile | undefined;
  #generation = 0;
  /** The file at the path is one that somebody put there: it is compared with Temporal first. */
  #replaced = false;

  constructor(path: string, options: KeeperOptions = {}) {
    this.path = path;
    this.#options = options;
    this.#log = options.log ?? silentLogger;
  }

  /** Grows with every file that was opened; a long job that sees it change starts over. */
  get generation(): number {
    return this.#generation;
  }

  /**
   * The open mirror. Don't keep it across an `await`: ask again.
   * @throws {RekindleError} `MIRROR_UNAVAILABLE`, `MIRROR_NEWER`.
   */
  get(): Mirror {
    const mirror = this.#mirror;
    if (!mirror) return this.#open();
    switch (this.#file?.change()) {
      case 'missing':
        return this.#replaceMissing(mirror);
      case 'replaced':
        return this.#openReplaced();
      case 'damaged':
        return this.#replaceDamaged();
      case 'wal_lost':
        return this.#openAgain(mirror);
      default:
        return mirror;
    }
  }

  /**
   * Runs `fn` with the mirror. When SQLite finds the file damaged, it is set aside and the error is thrown; the
   * next call works with a new file.
   */
  use<T>(fn: (mirror: Mirror) => T): T {
    const mirror = this.get();
    try {
      return fn(mirror);
    } catch (error) {
      if (isDamage(error) && !this.#options.readonly) this.#replaceDamaged();
      throw error;
    }
  }

  close(): void {
    this.#mirror?.close();
    this.#abandon();
  }

  #abandon(): void {
    this.#mirror?.abandon();
    this.#file?.close();
    this.#mirror = undefined;
    this.#file = undefined;
  }

  #open(): Mirror {
    try {
      return this.#openFile();
    } catch (error) {
      if (!isDamage(error) || this.#options.readonly) throw error;
      return this.#replaceDamaged();
    }
  }

  #openFile(): Mirror {
    const mirror = openMirror(this.path, this.#options);
    try {
      if (this.#replaced && !mirror.readonly) mirror.write(forgetReconciliation);
      this.#file = new WatchedFile(this.path);
    } catch (error) {
      mirror.abandon();
      if (isRekindleError(error)) throw error;
      throw unavailable(this.path, 'vanished while it was opened', 'Try again.', error);
    }
    this.#mirror = mirror;
    this.#replaced = false;
    this.#generation += 1;
    return mirror;
  }

  /** No `await` in here: nothing can be written to the old file between copying and leaving it. */
  #replaceMissing(old: Mirror): Mirror {
    const oldFile = this.#file;
    if (old.readonly) {
      this.#abandon();
      return this.#openFile();
    }
    removeSidecars(this.path);
    const mirror = this.#openFile();
    try {
      const kept = old.direct((from) => mirror.direct((to) => copyHistory(from, to)));
      this.#report('the mirror was deleted; it is made anew', kept);
    } finally {
      old.abandon();
      oldFile?.close();
    }
    return mirror;
  }

  /**
   * Somebody deleted the WAL, so that whoever opens the file now misses what is in it. It is still open here: closing
   * brings it into the file.
   */
  #openAgain(mirror: Mirror): Mirror {
    mirror.close();
    this.#abandon();
    if (!this.#options.readonly)
      this.#log.warn({ path: this.path }, 'the WAL of the mirror was deleted; nothing is lost');
    return this.#open();
  }

  #openReplaced(): Mirror {
    const oldFile = this.#file;
    this.#abandon();
    if (!this.#options.readonly) oldFile?.removeOwnSidecars();
    this.#replaced = true;
    this.#log.warn({ path: this.path }, 'the mirror was replaced by another file');
    return this.#open();
  }

  #replaceDamaged(): Mirror {
    if (this.#options.readonly) {
      throw unavailable(this.path, 'is damaged', 'Start `rekindle up`, or run `rekindle mirror rebuild`.');
    }
    // Renamed before it is closed, so that closing writes nothing into the evidence.
    const aside = setAside(this.path);
    this.#abandon();
    const mirror = this.#openFile();
    this.#report('the mirror was damaged; it is made anew', salvage(aside, mirror), aside);
    return mirror;
  }

  #report(message: string, kept: CopiedHistory, aside?: string): void {
    this.#log.warn({ path: this.path, aside, kept: kept.rows, problems: kept.problems }, message);
  }
}

function salvage(aside: string, mirror: Mirror): CopiedHistory {
  try {
    const from = openForReading(aside);
    try {
      return mirror.direct((to) => copyHistory(from, to));
    } finally {
      from.close();
    }
  } catch (error) {
    return { rows: {}, problems: [(error as Error).message] };
  }
}
