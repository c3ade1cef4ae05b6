/** How many ideas fit into an {@link Ideas}. */
export const MOST_IDEAS = 128;

/** A set of ideas. Four plain numbers, since typed arrays would cost most of the time a message takes. */
export class Ideas {
  a = 0;
  b = 0;
  c = 0;
  d = 0;

  add(idea: number): void {
    const bit = 1 << (idea & 31);
    switch (idea >> 5) {
      case 0:
        this.a |= bit;
        break;
      case 1:
        this.b |= bit;
        break;
      case 2:
        this.c |= bit;
        break;
      default:
        this.d |= bit;
    }
  }

  addAll(other: Ideas): void {
    this.a |= other.a;
    this.b |= other.b;
    this.c |= other.c;
    this.d |= other.d;
  }

  isEmpty(): boolean {
    return (this.a | this.b | this.c | this.d) === 0;
  }

  hasAll(other: Ideas): boolean {
    return (
      (this.a & other.a) === other.a &&
      (this.b & other.b) === other.b &&
      (this.c & other.c) === other.c &&
      (this.d & other.d) === other.d
    );
  }

  hasAny(other: Ideas): boolean {
    return ((this.a & other.a) | (this.b & other.b) | (this.c & other.c) | (this.d & other.d)) !== 0;
  }

  /** Calls `visit` with the number of each idea in the set. */
  forEach(visit: (idea: number) => void): void {
    eachBit(this.a, 0, visit);
    eachBit(this.b, 32, visit);
    eachBit(this.c, 64, visit);
    eachBit(this.d, 96, visit);
  }
}

function eachBit(bits: number, offset: number, visit: (idea: number) => void): void {
  for (let rest = bits; rest !== 0; rest &= rest - 1) visit(offset + 31 - Math.clz32(rest & -rest));
}
