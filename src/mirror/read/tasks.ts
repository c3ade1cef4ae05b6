import { type Checkpoint, parseCheckpoint } from '../../domain/checkpoint.ts';
import type { JsonObject } from '../../domain/json.ts';
import type { TaskStatus, TaskType } from '../../domain/task.ts';
import type { SqlValue } from '../connection.ts';
import type { Mirror } from '../mirror.ts';
import { isoOfSqlTime, sqlTime } from '../time.ts';
import { JsonColumns } from './json-column.ts';

/** A row of `task_states`. Times are ISO 8601 in UTC. */
export interface MirrorTask {
  readonly task_id: string;
  readonly task_type: TaskType;
  readonly status: TaskStatus;
  readonly progress: number;
  readonly data: JsonObject | null;
  readonly checkpoint: Checkpoint | null;
  readonly retry_count: number;
  readonly last_error: string | null;
  readonly created_at: string;
  readonly updated_at: string;
  /** What is damaged in this row, one sentence a column; empty for a sound one. */
  readonly problems: readonly string[];
}

/** Which tasks to list; all conditions must hold. */
export interface TaskFilter {
  readonly status?: TaskStatus;
  readonly type?: TaskType;
  /** Last changed longer ago than this, in ms. */
  readonly olderThanMs?: number;
  /** @default 100 */
  readonly limit?: number;
  /** How many to skip. @default 0 */
  readonly offset?: number;
}

type Row = Omit<MirrorTask, 'data' | 'checkpoint' | 'problems'> & {
  readonly data: string | null;
  readonly checkpoint_data: string | null;
};

const COLUMNS =
  'task_id, task_type, status, progress, data, checkpoint_data, retry_count, last_error, created_at, updated_at';

const CONDITIONS = {
  status: 'status = @status',
  type: 'task_type = @type',
  before: 'updated_at < @before',
} as const;

/** Lists tasks, the last changed first. @throws {RekindleError} `MIRROR_UNAVAILABLE`. */
export function listTasks(mirror: Mirror, filter: TaskFilter = {}, nowMs = Date.now()): MirrorTask[] {
  const { status, type, olderThanMs, limit = 100, offset = 0 } = filter;
  const before = olderThanMs === undefined ? undefined : sqlTime(nowMs - olderThanMs);
  const given: [keyof typeof CONDITIONS, SqlValue | undefined][] = [
    ['status', status],
    ['type', type],
    ['before', before],
  ];
  const used = given.filter((entry): entry is [keyof typeof CONDITIONS, SqlValue] => entry[1] !== undefined);
  const where = used.length > 0 ? `WHERE ${used.map(([name]) => CONDITIONS[name]).join(' AND ')}` : '';
  const sql = `SELECT ${COLUMNS} FROM task_states ${where}
    ORDER BY updated_at DESC, task_id LIMIT @limit OFFSET @offset`;
  const params = { ...Object.fromEntries(used), limit, offset };
  return mirror.read((connection) => connection.all<Row>(sql, params)).map(toTask);
}

/** One task, or undefined. @throws {RekindleError} `MIRROR_UNAVAILABLE`. */
export function getTask(mirror: Mirror, taskId: string): MirrorTask | undefined {
  const sql = `SELECT ${COLUMNS} FROM task_states WHERE task_id = ?`;
  const row = mirror.read((connection) => connection.get<Row>(sql, [taskId]));
  return row && toTask(row);
}

function toTask({ checkpoint_data, ...row }: Row): MirrorTask {
  const json = new JsonColumns(`task ${row.task_id}`);
  return {
    ...row,
    data: json.object('data', row.data),
    checkpoint: json.parsed('checkpoint_data', checkpoint_data, parseCheckpoint),
    created_at: isoOfSqlTime(row.created_at),
    updated_at: isoOfSqlTime(row.updated_at),
    problems: json.problems,
  };
}
