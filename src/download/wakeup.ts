/** Lets several waiters wait until something has changed. */
export class Wakeup {
  #next = Promise.withResolvers<void>();

  /** Resolves at the next {@link wake}, or after `mostMs`. */
  async wait(mostMs?: number): Promise<void> {
    if (mostMs === undefined) return this.#next.promise;
    const late = Promise.withResolvers<void>();
    const timer = setTimeout(late.resolve, mostMs);
    await Promise.race([this.#next.promise, late.promise]);
    clearTimeout(timer);
  }

  wake(): void {
    this.#next.resolve();
    this.#next = Promise.withResolvers<void>();
  }
}
