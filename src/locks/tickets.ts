/**
 * The line before a lock: one file for each that waits, named by when it came (the machine's monotonic clock, which all
 * its processes share). Each ticket is a lock of its own, held by who drew it, so one that was killed does not count.
 */
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type ProcessLock, tryLock } from './process-lock.ts';
import { tryInPlace } from './try-in-place.ts';

const TICKET = '.ticket';
let drawn = 0;

/** A place in the line. */
export interface Ticket {
  /** Its file's name; sorts as the line stands. */
  readonly name: string;
  drop(): void;
}

/** Takes the place at the line's end. @throws {RekindleError} `NOT_WRITABLE` */
export function drawTicket(directory: string, purpose: string): Ticket {
  for (;;) {
    const time = process.hrtime.bigint().toString().padStart(20, '0');
    drawn += 1;
    const path = join(directory, `${time}-${process.pid}-${drawn}${TICKET}`);
    const lock = tryInPlace(path, purpose);
    // Somebody who looked before it was locked takes it for a dead one, and removes it.
    if (lock && existsSync(path)) return { name: basename(path), drop: () => remove(lock) };
    lock?.release();
  }
}

/** The next ticket before this one whose owner is alive; null: it is the first. Dead ones are removed. */
export function nextAhead(directory: string, ticket: Ticket): string | null {
  const ahead = ticketsIn(directory).filter((name) => name < ticket.name);
  return ahead.reverse().find((name) => isWaiting(directory, name)) ?? null;
}

/** How many wait. */
export function countWaiting(directory: string): number {
  return ticketsIn(directory).filter((name) => isWaiting(directory, name)).length;
}

/** Removes the tickets of those who died. @returns how many. */
export function removeDeadTickets(directory: string): number {
  const before = ticketsIn(directory).length;
  return before - countWaiting(directory);
}

/** Whether there is a line, or what is left of one. */
export function hasTickets(directory: string): boolean {
  return ticketsIn(directory).length > 0;
}

function isWaiting(directory: string, name: string): boolean {
  const path = join(directory, name);
  if (!existsSync(path)) return false;
  const lock = tryLock(path);
  if (!lock) return true;
  remove(lock);
  return false;
}

/** The file goes first: as long as it is there it is locked. */
function remove(lock: ProcessLock): void {
  rmSync(lock.path, { force: true });
  lock.release();
}

function ticketsIn(directory: string): string[] {
  try {
    return readdirSync(directory)
      .filter((name) => name.endsWith(TICKET))
      .sort();
  } catch {
    return [];
  }
}
