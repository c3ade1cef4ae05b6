import type { Digest } from '../domain/notification.ts';
import type { Audience } from '../domain/recovery-policy.ts';

/** A way by which messages reach people. Implement it for a channel of your own. */
export interface NotificationChannel {
  /** As teams name it. */
  readonly name: string;
  /**
   * Delivers a message; resolves when the other side has taken it. It is called again after any error but a
   * {@link PermanentDeliveryError}, so the same message may come twice (its `id` is the same).
   * @throws {PermanentDeliveryError} when no further try can succeed.
   * @throws {TemporaryDeliveryError} when the other side says how long to wait; any other error is retried too.
   */
  deliver(message: NotificationMessage, options: DeliverOptions): Promise<void>;
}

export interface DeliverOptions {
  /** Aborted when the try takes too long or the process stops. */
  readonly signal: AbortSignal;
}

/** What people are told, in words; the facts are in the digest. No secrets. */
export interface NotificationMessage {
  /** The same for every try and every channel. */
  readonly id: string;
  /** Who it is for: `administrators`, `users`, `customer_service`, `finance`, or a team of the configuration. */
  readonly team: string;
  readonly audience: Audience;
  readonly priority: 'high' | 'normal';
  /** One line. */
  readonly subject: string;
  /** Lines for people, without the subject. */
  readonly text: string;
  /** The same as Markdown, for chat robots. */
  readonly markdown: string;
  /** One line that says the most important, for SMS. */
  readonly short: string;
  readonly digest: Digest;
}

/** The answer of the other side can never become another: wrong address, wrong credentials, message refused. */
export class PermanentDeliveryError extends Error {
  override readonly name = 'PermanentDeliveryError';
}

/** It may succeed later. */
export class TemporaryDeliveryError extends Error {
  override readonly name = 'TemporaryDeliveryError';
  /** How long the other side wants to be left alone, in ms. */
  readonly retryAfterMs: number | undefined;

  constructor(message: string, options: { readonly retryAfterMs?: number | undefined } = {}) {
    super(message);
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** Whether `error` is a {@link PermanentDeliveryError}, also one of another copy of this module. */
export function isPermanent(error: unknown): error is PermanentDeliveryError {
  return error instanceof Error && error.name === 'PermanentDeliveryError';
}

/** How long to wait, when the error says so. */
export function retryAfterOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('retryAfterMs' in error)) return undefined;
  return typeof error.retryAfterMs === 'number' ? error.retryAfterMs : undefined;
}
