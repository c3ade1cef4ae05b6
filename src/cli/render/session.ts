import { type SessionView, sessionText } from '../../domain/session.ts';
import type { Texts } from '../texts.ts';
import { table } from './table.ts';

/** A line for each session. */
export function sessionTable(sessions: readonly SessionView[], { session: columns }: Texts): string[] {
  const rows = sessions.map((one) => [
    sessionText(one),
    columns.state[one.status],
    one.expires_at ?? '–',
    one.last_used_at ?? '–',
    String(one.waiting),
    one.what_to_do ?? one.last_error ?? '',
  ]);
  const head = [columns.name, columns.status, columns.until, columns.used, columns.waiting, columns.note];
  return table([head, ...rows]).map((line) => line.trimEnd());
}

/** One session, a line for each thing that is known of it. */
export function sessionLines(one: SessionView, { session: words }: Texts): string[] {
  const rows: [string, string | null][] = [
    [words.field.status, words.state[one.status]],
    [words.field.obtained, one.obtained_at],
    [words.field.until, one.expires_at],
    [words.field.used, one.last_used_at],
    [words.field.logins, String(one.version)],
    [words.field.waiting, one.waiting > 0 ? String(one.waiting) : null],
    [words.field.toDo, one.what_to_do],
    [words.field.error, one.last_error],
    [words.field.task, one.login_task_id],
  ];
  const known = rows.filter((row): row is [string, string] => row[1] !== null);
  return [sessionText(one), ...table(known.map(([name, value]) => [`  ${name}`, value]))];
}
