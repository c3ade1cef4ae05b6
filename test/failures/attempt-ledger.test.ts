import { Context } from '@temporalio/activity';
import { describe, expect, test } from 'vitest';
import { FIRST_HEARTBEAT } from '../../src/domain/step.ts';
import { AttemptLedger, carriedOn } from '../../src/failures/attempt-ledger.ts';
import { attempt, EXACT_POLICY } from './activity-attempt.ts';

const ledgerOf = (info: Parameters<typeof attempt>[0] = {}) => AttemptLedger.of(attempt(info).context);

test('interceptor and activity have the same ledger, since they have the same context', async () => {
  const { run, context } = attempt();
  const inside = await run(async () => AttemptLedger.of(Context.current()));
  expect(inside).toBe(AttemptLedger.of(context));
});

test('two activities have ledgers of their own', () => {
  expect(ledgerOf()).not.toBe(ledgerOf());
});

describe('a ledger begins', () => {
  test('empty in the first attempt', () => {
    expect(ledgerOf().beat).toEqual(FIRST_HEARTBEAT);
  });

  test('with what the attempt before sent last', () => {
    const beat = { ...FIRST_HEARTBEAT, fraction: 0.25, failures: 2, data: { downloaded_bytes: 7 } };
    expect(ledgerOf({ attempt: 3, heartbeatDetails: beat }).beat).toEqual(beat);
  });

  test.each([
    ['a word', 'half way'],
    ['a list', [1, 2]],
    ['null', null],
    ['a number too few', { ...FIRST_HEARTBEAT, failures: undefined }],
    ['text for a number', { ...FIRST_HEARTBEAT, progress: '7' }],
    ['no budget', { ...FIRST_HEARTBEAT, budget: null }],
    ['data that is a list', { ...FIRST_HEARTBEAT, data: [] }],
  ])('empty when the details are not ours: %s', (_name, heartbeatDetails) => {
    expect(ledgerOf({ heartbeatDetails }).beat).toEqual(FIRST_HEARTBEAT);
  });
});

test('a report keeps budgets and failures', () => {
  const { context, beats } = attempt({
    attempt: 2,
    heartbeatDetails: { ...FIRST_HEARTBEAT, failures: 1, budget: { network_error: 1 } },
  });
  AttemptLedger.of(context).report({ fraction: 0.5, progress: 10, data: { downloaded_bytes: 10 } });
  expect(beats).toEqual([
    {
      fraction: 0.5,
      progress: 10,
      data: { downloaded_bytes: 10 },
      progressAtFailure: 0,
      failures: 1,
      budget: { network_error: 1 },
    },
  ]);
});

test('a failure is told to the server before the error is thrown', () => {
  const { context, beats } = attempt();
  const decision = AttemptLedger.of(context).fail(EXACT_POLICY, 'auth_error', {});
  expect(decision).toEqual({ retry: true, delayMs: 5000, budget: { auth_error: 1 } });
  expect(beats.at(-1)).toMatchObject({ failures: 1, budget: { auth_error: 1 } });
});

test('attempts without a failure of their own count as lost', () => {
  const beat = { ...FIRST_HEARTBEAT, failures: 2 };
  expect(ledgerOf({ attempt: 3, heartbeatDetails: beat }).lostAttempts).toBe(0);
  expect(ledgerOf({ attempt: 6, heartbeatDetails: beat }).lostAttempts).toBe(3);
});

test('lost attempts are forgiven when the step gets further, and only then', () => {
  const beat = { ...FIRST_HEARTBEAT, progress: 10, failures: 1 };
  const { context, beats } = attempt({ attempt: 5, heartbeatDetails: beat });
  const ledger = AttemptLedger.of(context);
  ledger.report({ fraction: 0.1, progress: 10, data: {} });
  expect(ledger.lostAttempts).toBe(3);
  ledger.report({ fraction: 0.2, progress: 11, data: {} });
  expect(ledger.lostAttempts).toBe(0);
  expect(ledgerOf({ attempt: 8, heartbeatDetails: beats.at(-1) }).lostAttempts).toBe(3);
});

test('each time that another worker carries the attempt on counts as a loss, until the step gets further', () => {
  const first = ledgerOf({ heartbeatDetails: carriedOn(undefined) });
  expect(first.lostAttempts).toBe(1);
  const { context } = attempt({
    heartbeatDetails: carriedOn(carriedOn({ ...FIRST_HEARTBEAT, progress: 5 })),
  });
  const ledger = AttemptLedger.of(context);
  expect(ledger.lostAttempts).toBe(2);
  ledger.report({ fraction: 0.1, progress: 6, data: {} });
  expect(ledger.lostAttempts).toBe(0);
});

test('attempts that gave their place away are neither lost nor failed, and add up to one wait', () => {
  const first = attempt();
  const ledger = AttemptLedger.of(first.context);
  expect(ledger.wait(1000)).toBe(0);
  const second = attempt({ attempt: 2, heartbeatDetails: first.beats.at(-1) });
  const later = AttemptLedger.of(second.context);
  expect([later.lostAttempts, later.beat.failures]).toEqual([0, 0]);
  expect(later.wait(4500)).toBe(3500);
  // What is achieved ends the wait; the next one counts from its own beginning.
  later.report({ fraction: 0.5, progress: 1, data: {} });
  expect(later.wait(9000)).toBe(0);
});

test('notes reach the attempts after this one', () => {
  const first = attempt();
  const ledger = AttemptLedger.of(first.context);
  ledger.note({ a: 1 });
  ledger.note({ b: 2 });
  const second = attempt({ attempt: 2, heartbeatDetails: first.beats.at(-1) });
  expect(AttemptLedger.of(second.context).notes).toEqual({ a: 1, b: 2 });
});
