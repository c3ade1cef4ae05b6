import type {
  HeldClaim,
  LockClaim,
  LockHolding,
  LockOwner,
  ResourceLockInput,
  ResourceLockState,
  WaitingClaim,
} from '../domain/resource-lock.ts';

/** Somebody who got the lock while it waited must come for it within this time: it may be gone. */
const CONFIRM_MS = 5000;
/** Somebody who waits asks again at once when it is answered; this is for the way there and back. */
const ASK_AGAIN_MS = 5000;
/** So many of those who wait are shown. */
const SHOWN = 20;

/** Who has the lock and who waits for it. Knows no clock: it is told the time. */
export class LockLine {
  #holder: HeldClaim | null;
  #queue: WaitingClaim[];
  /** Grows with every change but a renewal. */
  version = 0;

  constructor({ holder = null, queue = [] }: ResourceLockInput) {
    this.#holder = holder;
    this.#queue = [...queue];
  }

  /** Takes the lock for a claim, or its place in the line. @returns whether the claim has the lock. */
  claim(claim: LockClaim, waitMs: number, now: number): boolean {
    this.settle(now);
    if (this.has(claim.id)) {
      this.renew(claim.id, now);
      return true;
    }
    const untilMs = now + waitMs + ASK_AGAIN_MS;
    const at = this.#queue.findIndex(({ id }) => id === claim.id);
    const earlier = this.#queue[at];
    if (earlier) this.#queue[at] = { ...earlier, untilMs };
    else this.#queue.push({ ...claim, askedAtMs: now, untilMs });
    this.version += 1;
    const free = this.#holder === null;
    this.settle(now);
    // Got at once: who asked is told so now, and has its whole lease.
    if (free && this.has(claim.id)) this.renew(claim.id, now);
    return this.has(claim.id);
  }

  renew(id: string, now: number): void {
    if (this.#holder?.id === id) this.#holder = { ...this.#holder, untilMs: now + this.#holder.leaseMs };
  }

  /** Gives the lock or the place back. */
  leave(id: string, now: number): void {
    if (this.has(id)) this.#holder = null;
    this.#queue = this.#queue.filter((claim) => claim.id !== id);
    this.version += 1;
    this.settle(now);
  }

  /** Ends what is over, and gives a free lock to the first of the line. */
  settle(now: number): void {
    const { length } = this.#queue;
    this.#queue = this.#queue.filter(({ untilMs }) => untilMs > now);
    if (this.#queue.length !== length) this.version += 1;
    if (this.#holder && this.#holder.untilMs <= now) {
      this.#holder = null;
      this.version += 1;
    }
    if (this.#holder) return;
    const next = this.#queue.shift();
    if (!next) return;
    const { id, owner, leaseMs } = next;
    this.#holder = { id, owner, leaseMs, sinceMs: now, untilMs: now + Math.min(leaseMs, CONFIRM_MS) };
    this.version += 1;
  }

  has(id: string): boolean {
    return this.#holder?.id === id;
  }

  wants(id: string): boolean {
    return this.#queue.some((claim) => claim.id === id);
  }

  heldUntil(): number {
    return this.#holder?.untilMs ?? 0;
  }

  isFree(): boolean {
    return this.#holder === null && this.#queue.length === 0;
  }

  /** When something is over, unless somebody asks for more time; null: nothing will be. */
  nextChangeMs(): number | null {
    const times = [this.#holder, ...this.#queue].flatMap((claim) => (claim ? [claim.untilMs] : []));
    return times.length > 0 ? Math.min(...times) : null;
  }

  handOver(): Pick<ResourceLockInput, 'holder' | 'queue'> {
    return { holder: this.#holder, queue: this.#queue };
  }

  view(): Omit<ResourceLockState, 'name'> {
    return { holder: this.#holding(), waiting: this.#queue.length };
  }

  /** For the Temporal Web UI. */
  details(): string {
    const holder = this.#holding();
    const first = holder ? `held by ${named(holder)} since ${holder.since}` : 'free';
    const line = this.#queue
      .slice(0, SHOWN)
      .map(({ owner, askedAtMs }, i) => `${i + 1}. ${named(owner)} since ${iso(askedAtMs)}`);
    const more = this.#queue.length - line.length;
    if (line.length === 0) return first;
    return [
      first,
      '',
      `waiting: ${this.#queue.length}`,
      '',
      ...line,
      ...(more > 0 ? [`… and ${more} more`] : []),
    ].join('\n');
  }

  #holding(): LockHolding | null {
    return this.#holder && { ...this.#holder.owner, since: iso(this.#holder.sinceMs) };
  }
}

function named({ pid, host, purpose }: LockOwner): string {
  return `process ${pid}${host ? ` on ${host}` : ''} (${purpose})`;
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
