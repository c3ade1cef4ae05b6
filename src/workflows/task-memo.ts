import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import { upsertMemo, upsertSearchAttributes } from '@temporalio/workflow';
import type { TaskState } from '../domain/task-state.ts';

/** Changes that come faster than this are written together: each write is an event and a visibility update. */
const QUIET_MS = 5000;

const taskStatus = defineSearchAttributeKey('TaskStatus', SearchAttributeType.KEYWORD);
const failureCategory = defineSearchAttributeKey('FailureCategory', SearchAttributeType.KEYWORD);
const fingerprint = defineSearchAttributeKey('Fingerprint', SearchAttributeType.KEYWORD);
const recoveryAttempts = defineSearchAttributeKey('RecoveryAttempts', SearchAttributeType.INT);
const taskUpdatedAt = defineSearchAttributeKey('TaskUpdatedAt', SearchAttributeType.DATETIME);

/** Writes a task's state to its memo and search attributes, from where lists and the mirror take it. */
export class TaskMemo {
  readonly #written: Record<string, string> = {};
  #writtenAtMs = 0;

  /** Writes unless it wrote a moment ago; the next change will carry this one. */
  offer(state: TaskState): void {
    if (Date.now() - this.#writtenAtMs >= QUIET_MS) this.write(state);
  }

  /** Writes what differs from the last write. */
  write(state: TaskState): void {
    const changes = this.#changes(state);
    if (Object.keys(changes).length === 0) return;
    this.#writtenAtMs = Date.now();
    upsertMemo({ ...changes, updatedAt: state.updatedAt });
    upsertSearchAttributes([
      { key: taskStatus, value: state.status },
      { key: taskUpdatedAt, value: new Date(state.updatedAt) },
      { key: recoveryAttempts, value: state.recoveryAttempts },
      ...(state.lastError ? [{ key: failureCategory, value: state.lastError.category }] : []),
      ...(state.lastError?.fingerprint ? [{ key: fingerprint, value: state.lastError.fingerprint }] : []),
    ]);
  }

  #changes(state: TaskState): Record<string, unknown> {
    const changes: Record<string, unknown> = {};
    for (const [key, value] of Object.entries(state)) {
      const text = JSON.stringify(value);
      if (key === 'updatedAt' || this.#written[key] === text) continue;
      this.#written[key] = text;
      changes[key] = value;
    }
    return changes;
  }
}
