/**
 * The gradient of a table, of which only a few rows are not zero.
 *
 * A batch looks up tens of rows out of a hundred thousand, so only those are stored: a growing block of rows,
 * and for each row of the table the slot where its sum stands. Slots are handed out in the order in which rows
 * are first touched and sums are added in the order in which they come, so the same calls give the same bits.
 */
import { Matrix } from "../core/index.ts";

export class SparseGradient {
  readonly #dim: number;
  /** For each row of the table, 1 + its slot, or 0 where it has none. 4 bytes a row. */
  readonly #slots: Uint32Array;
  #ids: Uint32Array;
  #sums: Float32Array;
  #count = 0;

  constructor(rows: number, dim: number) {
    this.#dim = dim;
    this.#slots = new Uint32Array(rows);
    this.#ids = new Uint32Array(16);
    this.#sums = new Float32Array(16 * dim);
  }

  /** The rows touched so far, in the order in which they were first touched. A view. */
  get ids(): Uint32Array {
    return this.#ids.subarray(0, this.#count);
  }

  /** Their sums: row k belongs to `ids[k]`. A view. */
  get rows(): Matrix {
    return new Matrix(this.#sums.subarray(0, this.#count * this.#dim), this.#dim);
  }

  /** The slot of a row, or −1 if it was not touched. */
  slotOf(id: number): number {
    return this.#slots[id]! - 1;
  }

  /** Adds the `dim` numbers of `source` from `start` to the sum of a row. */
  add(id: number, source: Float32Array, start: number): void {
    const slot = this.#slotFor(id);
    const sums = this.#sums;
    for (let i = 0, to = slot * this.#dim; i < this.#dim; i++, to++) sums[to] = sums[to]! + source[start + i]!;
  }

  /** Forgets all sums; costs only what was touched. The memory is kept for the next batch. */
  clear(): void {
    for (let slot = 0; slot < this.#count; slot++) this.#slots[this.#ids[slot]!] = 0;
    this.#count = 0;
  }

  #slotFor(id: number): number {
    const known = this.slotOf(id);
    if (known >= 0) return known;
    const slot = this.#count;
    if (slot === this.#ids.length) this.#grow();
    this.#count++;
    this.#ids[slot] = id;
    this.#slots[id] = slot + 1;
    this.#sums.fill(0, slot * this.#dim, (slot + 1) * this.#dim);
    return slot;
  }

  #grow(): void {
    const ids = new Uint32Array(Math.min(this.#slots.length, this.#ids.length * 2));
    ids.set(this.#ids);
    const sums = new Float32Array(ids.length * this.#dim);
    sums.set(this.#sums);
    this.#ids = ids;
    this.#sums = sums;
  }
}
