import { Context } from '@temporalio/activity';
import type { JsonObject } from '../domain/json.ts';
import type { StepOutcome } from '../domain/step.ts';
import type { StepProgress } from '../domain/task-state.ts';
import { AttemptLedger } from '../failures/attempt-ledger.ts';
import { ProgressSender } from './progress-sender.ts';
import type { Step } from './types.ts';

/**
 * A step that says nothing itself is reported alive this often. A pause or cancellation comes with the answer, and
 * must be there within 2 s.
 */
const ALIVE_EVERY_MS = 1000;

/** What a step has at hand. */
export interface StepContext {
  /** Task that the step belongs to. */
  readonly taskId: string;
  /** Aborted when the task is paused or cancelled, or when the worker stops. */
  readonly signal: AbortSignal;
  /** What the attempt before this one reported last. */
  readonly previous: JsonObject;
  /** When the step was asked for first, however many attempts it took, in ms since the epoch. */
  readonly scheduledAtMs: number;
  /** What the attempts before this one have noted. */
  readonly notes: JsonObject;
  /** Notes something for the attempts after this one. Unlike the checkpoint, nobody else sees it. */
  note(change: JsonObject): void;
  /**
   * Reports how far the step is.
   * @param fraction 0–1.
   * @param progress grows whenever something was achieved that stays; renews the budgets of errors.
   * @param data what the checkpoint shall hold.
   */
  report(fraction: number, progress: number, data: JsonObject): void;
  /** Counts something that had to be tried again inside this attempt. */
  countRetries(times: number): void;
}

/** How the progress of a step reaches its task's workflow. */
export type SendProgress = (taskId: string, runId: string, progress: StepProgress) => Promise<void>;

/** Makes an activity of what a step does: heartbeats, progress to the workflow, retries counted. */
export function stepFactory(sendProgress: SendProgress) {
  return function defineStep<I, T>(
    name: string,
    work: (input: I, step: StepContext) => Promise<T>,
  ): Step<I, T> {
    return async (input: I): Promise<StepOutcome<T>> => {
      const context = Context.current();
      const ledger = AttemptLedger.of(context);
      const { workflowId = '', runId = '' } = context.info.workflowExecution ?? {};
      const sender = new ProgressSender(name, (progress) => sendProgress(workflowId, runId, progress));
      let retries = 0;
      const alive = setInterval(() => ledger.beatNow(), ALIVE_EVERY_MS);
      try {
        const value = await work(input, {
          taskId: workflowId,
          signal: context.cancellationSignal,
          previous: ledger.beat.data,
          scheduledAtMs: context.info.scheduledTimestampMs,
          notes: ledger.notes,
          note: (change) => ledger.note(change),
          report(fraction, progress, data) {
            ledger.report({ fraction, progress, data });
            sender.offer(fraction, data);
          },
          countRetries: (times) => {
            retries += times;
          },
        });
        await sender.settle();
        return { value, retries: retries + ledger.beat.failures };
      } catch (error) {
        // No result will carry the latest progress, so the checkpoint must.
        await sender.sendLatest();
        throw error;
      } finally {
        clearInterval(alive);
      }
    };
  };
}
