import type { Mirror } from '../mirror.ts';
import { sqlTime } from '../time.ts';

/** What a person says a failure should have been classified as. */
export interface VerdictInput {
  /** Of the run that failed. */
  readonly runId: string;
  /** The category that it has confirms it. */
  readonly rightCategory: string;
  /** Milliseconds since the epoch. */
  readonly atMs: number;
}

/**
 * Notes a verdict; the last one of a run counts.
 * @returns false when the mirror knows no such failure: nothing is written.
 * @throws {RekindleError} `MIRROR_UNAVAILABLE`.
 */
export function recordVerdict(mirror: Mirror, { runId, rightCategory, atMs }: VerdictInput): boolean {
  return mirror.write((connection) => {
    const changes = connection.run(
      `INSERT OR REPLACE INTO classification_verdicts (run_id, category, right_category, judged_at)
       SELECT run_id, category, ?, ? FROM failures WHERE run_id = ?`,
      [rightCategory, sqlTime(atMs), runId],
    );
    return changes > 0;
  });
}
