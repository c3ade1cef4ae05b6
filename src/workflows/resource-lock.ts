/** The workflow of a cluster-wide resource lock: one for each name, as long as somebody has or wants the lock. */
import {
  ApplicationFailure,
  allHandlersFinished,
  condition,
  continueAsNew,
  defineQuery,
  defineSignal,
  defineUpdate,
  setCurrentDetails,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import {
  ACQUIRE_UPDATE,
  type ClaimAnswer,
  LEASE_LOST,
  LOCK_STATE_QUERY,
  type LockClaim,
  RELEASE_SIGNAL,
  RENEW_UPDATE,
  type ResourceLockInput,
  type ResourceLockState,
} from '../domain/resource-lock.ts';
import { LockLine } from './lock-line.ts';

/** A free lock waits so long for the next one who wants it: starting a workflow costs more than a timer. */
const LINGER_MS = 5000;
const DEFAULT_MAX_EVENTS = 2000;

const acquire = defineUpdate<ClaimAnswer, [claim: LockClaim, waitMs: number]>(ACQUIRE_UPDATE);
const renew = defineUpdate<void, [claimId: string]>(RENEW_UPDATE);
const release = defineSignal<[claimId: string]>(RELEASE_SIGNAL);
const state = defineQuery<ResourceLockState>(LOCK_STATE_QUERY);

/**
 * Gives the lock to one after the other, in the order in which they came. Who has it keeps it while it renews its lease;
 * who waits keeps its place while it asks again.
 */
export async function resourceLock(input: ResourceLockInput): Promise<void> {
  const line = new LockLine(input);
  /** Nobody is kept waiting any more, so that the next run can begin. */
  let ending = false;

  setHandler(acquire, async (claim, waitMs) => {
    const now = Date.now();
    if (line.claim(claim, waitMs, now)) return { state: 'held', waited: false };
    await condition(() => ending || line.has(claim.id) || !line.wants(claim.id), Math.max(1, waitMs));
    return line.has(claim.id) ? { state: 'held', waited: true } : { state: 'waiting', ...line.view() };
  });
  setHandler(renew, (claimId) => line.renew(claimId, Date.now()), {
    validator: (claimId) => {
      if (line.has(claimId) && line.heldUntil() > Date.now()) return;
      throw ApplicationFailure.nonRetryable('the lease is over', LEASE_LOST);
    },
  });
  setHandler(release, (claimId) => line.leave(claimId, Date.now()));
  setHandler(state, () => ({ name: input.name, ...line.view() }));

  const { maxEvents = DEFAULT_MAX_EVENTS } = input;
  const full = (): boolean =>
    workflowInfo().historyLength > maxEvents || workflowInfo().continueAsNewSuggested;
  for (;;) {
    line.settle(Date.now());
    setCurrentDetails(line.details());
    const next = line.nextChangeMs();
    const version = line.version;
    const pause = next === null ? LINGER_MS : Math.max(1, next - Date.now());
    const changed = await condition(() => line.version !== version || full(), pause);
    if (!changed && line.isFree() && allHandlersFinished()) return;
    if (!full()) continue;
    ending = true;
    await condition(allHandlersFinished);
    // Without a holder and a line there is nothing to hand on, but this run can't know who comes in the meantime.
    await continueAsNew<typeof resourceLock>({ ...input, ...line.handOver() });
  }
}
