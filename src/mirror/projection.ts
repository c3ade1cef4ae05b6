import type { TaskRecord } from '../domain/task-record.ts';
import type { Logger } from '../logger.ts';
import { forEachBatch } from './batches.ts';
import type { MirrorKeeper } from './keeper.ts';
import type { FingerprintOf } from './run-rows.ts';
import { changedAtMs, type TaskSource } from './source.ts';
import { CLOCK_SKEW_MS, readCursor, writeCursor } from './write/cursor.ts';
import { noteReconciliation } from './write/measurements.ts';
import { type UpsertOptions, type UpsertResult, upsertTasks } from './write/upsert-tasks.ts';

/** What a projection works with. Times in milliseconds. */
export interface ProjectionOptions {
  readonly mirror: MirrorKeeper;
  readonly source: TaskSource;
  readonly log: Logger;
  /** Pause between two looks at the changes. @default 500 */
  readonly intervalMs?: number;
  /**
   * How far behind its cursor a pass reads again: what visibility shows later than it happened. @default 5000, which
   * is ten times what the embedded server needs, and more than an Elasticsearch-backed one usually does
   */
  readonly overlapMs?: number;
  /**
   * How far back it reads now and then (`lateEveryMs`): under load visibility falls behind further than the overlap
   * (measured: 2 of 300 ends of tasks on two busy cores). @default 60 s
   */
  readonly lateMs?: number;
  /** @default 10 s */
  readonly lateEveryMs?: number;
  /** Pause between two comparisons with all of Temporal. @default 5 min */
  readonly reconcileMs?: number;
  /** For failures that came without a fingerprint. @default none: they are in no group */
  readonly fingerprintOf?: FingerprintOf | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What one pass did. */
export interface Pass {
  /** Records that were read. */
  readonly seen: number;
  /** Rows that are new or changed. */
  readonly written: number;
  /** Failed runs that were not known. */
  readonly failed: number;
  /** Whether all of Temporal was compared. */
  readonly reconciled: boolean;
}

type Optional = 'signal' | 'fingerprintOf';

/** While nothing changes, the time of the last pass is written this often: for the statistics, at little cost. */
const NOTE_EVERY_MS = 5000;

/** Carries Temporal's changes over to the mirror, pass by pass. */
export class Projection {
  readonly #options: Required<Omit<ProjectionOptions, Optional>> & Pick<ProjectionOptions, Optional>;
  readonly #rejected = new Set<string>();
  /** Monotonic time of the last pass that brought something new. */
  #lastNews = Number.NEGATIVE_INFINITY;
  #lastLook = Number.NEGATIVE_INFINITY;
  #lastLateLook = performance.now();
  #seen = 0;
  #written = 0;
  #failed = 0;

  constructor(options: ProjectionOptions) {
    const defaults = {
      intervalMs: 500,
      overlapMs: 5000,
      lateMs: 60_000,
      lateEveryMs: 10_000,
      reconcileMs: 300_000,
    };
    this.#options = { ...defaults, ...options };
    this.#lastNews = performance.now();
  }

  /**
   * Writes what changed since the last pass, and compares all of Temporal when that is due.
   * @throws what the mirror or the source throws; the next pass goes on where this one ended.
   */
  async pass(): Promise<Pass> {
    this.#seen = 0;
    this.#written = 0;
    this.#failed = 0;
    await this.#readChanges();
    const reconciled = this.#reconciliationDue();
    if (reconciled) await this.#reconcile();
    return { seen: this.#seen, written: this.#written, failed: this.#failed, reconciled };
  }

  async #readChanges(): Promise<void> {
    const { mirror, source, signal } = this.#options;
    const cursor = mirror.use((m) => m.read(readCursor));
    // What a new file lacks from before comes with the comparison that follows.
    const now = Date.now();
    // When the clock was set back since, a time ahead of it would blind the projector until that has come.
    const known = cursor.changed_ms !== null && cursor.changed_ms > now ? null : cursor.changed_ms;
    const reached = known ?? now - CLOCK_SKEW_MS;
    const writtenBefore = this.#written;
    let newest = reached;
    const write = (batch: readonly TaskRecord[]) => {
      this.#write(batch);
      for (const record of batch) newest = Math.max(newest, changedAtMs(record) || 0);
    };
    await forEachBatch(source.changedSince(this.#since(reached)), write, signal);
    this.#lastLook = performance.now();
    // A time in the future (a damaged memo) must not blind the projector for what comes until then.
    newest = Math.max(reached, Math.min(newest, Date.now()));
    if (this.#written > writtenBefore || newest > reached) this.#lastNews = performance.now();
    this.#note(newest, cursor.changed_ms, cursor.projected_ms);
  }

  /**
   * Where to read from. When nothing came for as long as the overlap, whatever was late has arrived, and the last
   * busy moment need not be read again and again.
   */
  #since(reached: number): number {
    const { overlapMs, lateMs, lateEveryMs } = this.#options;
    const now = performance.now();
    const quietMs = now - this.#lastNews;
    if (now - this.#lastLateLook >= lateEveryMs && quietMs <= lateMs) {
      this.#lastLateLook = now;
      return reached - Math.max(lateMs, overlapMs);
    }
    return quietMs > overlapMs ? reached + 1 : reached - overlapMs;
  }

  #note(changed_ms: number, before: number | null, projectedBefore: number | null): void {
    const projected_ms = Date.now();
    if (changed_ms === before && projected_ms - (projectedBefore ?? 0) < NOTE_EVERY_MS) return;
    this.#options.mirror.use((m) => m.write((c) => writeCursor(c, { changed_ms, projected_ms })));
  }

  #reconciliationDue(): boolean {
    const { mirror, reconcileMs } = this.#options;
    const { reconciled_ms } = mirror.use((m) => m.read(readCursor));
    return reconciled_ms === null || Math.abs(Date.now() - reconciled_ms) >= reconcileMs;
  }

  /** Reads all of Temporal. It may take long, so the changes are looked at in between. */
  async #reconcile(): Promise<void> {
    const { mirror, source, intervalMs, overlapMs, signal } = this.#options;
    const { generation } = mirror;
    const first = mirror.use((m) => m.read(readCursor)).reconciled_ms === null;
    // What changed lately may rightly be on its way.
    const settledMs = Date.now() - overlapMs;
    let compared = 0;
    let agreed = 0;
    const onOutcome: UpsertOptions['onOutcome'] = (record, outcome) => {
      if ((outcome !== 'same' && outcome !== 'changed') || changedAtMs(record) >= settledMs) return;
      compared += 1;
      if (outcome === 'same') agreed += 1;
    };
    const write = async (batch: readonly TaskRecord[]) => {
      this.#write(batch, onOutcome);
      if (performance.now() - this.#lastLook >= intervalMs) await this.#readChanges();
    };
    await forEachBatch(source.all(), write, signal);
    // A file that was changed meanwhile may lack the first pages; the next pass compares again.
    if (mirror.generation !== generation) return;
    const atMs = Date.now();
    mirror.use((m) =>
      m.write((c) => {
        writeCursor(c, { reconciled_ms: atMs });
        // The first one fills the file; there is nothing to compare.
        if (!first) noteReconciliation(c, { atMs, compared, agreed });
      }),
    );
  }

  #write(batch: readonly TaskRecord[], onOutcome: UpsertOptions['onOutcome'] = () => {}): void {
    const { mirror, fingerprintOf } = this.#options;
    const result = mirror.use((m) => upsertTasks(m, batch, { fingerprintOf, onOutcome }));
    this.#seen += batch.length;
    this.#written += result.written;
    this.#failed += result.failed;
    for (const rejected of result.rejected) this.#logRejected(rejected);
  }

  /** Once for each task: the same record comes with every overlap. */
  #logRejected(rejected: UpsertResult['rejected'][number]): void {
    if (this.#rejected.has(rejected.taskId)) return;
    this.#rejected.add(rejected.taskId);
    this.#options.log.warn(rejected, 'a task cannot be written to the mirror');
  }
}
