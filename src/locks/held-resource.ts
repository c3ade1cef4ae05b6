import { RekindleError } from '../domain/error-codes.ts';
import type { LockHolding } from '../domain/resource-lock.ts';
import { shownName } from './resource-name.ts';

/** A resource lock that is held. */
export interface HeldResource {
  /** Aborted with `RESOURCE_LOST` when the lock is no longer ours. */
  readonly lost: AbortSignal;
  /** Finds out now whether it is still ours; {@link lost} says so afterwards. */
  check(): void;
  /** Gives it back; a second call does nothing. Never throws. */
  release(): Promise<void>;
}

/** How a resource lock is waited for. */
export interface ResourceWait {
  /** How long to wait, in ms; 0: not at all. @default 30 s */
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** What it is for; shown to those who wait, and in lists. @default the program's name */
  readonly purpose?: string | undefined;
}

/** How long is waited for a resource lock when nobody says how long, in ms. */
export const DEFAULT_TIMEOUT_MS = 30_000;

/** The error of one whose time is over. */
export function resourceBusy(
  name: string,
  timeoutMs: number,
  holder: LockHolding | null,
  waiting: number,
): RekindleError {
  const who = holder
    ? `process ${holder.pid}${holder.host ? ` on ${holder.host}` : ''} (${holder.purpose}) holds it since ${holder.since}`
    : 'nobody says who holds it';
  const others = waiting > 0 ? `, ${waiting} other(s) wait` : '';
  return new RekindleError(
    'RESOURCE_BUSY',
    `waited ${timeoutMs / 1000} s for the lock "${shownName(name)}": ${who}${others}`,
    {
      hint: 'Wait for the holder or end it; `rekindle lock list` shows all locks.',
      facts: {
        name: shownName(name),
        pid: holder?.pid ?? null,
        host: holder?.host ?? null,
        purpose: holder?.purpose ?? null,
        since: holder?.since ?? null,
        waiting,
      },
    },
  );
}

/** The error of one that held the lock, and does no longer. */
export function resourceLost(name: string, why: string): RekindleError {
  return new RekindleError('RESOURCE_LOST', `the lock "${shownName(name)}" was lost: ${why}`, {
    hint: 'What was done since may have met the work of another holder; do it again.',
    facts: { name: shownName(name) },
  });
}
