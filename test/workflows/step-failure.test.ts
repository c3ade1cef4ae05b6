import { ActivityFailure, ApplicationFailure, CancelledFailure, TimeoutFailure } from '@temporalio/common';
import { describe, expect, test } from 'vitest';
import { ERROR_CODES } from '../../src/domain/error-codes.ts';
import { failureInfoOf, isStopped } from '../../src/workflows/step-failure.ts';
import { finalFailure } from './fake-steps.ts';

type Ending = ConstructorParameters<typeof ActivityFailure>[3];
const ofStep = (cause: Error, ending: Ending = 'NON_RETRYABLE_FAILURE') =>
  new ActivityFailure('Activity task failed', 'transfer', '3', ending, undefined, cause);

describe('what ended a step is known', () => {
  test('from what the interceptor found out, and the step is added', () => {
    expect(failureInfoOf(ofStep(finalFailure()), 'transfer')).toMatchObject({
      category: 'recoverable_network',
      rule: 'code.ECONNRESET',
      step: 'transfer',
    });
  });

  test('also when it is wrapped more than once', () => {
    const wrapped = ApplicationFailure.create({ message: 'outer', cause: ofStep(finalFailure()) });
    expect(failureInfoOf(wrapped, 'transfer').rule).toBe('code.ECONNRESET');
  });

  test.each([
    ['HEARTBEAT', 'WORKER_LOST'],
    ['START_TO_CLOSE', 'STEP_TIMEOUT'],
    ['SCHEDULE_TO_CLOSE', 'STEP_TIMEOUT'],
    ['SCHEDULE_TO_START', 'STEP_TIMEOUT'],
  ] as const)('from a timeout, which no interceptor sees: %s is %s', (timeout, code) => {
    const failure = ofStep(new TimeoutFailure('activity timeout', undefined, timeout));
    const { category, retryType } = ERROR_CODES[code];
    expect(failureInfoOf(failure, 'verify')).toMatchObject({
      errorType: code,
      rule: `code.${code}`,
      category,
      retryType,
      step: 'verify',
      attempts: {},
    });
  });

  test.each([
    ['nothing', []],
    ['a word', ['half']],
    ['an object of another kind', [{ category: 7 }]],
  ])('to be unknown when its details are %s', (_what, details) => {
    const failure = ApplicationFailure.create({ message: 'odd', type: 'Odd', details });
    expect(failureInfoOf(ofStep(failure), null)).toMatchObject({
      category: 'unknown',
      message: 'odd',
      errorType: 'ApplicationFailure',
    });
  });
});

describe('a step was stopped', () => {
  test('when it says so itself', () => {
    expect(isStopped(ofStep(new CancelledFailure('cancelled'), 'CANCEL_REQUESTED'))).toBe(true);
    expect(isStopped(new CancelledFailure('cancelled'))).toBe(true);
  });

  test('when it failed, or lost its worker, after it had been asked to stop', () => {
    expect(isStopped(ofStep(finalFailure(), 'CANCEL_REQUESTED'))).toBe(true);
    expect(isStopped(ofStep(new TimeoutFailure('lost', undefined, 'HEARTBEAT'), 'CANCEL_REQUESTED'))).toBe(
      true,
    );
  });

  test('not when it just failed', () => {
    expect(isStopped(ofStep(finalFailure()))).toBe(false);
    expect(isStopped(finalFailure())).toBe(false);
  });
});
