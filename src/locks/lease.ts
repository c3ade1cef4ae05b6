import type { Client } from '@temporalio/client';
import { type LockClaim, RELEASE_SIGNAL, RENEW_UPDATE } from '../domain/resource-lock.ts';
import { type HeldResource, resourceLost } from './held-resource.ts';
import { lockWorkflowId } from './resource-name.ts';

/** Renewed three times within its length, and when that fails soon again. */
const RENEWALS = 3;
const RETRY_MS = 500;
const RELEASE_MS = 5000;

/**
 * A lock on lease. It counts from the moment at which it was asked for, which is before the lock's workflow counts it: so
 * the holder knows that it is over before anybody else gets the lock.
 */
export class Lease implements HeldResource {
  readonly #client: Client;
  readonly #name: string;
  readonly #claim: LockClaim;
  readonly #lost = new AbortController();
  readonly #ended = new AbortController();
  #untilMs: number;
  #renewal: NodeJS.Timeout | undefined;
  #end: NodeJS.Timeout | undefined;

  /** @param sentAtMs when it was asked for, on this process's own clock (`performance.now()`). */
  constructor(client: Client, name: string, claim: LockClaim, sentAtMs: number) {
    this.#client = client;
    this.#name = name;
    this.#claim = claim;
    this.#untilMs = sentAtMs + claim.leaseMs;
    this.#watchEnd();
    this.#renewIn(claim.leaseMs / RENEWALS);
  }

  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  check(): void {
    if (performance.now() >= this.#untilMs)
      this.#lose(`it could not be renewed for ${this.#claim.leaseMs / 1000} s`);
  }

  async release(): Promise<void> {
    if (this.#ended.signal.aborted) return;
    this.#stop();
    const give = () => this.#handle().signal(RELEASE_SIGNAL, this.#claim.id);
    // When this fails the lease ends by itself.
    await this.#client.connection.withDeadline(Date.now() + RELEASE_MS, give).catch(() => undefined);
  }

  #handle() {
    return this.#client.workflow.getHandle(lockWorkflowId(this.#name));
  }

  #renewIn(ms: number): void {
    this.#renewal = setTimeout(() => void this.#renew(), ms);
  }

  #watchEnd(): void {
    clearTimeout(this.#end);
    this.#end = setTimeout(() => this.check(), Math.max(0, this.#untilMs - performance.now() + 1));
  }

  async #renew(): Promise<void> {
    const sentAt = performance.now();
    const deadline = Date.now() + Math.max(1, this.#untilMs - sentAt);
    const ask = () => this.#handle().executeUpdate<void, [string]>(RENEW_UPDATE, { args: [this.#claim.id] });
    const { connection } = this.#client;
    try {
      await connection.withAbortSignal(this.#ended.signal, () => connection.withDeadline(deadline, ask));
      if (this.#over()) return;
      this.#untilMs = sentAt + this.#claim.leaseMs;
      this.#watchEnd();
      this.#renewIn(this.#claim.leaseMs / RENEWALS);
    } catch (error) {
      if (this.#over()) return;
      const { WorkflowNotFoundError, WorkflowUpdateFailedError } = await import('@temporalio/client');
      if (error instanceof WorkflowUpdateFailedError) this.#lose('its lease was over');
      else if (error instanceof WorkflowNotFoundError) this.#lose('its workflow has ended');
      else this.#renewIn(RETRY_MS);
    }
  }

  #over(): boolean {
    return this.#ended.signal.aborted || this.lost.aborted;
  }

  #lose(why: string): void {
    if (this.#over()) return;
    this.#lost.abort(resourceLost(this.#name, why));
    clearTimeout(this.#renewal);
    clearTimeout(this.#end);
  }

  #stop(): void {
    this.#ended.abort();
    clearTimeout(this.#renewal);
    clearTimeout(this.#end);
  }
}
