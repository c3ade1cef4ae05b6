/** What was asked of crash recovery (SPEC section 8), beside what was reached. */
import type { DrillAccount } from '../src/cli/drill/account.ts';
import { PROMISES } from '../src/cli/drill/promises.ts';
import { printTable } from './support/measure.ts';

/** One thing that was asked. */
export interface Asked {
  readonly what: string;
  readonly asked: string;
  readonly reached: string;
  readonly kept: boolean;
}

type Shown = (value: number) => string;

/** Prints them. */
export function printAsked(title: string, all: readonly Asked[]): void {
  printTable(
    title,
    ['', 'asked', 'reached', ''],
    all.map(({ what, asked, reached, kept }) => [what, asked, reached, kept ? '✓' : '✗']),
  );
}

/** So much or less. @param shown as people read it */
export function atMost(what: string, asked: number, reached: number, shown: Shown = String): Asked {
  return { what, asked: `≤ ${shown(asked)}`, reached: shown(reached), kept: reached <= asked };
}

/** So much or more. */
export function atLeast(what: string, asked: number, reached: number, shown: Shown = String): Asked {
  return { what, asked: `≥ ${shown(asked)}`, reached: shown(reached), kept: reached >= asked };
}

export const inSeconds = (ms: number): string => `${(ms / 1000).toFixed(2)} s`;
const asShare = (share: number): string => `${(100 * share).toFixed(2)} %`;
const inKiB = (bytes: number): string => `${(bytes / 1024).toFixed(0)} KiB`;

/** What is asked of every drill. */
export function askedOfAll(account: DrillAccount): Asked[] {
  const none = (what: string, found: number): Asked => atMost(what, 0, found);
  return [
    none('tasks not in the end state they must have', account.tasksLost.length),
    none('tasks done twice', account.tasksDoneTwice.length),
    none('finished steps repeated', account.finishedStepsRepeated),
    none('files with a wrong SHA-256', account.wrongContent.length),
    none('retries booked on innocent tasks', account.budgetsBurnt),
    none('that never went on', account.neverWentOn),
    none('kills that no completed recovery session tells of', account.killsUnrecorded.length),
    none('processes left running', account.leftRunning.length),
    atMost(
      'sent again for each interrupted download',
      PROMISES.bytesAgainForEach,
      account.bytesAgainForEach,
      inKiB,
    ),
    atLeast('mirror equal to Temporal by itself', PROMISES.mirrorBefore, account.mirrorBefore ?? 0, asShare),
    atLeast('mirror equal after reconciliation', PROMISES.mirrorAfter, account.mirrorAfter ?? 0, asShare),
  ];
}
