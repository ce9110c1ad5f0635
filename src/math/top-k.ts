/**
 * The k best of a stream of scored ids.
 *
 * Every search ends here, so that ties break in one way everywhere: higher score first, then lower id.
 * A heap of k is kept rather than sorting all n, since k is usually 10 and n a million.
 */
import { checkWhole } from "../core/index.ts";

/** One row that was found: its id, and how close it is (higher is closer). */
export interface Hit {
  readonly id: number;
  readonly score: number;
}

/** Collects the k best of the scored ids it is offered, in O(k) memory. */
export class TopK {
  /** How many are kept at most. */
  readonly k: number;
  readonly #ids: Float64Array;
  readonly #scores: Float64Array;
  #size = 0;

  /** A collector of the `k` best (at least 1). */
  constructor(k: number) {
    checkWhole("k", k, 1, 2 ** 30);
    this.k = k;
    this.#ids = new Float64Array(k);
    this.#scores = new Float64Array(k);
  }

  /** How many are kept now. */
  get size(): number {
    return this.#size;
  }

  /** The score of the worst one kept, which a newcomer must reach; −Infinity while there is room. */
  get threshold(): number {
    return this.#size < this.k ? -Infinity : this.#scores[0]!;
  }

  /** Offers one candidate: O(1) when it is worse than all k kept, else O(log k). NaN is never kept. */
  offer(id: number, score: number): void {
    if (Number.isNaN(score)) return;
    if (this.#size < this.k) {
      this.#rise(this.#size++, id, score);
    } else if (!this.#worse(id, score, 0)) {
      this.#sink(id, score);
    }
  }

  /** The hits, best first. The collector is empty afterwards. */
  take(): Hit[] {
    const hits = Array.from({ length: this.#size }, (_, slot) => ({
      id: this.#ids[slot]!,
      score: this.#scores[slot]!,
    }));
    this.#size = 0;
    return hits.sort(byScore);
  }

  // Invariant: a parent is never better than its children, so slot 0 holds the worst kept hit.

  /** Whether the candidate ranks behind the hit of a slot. */
  #worse(id: number, score: number, slot: number): boolean {
    const other = this.#scores[slot]!;
    return score < other || (score === other && id > this.#ids[slot]!);
  }

  /** Puts the candidate into the free slot at the end, then lets it rise while its parent is better. */
  #rise(slot: number, id: number, score: number): void {
    while (slot > 0) {
      const parent = (slot - 1) >> 1;
      if (!this.#worse(id, score, parent)) break;
      this.#move(parent, slot);
      slot = parent;
    }
    this.#ids[slot] = id;
    this.#scores[slot] = score;
  }

  /** Puts the candidate in the place of the worst, then lets it sink while a child is worse. */
  #sink(id: number, score: number): void {
    let slot = 0;
    for (;;) {
      let child = 2 * slot + 1;
      if (child >= this.#size) break;
      const right = child + 1;
      if (right < this.#size && this.#worse(this.#ids[right]!, this.#scores[right]!, child)) child = right;
      if (this.#worse(id, score, child)) break;
      this.#move(child, slot);
      slot = child;
    }
    this.#ids[slot] = id;
    this.#scores[slot] = score;
  }

  #move(from: number, to: number): void {
    this.#ids[to] = this.#ids[from]!;
    this.#scores[to] = this.#scores[from]!;
  }
}

/** The order of hits everywhere: higher score first, then lower id. */
export function byScore(a: Hit, b: Hit): number {
  return b.score - a.score || a.id - b.id;
}
