import type { ResourceLockView } from '../../domain/resource-lock.ts';
import { shownName } from '../../locks/resource-name.ts';
import type { Texts } from '../texts.ts';
import { table } from './table.ts';

/** Longer names are cut. */
const NAME_LENGTH = 60;

/** A line for each lock. */
export function lockTable(locks: readonly ResourceLockView[], { lock: columns }: Texts): string[] {
  const rows = locks.map(({ name, scope, holder, waiting }) => [
    shownName(name, NAME_LENGTH),
    columns[scope],
    holder ? `${holder.pid}${holder.host ? ` @ ${holder.host}` : ''}` : '–',
    holder?.purpose ?? '–',
    holder?.since ?? '–',
    String(waiting),
  ]);
  const head = [columns.name, columns.scope, columns.holder, columns.purpose, columns.since, columns.waiting];
  return table([head, ...rows]);
}
