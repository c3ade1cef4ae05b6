import type { TaskRecord } from '../../../src/domain/task-record.ts';
import { changedAtMs, type TaskSource } from '../../../src/mirror/index.ts';

/** A Temporal with only a visibility: what the projector reads from. */
export class FakeSource implements TaskSource {
  readonly records = new Map<string, TaskRecord>();
  /** Thrown instead of answering, while it is set. */
  failure: Error | undefined;
  /** Called before each page of `all()`, with its number from 0. */
  beforePage: (page: number) => void = () => {};
  readonly pageSize: number;
  readonly askedSince: number[] = [];
  askedForAll = 0;

  constructor(records: readonly TaskRecord[] = [], pageSize = 100) {
    this.pageSize = pageSize;
    this.put(...records);
  }

  put(...records: readonly TaskRecord[]): void {
    for (const record of records) this.records.set(`${record.taskId}/${record.runId}`, record);
  }

  changedSince(ms: number): AsyncIterable<readonly TaskRecord[]> {
    this.askedSince.push(ms);
    return this.#pages((record) => changedAtMs(record) >= ms);
  }

  all(): AsyncIterable<readonly TaskRecord[]> {
    this.askedForAll += 1;
    return this.#pages(
      () => true,
      (page) => this.beforePage(page),
    );
  }

  async *#pages(
    wanted: (record: TaskRecord) => boolean,
    before = (_page: number) => {},
  ): AsyncGenerator<readonly TaskRecord[]> {
    if (this.failure) throw this.failure;
    const found = [...this.records.values()].filter(wanted);
    for (let i = 0; i < found.length; i += this.pageSize) {
      before(i / this.pageSize);
      yield found.slice(i, i + this.pageSize);
    }
  }
}
