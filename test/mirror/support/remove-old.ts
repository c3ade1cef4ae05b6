import { type CleanUpKind, cleanUp, type Mirror } from '../../../src/mirror/index.ts';

/** Cleans up a mirror that a test has to itself. @returns how many were removed. */
export async function removeOld(mirror: Mirror, kind: CleanUpKind, beforeMs: number): Promise<number> {
  return await cleanUp({ use: (fn) => fn(mirror) }, kind, beforeMs);
}
