import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { expect, it, onTestFinished } from 'vitest';
import type { TakenOver } from '../../src/supervisor/take-over.ts';
import { validateRecovery } from '../../src/supervisor/validate-recovery.ts';

const INTERRUPTED: TakenOver = { workflowId: 'a', runId: 'r', activityId: '1', attempt: 1, taskToken: '' };
const NO_SERVER = {} as Client;

it('ends with what was not looked at when its time is over and it is broken off at once', async () => {
  const unhandled: unknown[] = [];
  const note = (reason: unknown): void => void unhandled.push(reason);
  process.on('unhandledRejection', note);
  onTestFinished(() => void process.off('unhandledRejection', note));

  const validation = await validateRecovery(NO_SERVER, [INTERRUPTED], {
    timeoutMs: 0,
    signal: AbortSignal.abort(),
  });
  await nextTurn();

  expect(validation.problems).toEqual(['a: was not looked at']);
  expect(unhandled).toEqual([]);
});

it('stops looking when it is broken off during a pause', async () => {
  const ending = new AbortController();
  const validating = validateRecovery(NO_SERVER, [INTERRUPTED], { signal: ending.signal });
  ending.abort();

  expect((await validating).problems).toEqual(['a: was not looked at']);
});
