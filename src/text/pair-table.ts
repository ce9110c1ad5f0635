/**
 * A whole number for each pair of ids: how often two words stood side by side, or what they become together.
 *
 * Open addressing over three flat arrays: 12 bytes a slot, at most two thirds full. A Map would need a string or a
 * float key a pair, and five times the memory.
 */
export class PairTable {
  /** Pairs held. */
  size = 0;
  #firsts: Int32Array;
  #seconds: Int32Array;
  #values: Int32Array; // 0: empty
  #mask: number;

  constructor(capacity = 1 << 12) {
    this.#firsts = new Int32Array(capacity);
    this.#seconds = new Int32Array(capacity);
    this.#values = new Int32Array(capacity);
    this.#mask = capacity - 1;
  }

  /** The value of a pair; 0 if it has none. */
  get(first: number, second: number): number {
    return this.#values[this.#slotOf(first, second)]!;
  }

  /** Adds to the value of a pair (0 if it is new). Values are positive. */
  add(first: number, second: number, amount: number): void {
    const slot = this.#slotOf(first, second);
    if (this.#values[slot] === 0) {
      this.#firsts[slot] = first;
      this.#seconds[slot] = second;
      this.size++;
    }
    this.#values[slot]! += amount;
    if (3 * this.size > 2 * (this.#mask + 1)) this.#rebuild(2 * (this.#mask + 1), 0);
  }

  /** Forgets the pairs whose value is at most `bar`. */
  forgetUpTo(bar: number): void {
    this.#rebuild(this.#mask + 1, bar);
  }

  /** Calls `visit` with each pair and its value, in no order to rely on. */
  forEach(visit: (first: number, second: number, value: number) => void): void {
    for (let slot = 0; slot <= this.#mask; slot++) {
      if (this.#values[slot] !== 0) visit(this.#firsts[slot]!, this.#seconds[slot]!, this.#values[slot]!);
    }
  }

  #slotOf(first: number, second: number): number {
    let hash = Math.imul(first, 0x9e3779b1) ^ Math.imul(second, 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 15), 0xc2b2ae35);
    let slot = (hash ^ (hash >>> 13)) & this.#mask;
    while (this.#values[slot] !== 0 && (this.#firsts[slot] !== (first | 0) || this.#seconds[slot] !== (second | 0))) {
      slot = (slot + 1) & this.#mask;
    }
    return slot;
  }

  #rebuild(capacity: number, bar: number): void {
    const kept = new PairTable(capacity);
    this.forEach((first, second, value) => {
      if (value > bar) kept.add(first, second, value);
    });
    this.#firsts = kept.#firsts;
    this.#seconds = kept.#seconds;
    this.#values = kept.#values;
    this.#mask = kept.#mask;
    this.size = kept.size;
  }
}
