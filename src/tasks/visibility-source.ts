import type { Client } from '@temporalio/client';
import type { TaskRecord } from '../domain/task-record.ts';
import type { OnUnreadable } from './list-runs.ts';
import { ALL_TASKS, taskRecords } from './task-records.ts';

/** Records handed on together; one transaction of the mirror each. */
const PAGE = 500;

/** Temporal's visibility as the source that the mirror is projected from (its `TaskSource`). */
export class VisibilitySource {
  readonly #client: Client;
  readonly #onUnreadable: OnUnreadable | undefined;

  /** @param onUnreadable told of runs that are left out since they cannot be read. @default it is thrown */
  constructor(client: Client, onUnreadable?: OnUnreadable) {
    this.#client = client;
    this.#onUnreadable = onUnreadable;
  }

  /**
   * Tasks write `TaskUpdatedAt` with everything they do, their end included; only runs that the server ended are found by
   * their close. Two questions that an index answers each: asked as one with OR, visibility on SQLite reads
   * every run there ever was (measured, docs/decisions/0005-what-following-costs.md).
   */
  async *changedSince(ms: number): AsyncGenerator<readonly TaskRecord[]> {
    const at = `'${new Date(Math.max(0, ms)).toISOString()}'`;
    yield* this.#pages(`TaskUpdatedAt >= ${at}`);
    yield* this.#pages(
      `ExecutionStatus IN ('Terminated', 'TimedOut') AND CloseTime >= ${at} AND ${ALL_TASKS}`,
    );
  }

  all(): AsyncIterable<readonly TaskRecord[]> {
    return this.#pages(ALL_TASKS);
  }

  async *#pages(query: string): AsyncGenerator<readonly TaskRecord[]> {
    let page: TaskRecord[] = [];
    for await (const record of taskRecords(this.#client, query, this.#onUnreadable)) {
      page.push(record);
      if (page.length < PAGE) continue;
      yield page;
      page = [];
    }
    if (page.length > 0) yield page;
  }
}
