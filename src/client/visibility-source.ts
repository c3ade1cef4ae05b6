import type { Client } from '@temporalio/client';
import type { TaskRecord } from '../domain/task-record.ts';
import { ALL_TASKS, taskRecords } from './task-records.ts';

/** Records handed on together; one transaction of the mirror each. */
const PAGE = 500;

/** Temporal's visibility as the source that the mirror is projected from (its `TaskSource`). */
export class VisibilitySource {
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
  }

  changedSince(ms: number): AsyncIterable<readonly TaskRecord[]> {
    const at = `'${new Date(Math.max(0, ms)).toISOString()}'`;
    const changed = `(TaskUpdatedAt >= ${at} OR CloseTime >= ${at} OR StartTime >= ${at})`;
    return this.#pages(`${ALL_TASKS} AND ${changed}`);
  }

  all(): AsyncIterable<readonly TaskRecord[]> {
    return this.#pages(ALL_TASKS);
  }

  async *#pages(query: string): AsyncGenerator<readonly TaskRecord[]> {
    let page: TaskRecord[] = [];
    for await (const record of taskRecords(this.#client, query)) {
      page.push(record);
      if (page.length < PAGE) continue;
      yield page;
      page = [];
    }
    if (page.length > 0) yield page;
  }
}
