import { isPermanent, PermanentDeliveryError, retryAfterOf, TemporaryDeliveryError } from './channel.ts';

/** Messages whose recipients are remembered; a storm of the same failure is one. */
const REMEMBERED = 1000;

/**
 * Sends a message to each of its recipients. Who has it already does not get it again when the message is tried
 * again, as long as this process lives.
 */
export class Recipients {
  readonly #done = new Map<string, Set<string>>();

  /**
   * @param sendOne sends to one recipient.
   * @param onRefused told of recipients that can never be reached, when others were.
   * @throws {TemporaryDeliveryError} when some are left to try again.
   * @throws {PermanentDeliveryError} when nobody can be reached.
   */
  async deliver(
    id: string,
    recipients: readonly string[],
    sendOne: (recipient: string) => Promise<void>,
    onRefused: (recipient: string, why: string) => void,
  ): Promise<void> {
    const done = this.#doneFor(id);
    const [refused, failed] = [new Map<string, Error>(), new Map<string, Error>()];
    for (const recipient of recipients) {
      if (done.has(recipient)) continue;
      try {
        await sendOne(recipient);
        done.add(recipient);
      } catch (error) {
        (isPermanent(error) ? refused : failed).set(recipient, error as Error);
      }
    }
    if (failed.size > 0) throw again(failed);
    this.#done.delete(id);
    if (done.size === 0) throw new PermanentDeliveryError(wordsOf(refused));
    for (const [recipient, error] of refused) onRefused(recipient, error.message);
  }

  #doneFor(id: string): Set<string> {
    const done = this.#done.get(id) ?? new Set();
    this.#done.set(id, done);
    const [oldest] = this.#done.keys();
    if (this.#done.size > REMEMBERED && oldest !== undefined) this.#done.delete(oldest);
    return done;
  }
}

function again(failed: ReadonlyMap<string, Error>): TemporaryDeliveryError {
  const waits = [...failed.values()].map(retryAfterOf).filter((ms) => ms !== undefined);
  return new TemporaryDeliveryError(wordsOf(failed), {
    retryAfterMs: waits.length > 0 ? Math.max(...waits) : undefined,
  });
}

/** One of a kind is enough: the same server says the same to all. */
function wordsOf(errors: ReadonlyMap<string, Error>): string {
  return [...new Set([...errors.values()].map(({ message }) => message))].slice(0, 3).join('; ');
}
