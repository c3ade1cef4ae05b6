import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Connection } from './connection.ts';
import { damaged } from './errors.ts';
import type { MirrorKeeper } from './keeper.ts';
import type { Mirror } from './mirror.ts';

/**
 * SQLite's own check of the file's structure.
 * @returns the problems, `[]` for a sound file.
 * @throws {RekindleError} `MIRROR_UNAVAILABLE` when the file cannot even be read.
 */
export function integrityCheck(mirror: Mirror): string[] {
  return mirror.read(integrityProblems);
}

/** As {@link integrityCheck}, of a connection. */
export function integrityProblems(connection: Connection): string[] {
  const rows = connection.all<{ integrity_check: string }>('PRAGMA integrity_check');
  return rows.map((row) => row.integrity_check).filter((line) => line !== 'ok');
}

/** @throws {RekindleError} `MIRROR_UNAVAILABLE` when the file is damaged; within a keeper's `use` that heals it. */
export function requireSound(mirror: Mirror): void {
  const [problem] = integrityCheck(mirror);
  if (problem !== undefined) throw damaged(mirror.path, problem);
}

/** Writes the file anew without the space that deleted rows left, and refreshes what the query planner knows. */
export function vacuum(mirror: Mirror): void {
  mirror.direct((connection) => {
    connection.pragma('auto_vacuum = INCREMENTAL');
    connection.exec('VACUUM');
    connection.exec('PRAGMA optimize');
    connection.pragma('wal_checkpoint(TRUNCATE)');
  });
}

/** What SQLite answers for a file whose space can be given back piece by piece. */
const INCREMENTAL = 2;
/** Pages that are given back in one transaction: some milliseconds. */
const PAGES_AT_ONCE = 250;

/** How {@link giveSpaceBack} goes about it. */
export interface GiveBackOptions {
  /** Nothing is done while a smaller share of the file is free, 0–1. @default 0 */
  readonly fromShare?: number;
  readonly signal?: AbortSignal | undefined;
  /** Called after each transaction. */
  readonly onStep?: () => void;
}

/** What {@link giveSpaceBack} did. Shares of the file that are free, 0–1. */
export interface SpaceGivenBack {
  readonly freeBefore: number;
  readonly freeAfter: number;
  /** Bytes by which the file is smaller. */
  readonly bytes: number;
}

/**
 * Gives the space of deleted rows back to the disk while the mirror is in use, in short transactions. A file that an
 * early version made is written anew once, which holds up its writer for that long.
 * @throws {RekindleError} `MIRROR_UNAVAILABLE`; the signal's reason.
 */
export async function giveSpaceBack(
  keeper: Pick<MirrorKeeper, 'use'>,
  { fromShare = 0, signal, onStep }: GiveBackOptions = {},
): Promise<SpaceGivenBack> {
  const before = keeper.use(spaceOf);
  if (before.free === 0 || before.free / before.pages < fromShare) return given(before, before);
  if (before.mode !== INCREMENTAL) keeper.use(vacuum);
  for (let left = keeper.use(spaceOf).free; left > 0; ) {
    signal?.throwIfAborted();
    keeper.use((mirror) =>
      mirror.direct((connection) => connection.exec(`PRAGMA incremental_vacuum(${PAGES_AT_ONCE})`)),
    );
    onStep?.();
    await nextTurn();
    const now = keeper.use(spaceOf).free;
    // Somebody else deletes as fast, or holds on to them.
    if (now >= left) break;
    left = now;
  }
  keeper.use((mirror) =>
    mirror.direct((connection) => {
      connection.exec('PRAGMA optimize');
      // The file gets shorter with the checkpoint; who reads just now is not waited for.
      connection.pragma('wal_checkpoint(PASSIVE)');
    }),
  );
  return given(before, keeper.use(spaceOf));
}

interface Space {
  readonly free: number;
  readonly pages: number;
  readonly pageSize: number;
  readonly mode: number;
}

function spaceOf(mirror: Mirror): Space {
  return mirror.direct((connection) => ({
    free: Number(connection.pragma('freelist_count')),
    pages: Number(connection.pragma('page_count')),
    pageSize: Number(connection.pragma('page_size')),
    mode: Number(connection.pragma('auto_vacuum')),
  }));
}

function given(before: Space, after: Space): SpaceGivenBack {
  return {
    freeBefore: shareOf(before),
    freeAfter: shareOf(after),
    bytes: (before.pages - after.pages) * after.pageSize,
  };
}

function shareOf({ free, pages }: Space): number {
  return pages > 0 ? free / pages : 0;
}
