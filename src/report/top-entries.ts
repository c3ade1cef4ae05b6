/**
 * The most frequent of any number of things in bounded memory: at twice the capacity the rarer half is forgotten. A
 * forgotten thing that comes again counts from zero, so a count may be too low for rare things, never too high.
 */
export class TopEntries<T extends { readonly count: number }> {
  readonly #capacity: number;
  #entries = new Map<string, T>();
  #forgotten = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** Sum of the counts that were forgotten. */
  get forgotten(): number {
    return this.#forgotten;
  }

  /** The entry of a key; made when there is none. */
  entry(key: string, make: () => T): T {
    const found = this.#entries.get(key);
    if (found) return found;
    if (this.#entries.size >= 2 * this.#capacity) this.#forgetRare();
    const made = make();
    this.#entries.set(key, made);
    return made;
  }

  /** All entries, most frequent first; those of one count in the order they came. */
  sorted(): [key: string, entry: T][] {
    return [...this.#entries].sort(([, a], [, b]) => b.count - a.count);
  }

  #forgetRare(): void {
    const sorted = this.sorted();
    for (const [, rare] of sorted.slice(this.#capacity)) this.#forgotten += rare.count;
    this.#entries = new Map(sorted.slice(0, this.#capacity));
  }
}
