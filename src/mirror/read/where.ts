import type { SqlValue } from '../connection.ts';

/**
 * A WHERE of those conditions that have a value. A condition names its value: `team = @team`.
 * @returns the clause, empty without conditions, and its values.
 */
export function where(conditions: Readonly<Record<string, SqlValue | undefined>>): {
  readonly sql: string;
  readonly params: Readonly<Record<string, SqlValue>>;
} {
  const used = Object.entries(conditions).filter(
    (entry): entry is [string, SqlValue] => entry[1] !== undefined,
  );
  const params = used.map(([condition, value]) => [/@(\w+)/.exec(condition)?.[1] ?? '', value] as const);
  return {
    sql: used.length > 0 ? `WHERE ${used.map(([condition]) => condition).join(' AND ')}` : '',
    params: Object.fromEntries(params),
  };
}
