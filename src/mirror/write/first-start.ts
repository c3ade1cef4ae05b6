import type { Connection } from '../connection.ts';
import { sqlTime } from '../time.ts';

/**
 * Notes that a task was already started at `firstMs`, which becomes its `created_at` when nothing earlier is known.
 * @returns whether that was new.
 */
export function noteFirstStart(connection: Connection, taskId: string, firstMs: number): boolean {
  const earlier = connection.run(
    'UPDATE task_runs SET first_started_ms = @firstMs WHERE task_id = @taskId AND first_started_ms > @firstMs',
    { taskId, firstMs },
  );
  if (earlier === 0) return false;
  connection.run('UPDATE task_states SET created_at = ? WHERE task_id = ?', [sqlTime(firstMs), taskId]);
  return true;
}
