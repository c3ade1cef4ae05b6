import type { OnUnreadable, UnreadableRun } from './list-runs.ts';

/** Named in a warning; there may be thousands. */
const MOST_NAMED = 5;

/** Gathers what cannot be read, for one warning. */
export class UnreadableTasks {
  readonly #runs = new Map<string, UnreadableRun>();

  readonly note: OnUnreadable = (run) => {
    if (!this.#runs.has(run.taskId)) this.#runs.set(run.taskId, run);
  };

  /** One sentence that names tasks and keys, and what to do; null: everything could be read. */
  get warning(): string | null {
    const runs = [...this.#runs.values()];
    const [first] = runs;
    if (!first) return null;
    const ids = runs.slice(0, MOST_NAMED).map(({ taskId }) => taskId);
    const more = runs.length > ids.length ? ` and ${runs.length - ids.length} more` : '';
    const keys = [...new Set(runs.flatMap(({ keyId }) => keyId ?? []))].map((id) => `"${id}"`);
    const by = keys.length > 0 ? ` (encrypted with ${keys.join(', ')})` : '';
    const { error } = first;
    return `left out because they cannot be read: ${ids.join(', ')}${more}${by}: ${error instanceof Error ? error.message : String(error)}`;
  }
}
