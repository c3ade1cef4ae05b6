/** Resource locks: what their workflow, those who want one, and lists of them share. */

/** `machine`: among the processes that share a data directory; `cluster`: among all that share a Temporal namespace. */
export type LockScope = 'machine' | 'cluster';

/** Who wants or has a lock, as it tells of itself. */
export interface LockOwner {
  readonly pid: number;
  /** Name of its machine or container; null: not known. */
  readonly host: string | null;
  /** What it wants the lock for. */
  readonly purpose: string;
}

/** Who has a lock. */
export interface LockHolding extends LockOwner {
  /** ISO 8601 in UTC. */
  readonly since: string;
}

/** A resource lock as lists show it. */
export interface ResourceLockView {
  readonly name: string;
  readonly scope: LockScope;
  /** null: nobody has it at the moment, or nobody knows who. */
  readonly holder: LockHolding | null;
  /** How many wait for it. */
  readonly waiting: number;
}

/** Name of the workflow of a cluster-wide lock. */
export const RESOURCE_LOCK_WORKFLOW = 'resourceLock';
export const ACQUIRE_UPDATE = 'acquire';
export const RENEW_UPDATE = 'renew';
export const RELEASE_SIGNAL = 'release';
export const LOCK_STATE_QUERY = 'state';
/** Type of the failure of a renewal that came too late. */
export const LEASE_LOST = 'LeaseLost';

/** Somebody's wish for a lock. */
export interface LockClaim {
  /** Of this one wish; the same in all that is asked for it. */
  readonly id: string;
  readonly owner: LockOwner;
  /** How long the lock stays theirs when they don't renew it, in ms. */
  readonly leaseMs: number;
}

/** A claim that has the lock. */
export interface HeldClaim extends LockClaim {
  readonly sinceMs: number;
  readonly untilMs: number;
}

/** A claim that waits; forgotten at `untilMs` when it does not ask again. */
export interface WaitingClaim extends LockClaim {
  readonly askedAtMs: number;
  readonly untilMs: number;
}

/** What the lock's workflow is started with, and goes on with in its next run. */
export interface ResourceLockInput {
  /** For people; the workflow's ID says which lock it is. */
  readonly name: string;
  readonly holder?: HeldClaim | null;
  readonly queue?: readonly WaitingClaim[];
  /** Events of a run before the next one begins. @default 2000 */
  readonly maxEvents?: number;
}

/** Answer to a claim. */
export type ClaimAnswer =
  /** `waited`: it got the lock while it waited, and must claim it once more before it relies on it. */
  | { readonly state: 'held'; readonly waited: boolean }
  | { readonly state: 'waiting'; readonly holder: LockHolding | null; readonly waiting: number };

/** What the lock's workflow says of itself. */
export type ResourceLockState = Pick<ResourceLockView, 'name' | 'holder' | 'waiting'>;
