import type { Client } from '@temporalio/client';
import { type ErrorCode, isRekindleError, RekindleError } from '../domain/error-codes.ts';
import type { FailedRun } from '../domain/failed-run.ts';
import type { TaskRecord } from '../domain/task-record.ts';
import { inSlots } from './in-slots.ts';
import { listFailedRuns } from './list-failed-runs.ts';
import { carryOut, planFor, type RecoverRequest } from './recover-task.ts';
import { notFound, requireFailed } from './recovery-refusals.ts';
import { latestRun } from './start-task.ts';
import { quoted } from './task-records.ts';
import { failedRunOf, type Understanding } from './understand-run.ts';
import { requireOnePlace } from './where-to-go-on.ts';

/** Which failed tasks are meant; what is given has to be true of a task all at once. */
export interface RecoverFilter {
  readonly taskIds?: readonly string[] | undefined;
  /** Category of the last failure. */
  readonly category?: string | undefined;
  /** Type of the task. */
  readonly type?: string | undefined;
  /** Group of the last failure's message. */
  readonly fingerprint?: string | undefined;
  /** Failed from here on, in ms since the epoch. */
  readonly sinceMs?: number | undefined;
  /** At most so many tasks, the last failed first. It chooses nothing by itself. @default all */
  readonly limit?: number | undefined;
}

/** The recovery of one of many tasks. */
export interface RecoveryOfMany {
  readonly taskId: string;
  readonly taskType: string;
  readonly category: string;
  readonly fingerprint: string;
  /** What the task failed with. */
  readonly message: string;
  /** Before the new run begins, in ms. */
  readonly delayMs: number;
  /** Number of this recovery, from 1. */
  readonly attempt: number;
  /** Whose delay it is: the category, a custom strategy's name, or `forced`. */
  readonly strategy: string;
  /** The step it goes on from; null: from the start. */
  readonly fromStep: string | null;
  /** The new run; null in a preview. */
  readonly runId: string | null;
}

/** Why one of many tasks is not recovered. */
export interface RecoveryProblem {
  readonly taskId: string;
  /** null: there is no such task. */
  readonly taskType: string | null;
  /** null: it is not known. */
  readonly category: string | null;
  /** null: an error that is not rekindle's own. */
  readonly code: ErrorCode | null;
  readonly message: string;
  readonly hint: string | null;
}

/** What was done about many tasks, or would be. */
export interface ManyRecoveries {
  readonly recoveries: readonly RecoveryOfMany[];
  readonly problems: readonly RecoveryProblem[];
}

/** How the recovery of many is done. */
export interface RecoverManyRequest extends RecoverRequest {
  /** Look and decide, start nothing. @default false */
  readonly preview?: boolean;
  /** Ends it after the tasks that are in hand. */
  readonly signal?: AbortSignal;
}

const PAGE = 100;
const AT_ONCE = 10;

/**
 * Recovers all failed tasks that a filter chooses, or says what would be done. One that cannot be recovered is a problem
 * of its own and hinders no other.
 * @throws {RekindleError} INVALID_INPUT when the filter chooses nothing, or the request contradicts itself.
 */
export async function recoverMany(
  client: Client,
  filter: RecoverFilter,
  request: RecoverManyRequest,
  understanding: Understanding,
): Promise<ManyRecoveries> {
  requireChoice(filter);
  requireOnePlace(request);
  const many = new Many(client, filter, request, understanding);
  for await (const page of filter.taskIds ? many.named(filter.taskIds) : many.listed()) {
    await many.recover(page);
    if (many.full || request.signal?.aborted) break;
  }
  return { recoveries: many.recoveries, problems: inOrder(many.problems, filter.taskIds) };
}

/** A task that was looked at and is meant. */
interface Chosen {
  readonly record: TaskRecord;
  readonly run: FailedRun;
}

class Many implements ManyRecoveries {
  readonly recoveries: RecoveryOfMany[] = [];
  readonly problems: RecoveryProblem[] = [];
  readonly #client: Client;
  readonly #filter: RecoverFilter;
  readonly #request: RecoverManyRequest;
  readonly #understanding: Understanding;
  /** Latest run by task, as far as it was asked. */
  readonly #latest = new Map<string, string>();
  readonly #taken = new Set<string>();

  constructor(
    client: Client,
    filter: RecoverFilter,
    request: RecoverManyRequest,
    understanding: Understanding,
  ) {
    this.#client = client;
    this.#filter = filter;
    this.#request = request;
    this.#understanding = understanding;
  }

  get full(): boolean {
    return this.#taken.size >= (this.#filter.limit ?? Number.POSITIVE_INFINITY);
  }

  /** Tasks by their IDs. */
  async *named(taskIds: readonly string[]): AsyncGenerator<readonly Chosen[]> {
    const all = [...new Set(taskIds)];
    for (let at = 0; at < all.length; at += PAGE) {
      yield await this.#each(all.slice(at, at + PAGE), (taskId) =>
        this.#unlessProblem({ taskId }, async () => {
          const latest = await latestRun(this.#client, taskId);
          if (!latest) throw notFound(taskId);
          const { sinceMs = 0, type = latest.state.taskType } = this.#filter;
          const inTime = latest.closedAtMs === null || latest.closedAtMs >= sinceMs;
          if (!inTime || latest.state.taskType !== type) return undefined;
          requireFailed(latest);
          return await this.#understood(latest);
        }),
      );
    }
  }

  /** Tasks whose latest run is among the failed ones. */
  async *listed(): AsyncGenerator<readonly Chosen[]> {
    const { type: taskType, sinceMs = 0 } = this.#filter;
    for (const where of this.#questions()) {
      let pageToken: string | null = null;
      do {
        const page = await listFailedRuns(this.#client, {
          sinceMs,
          pageSize: PAGE,
          pageToken,
          taskType,
          where,
        });
        pageToken = page.nextPageToken;
        const readable = await this.#each(page.records, (record) =>
          this.#unlessProblem(record, () => this.#ifLatest(record)),
        );
        for (const { record, error } of page.unreadable) this.#note(record, error);
        yield readable;
      } while (pageToken !== null);
    }
  }

  /** Starts what was chosen, or looks how it would start. */
  async recover(chosen: readonly Chosen[]): Promise<void> {
    const wanted = chosen.filter(({ record }) => {
      // A forced one may have run, and failed, since it was taken.
      if (this.full || this.#taken.has(record.taskId)) return false;
      this.#taken.add(record.taskId);
      return true;
    });
    const done = await this.#each(wanted, ({ record, run }) =>
      this.#request.signal?.aborted
        ? Promise.resolve(undefined)
        : this.#unlessProblem(record, () => this.#recoverOne(record, run), run.failure.category),
    );
    this.recoveries.push(...done);
  }

  async #recoverOne(record: TaskRecord, run: FailedRun): Promise<RecoveryOfMany> {
    const plan = await planFor(this.#client, record, run, this.#request);
    const runId = this.#request.preview ? null : (await carryOut(this.#client, plan)).runId;
    const { delayMs, attempt, strategy } = plan.decision;
    return {
      taskId: run.taskId,
      taskType: run.taskType,
      category: run.failure.category,
      fingerprint: run.failure.fingerprint,
      message: run.failure.message,
      delayMs,
      attempt,
      strategy,
      fromStep: plan.checkpoint?.step ?? null,
      runId,
    };
  }

  /**
   * What lists are asked, one after the other. A run that could not say why it failed has neither attribute, and is looked
   * at to find out; so it is one question by an attribute, which an index answers, and one for those without it.
   */
  #questions(): readonly (string | undefined)[] {
    const { category, fingerprint } = this.#filter;
    if (fingerprint !== undefined) return [`Fingerprint = ${quoted(fingerprint)}`, 'Fingerprint IS NULL'];
    if (category !== undefined) return [`FailureCategory = ${quoted(category)}`, 'FailureCategory IS NULL'];
    return [undefined];
  }

  /** undefined: the task has run again since, or is not meant. */
  async #ifLatest({ taskId, runId }: TaskRecord): Promise<Chosen | undefined> {
    const known = this.#latest.get(taskId);
    if (known !== undefined && known !== runId) return undefined;
    const latest = await latestRun(this.#client, taskId);
    if (latest) this.#latest.set(taskId, latest.runId);
    return latest?.runId === runId ? await this.#understood(latest) : undefined;
  }

  async #understood(latest: TaskRecord): Promise<Chosen | undefined> {
    const run = await failedRunOf(this.#client, latest, this.#understanding);
    const { category = run.failure.category, fingerprint = run.failure.fingerprint } = this.#filter;
    if (run.failure.category !== category || run.failure.fingerprint !== fingerprint) return undefined;
    return { record: { ...latest, state: { ...latest.state, lastError: run.failure } }, run };
  }

  /** Does `work` for every item, some at once; undefined results are left out. It must not throw. */
  async #each<T, R>(items: readonly T[], work: (item: T) => Promise<R | undefined>): Promise<R[]> {
    const results = await inSlots(items, AT_ONCE, work);
    return results.filter((one) => one !== undefined);
  }

  async #unlessProblem<T>(
    of: Pick<TaskRecord, 'taskId'> & Partial<TaskRecord>,
    work: () => Promise<T>,
    category?: string,
  ): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      this.#note(of, error, category);
      return undefined;
    }
  }

  #note(
    { taskId, state }: Pick<TaskRecord, 'taskId'> & Partial<TaskRecord>,
    error: unknown,
    category?: string,
  ): void {
    this.problems.push({
      taskId,
      taskType: state?.taskType ?? null,
      category: category ?? state?.lastError?.category ?? null,
      code: isRekindleError(error) ? error.code : null,
      message: this.#understanding.shortMessage(error),
      hint: isRekindleError(error) ? (error.hint ?? null) : null,
    });
  }
}

/** Problems turn up in any order, since tasks are looked at several at once; people named them in theirs. */
function inOrder(problems: readonly RecoveryProblem[], taskIds: readonly string[] = []): RecoveryProblem[] {
  const places = new Map(taskIds.map((taskId, i) => [taskId, i]));
  const placeOf = ({ taskId }: RecoveryProblem) => places.get(taskId) ?? 0;
  return [...problems].sort((a, b) => placeOf(a) - placeOf(b));
}

function requireChoice({ taskIds, category, type, fingerprint, sinceMs }: RecoverFilter): void {
  if ([taskIds, category, type, fingerprint, sinceMs].every((one) => one === undefined)) {
    throw new RekindleError('INVALID_INPUT', 'nothing says which tasks are to be recovered', {
      hint: 'Name tasks, or choose them by category, type, fingerprint or time.',
    });
  }
}
