/** A run of bytes that one lane fetches. The lane moves `position`; others may lower `end` by stealing. */
export interface Region {
  /** Next byte to receive. */
  position: number;
  /** Exclusive. */
  end: number;
}

/**
 * The bytes that are still missing, shared out among lanes: every missing byte is in exactly one free or
 * active region. Pure bookkeeping, no I/O.
 */
export class RegionPool {
  readonly #blockBytes: number;
  readonly #active = new Set<Region>();
  #free: Region[] = [];

  /** @param blockBytes regions are cut at multiples of it */
  constructor(missing: Iterable<Readonly<Region>>, blockBytes: number) {
    this.#blockBytes = blockBytes;
    for (const { position, end } of missing) this.add(position, end);
  }

  /** Nothing is missing, and nobody is fetching. */
  get empty(): boolean {
    return this.#free.length === 0 && this.#active.size === 0;
  }

  /** Cuts one big free region into equal ones for `lanes`, so that they need not steal from each other at once. */
  divide(lanes: number): void {
    const whole = this.#free[0];
    if (whole === undefined || this.#free.length > 1) return;
    const share = (whole.end - whole.position) / lanes;
    this.#free = [];
    let position = whole.position;
    for (let lane = 1; lane <= lanes; lane++) {
      const cut = lane === lanes ? whole.end : this.#aligned(whole.position + share * lane);
      if (cut > position && cut <= whole.end) {
        this.#free.push({ position, end: cut });
        position = cut;
      }
    }
  }

  /**
   * A region to fetch: a free one, else the second half of the largest active one; null when there is none.
   * @param smallestSteal a half smaller than so many bytes is not worth a new request; may depend on the victim
   */
  take(smallestSteal: (victim: Readonly<Region>) => number): Region | null {
    const free = this.#free.shift();
    const region = free ?? this.#steal(smallestSteal);
    if (region !== null) this.#active.add(region);
    return region;
  }

  #steal(smallestSteal: (victim: Readonly<Region>) => number): Region | null {
    const victim = largest(this.#active);
    if (victim === null) return null;
    const smallest = smallestSteal(victim);
    const cut = this.#aligned((victim.position + victim.end) / 2);
    if (cut - victim.position < smallest || victim.end - cut < smallest || cut >= victim.end) return null;
    const stolen = { position: cut, end: victim.end };
    victim.end = cut;
    return stolen;
  }

  /** A lane is through with `region`; what it did not fetch becomes free again. */
  release(region: Region): void {
    if (!this.#active.delete(region)) return;
    this.add(region.position, region.end);
  }

  /** More is missing: [position, end). Joined with a free neighbour, because each region costs a request. */
  add(position: number, end: number): void {
    if (position >= end) return;
    const before = this.#free.find((free) => free.end === position);
    if (before !== undefined) {
      before.end = end;
      return;
    }
    const after = this.#free.find((free) => free.position === end);
    if (after !== undefined) after.position = position;
    else this.#free.push({ position, end });
  }

  /** The next multiple of the block size. */
  #aligned(offset: number): number {
    return Math.ceil(offset / this.#blockBytes) * this.#blockBytes;
  }
}

function largest(regions: Iterable<Region>): Region | null {
  let found: Region | null = null;
  for (const region of regions) {
    if (found === null || region.end - region.position > found.end - found.position) found = region;
  }
  return found;
}
