import { CompleteAsyncError, type Context } from '@temporalio/activity';
import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import { AttemptLedger } from './attempt-ledger.ts';
import { type FailureDeps, refuseEndlessCrashes, toFailure } from './to-failure.ts';

/**
 * The one place where an activity's error gets its meaning: classifies what was thrown, books it to the budget of
 * its kind and sets the next delay. A step that is completed elsewhere passes through untouched.
 * @param deps a function: what is needed to understand failures is loaded when something has failed
 */
export function failureInterceptor(
  deps: FailureDeps | (() => Promise<FailureDeps>),
): ActivityInterceptorsFactory {
  return (context: Context) => ({
    inbound: {
      async execute(input, next) {
        const ledger = AttemptLedger.of(context);
        try {
          refuseEndlessCrashes(ledger);
          return await next(input);
        } catch (error) {
          if (error instanceof CompleteAsyncError) throw error;
          throw toFailure(error, context, ledger, typeof deps === 'function' ? await deps() : deps);
        }
      },
    },
  });
}
