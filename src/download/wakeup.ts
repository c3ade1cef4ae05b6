/** Lets several waiters wait until something has changed. */
export class Wakeup {
  #next = Promise.withResolvers<void>();

  /** Resolves at the next {@link wake}. */
  wait(): Promise<void> {
    return this.#next.promise;
  }

  wake(): void {
    this.#next.resolve();
    this.#next = Promise.withResolvers<void>();
  }
}
