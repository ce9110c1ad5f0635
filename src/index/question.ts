/**
 * One query under one metric: what a row scores exactly, and the most it can score by what a kernel said.
 *
 * *Closeness* is what kernels compare: the cosine, the dot product, or minus the squared distance (the root would cost
 * much and change no order). Scores are float64 from the vectors as they were given; the kernels' float32 closeness only
 * says which rows could matter. How wrong it can be is derived here, from the rounding of each operation
 * (docs/exact-search.md); a row whose length is odd is taken for as close as can be, since its weight is NaN.
 */
import { cosine, dot, euclidean, norm, normalize } from "../math/index.ts";
import { BLOCK, type RowSpace, type Segment, isOdd } from "./row-space.ts";
import type { IndexMetric } from "./vector-index.ts";

const U = 2 ** -24; // half a unit in the last place of float32, relative
const TINY = 2 ** -148; // what a product or sum can lose below the range of float32

export class Question {
  readonly metric: IndexMetric;
  /** As it was asked. */
  readonly query: Float32Array;
  readonly length: number;
  /** What the kernels get: the query, for cosines made one long. */
  readonly kernelQuery: Float32Array;
  readonly #rows: RowSpace;
  /** Σ q². */
  readonly #squares: number;
  /** A sum of n products is off by at most n + 1 roundings of Σ|qᵢxᵢ|, one of squares by n + 4; 8 more cover all else. */
  readonly #slack: number;

  constructor(metric: IndexMetric, query: Float32Array, rows: RowSpace) {
    this.metric = metric;
    this.query = query;
    this.#squares = dot(query, query);
    this.length = norm(query);
    this.kernelQuery = metric === "cosine" ? normalize(query) : query;
    this.#rows = rows;
    this.#slack = (rows.dim + 12) * U;
  }

  /** The score of a row: cosine, dot product or minus the distance, in float64. A vector of zeros has cosine 0. */
  exact(slot: number): number {
    const row = this.#rows.row(slot);
    if (this.metric === "cosine") return cosine(this.query, row);
    return this.metric === "dot" ? dot(this.query, row) : 0 - euclidean(this.query, row);
  }

  /** The same for many slots, in their order; faster than one by one. */
  exactOfMany(slots: readonly number[]): Float64Array {
    const out = new Float64Array(slots.length);
    for (const segment of this.#rows.segments) {
      const { start, capacity, space } = segment;
      let places: number[] = [];
      for (const [i, slot] of slots.entries()) {
        if (slot < start || slot >= start + capacity) continue;
        // Kernels take the squares for what float64 holds; those of odd lengths it may not.
        if (isOdd(this.length) || Number.isNaN(space.weights[slot - start])) out[i] = this.exact(slot);
        else places.push(i);
        if (places.length === BLOCK) places = this.#scorePlaces(segment, slots, places, out);
      }
      this.#scorePlaces(segment, slots, places, out);
    }
    return out;
  }

  #scorePlaces(
    { start, space, scans }: Segment,
    slots: readonly number[],
    places: readonly number[],
    out: Float64Array,
  ): [] {
    const { query, rows, squares, scores } = space;
    const ids = space.ids.subarray(0, places.length);
    places.forEach((i, k) => (ids[k] = slots[i]! - start));
    query.set(this.query);
    // The kernels' float32 are not in use here: their place serves for work and results.
    const work = new Uint8Array(scores.buffer, scores.byteOffset, 192);
    const found = new Float64Array(scores.buffer, scores.byteOffset + 192, places.length);
    scans.scoreRows(METRIC[this.metric], query, this.#squares, rows, squares, ids, found, work);
    places.forEach((i, k) => (out[i] = found[k]!));
    return [];
  }

  /** The least closeness with which a row may still score `score`. */
  closenessOf(score: number): number {
    if (this.metric !== "euclidean") return score;
    return score > 0 ? Infinity : -score * score * (1 + 2 ** -50);
  }

  /** Writes the most that the closeness of a run of rows of a segment can be, or of chosen ones, to `space.scores`. */
  reach({ space, scans }: Segment, first: number, count: number, ids: Uint32Array | undefined): void {
    const { dim } = this.#rows;
    const { query } = space;
    const out = space.scores.subarray(0, count);
    query.set(this.kernelQuery);
    const rows = ids ? space.rows : space.rows.subarray(first * dim, (first + count) * dim);
    const weights = ids ? space.weights : space.weights.subarray(first, first + count);
    if (this.metric === "euclidean") scans.scanSquares(query, rows, ids, out);
    else scans.scanProducts(query, rows, ids, out);
    this.#bound(scans, out, weights, ids);
  }

  #bound(scans: Segment["scans"], out: Float32Array, weights: Float32Array, ids: Uint32Array | undefined): void {
    const slack = this.#slack;
    const base = this.#rows.dim * TINY;
    if (isOdd(this.length)) out.fill(NaN);
    else if (this.metric === "cosine") scans.reach(out, weights, ids, { ...NEUTRAL, weigh: true, base: slack });
    else if (this.metric === "dot") {
      scans.reach(out, weights, ids, { ...NEUTRAL, slack: slack * this.length * (1 + 4 * U), base });
    } else scans.reach(out, weights, ids, { ...NEUTRAL, factor: slack - 1, base });
  }

  /** Packs questions into a segment, eight side by side, for `reachEight`. */
  static pack(questions: readonly Question[], { space: { packed } }: Segment): void {
    for (const [q, { kernelQuery }] of questions.entries()) {
      const start = (q >>> 3) * 8 * kernelQuery.length + (q & 7);
      for (let i = 0; i < kernelQuery.length; i++) packed[start + 8 * i] = kernelQuery[i]!;
    }
  }

  /**
   * The same as `reach` for a run of rows and the eight questions at most that were packed from place `from` on; the
   * numbers of the j-th begin at j · BLOCK. Distances are made of products here, 2q·x − ‖x‖² − ‖q‖², so their bound is that
   * of products, twice, and of the roundings of this sum.
   */
  static reachEight(
    questions: readonly Question[],
    from: number,
    { space, scans }: Segment,
    first: number,
    count: number,
  ): void {
    const { scores } = space;
    const { dim } = questions[0]!.#rows;
    const packed = space.packed.subarray(from * dim, (from + 8) * dim);
    scans.batchProducts(packed, space.rows.subarray(first * dim, (first + count) * dim), count, scores, BLOCK);
    const weights = space.weights.subarray(first, first + count);
    for (const [j, question] of questions.entries()) {
      const out = scores.subarray(j * BLOCK, j * BLOCK + count);
      const { length } = question;
      if (question.metric !== "euclidean" || isOdd(length)) question.#bound(scans, out, weights, undefined);
      else {
        const slack = 2 * question.#slack * length * (1 + 4 * U);
        const base = length * length * (16 * U - 1) + dim * TINY;
        scans.reach(out, weights, undefined, { weigh: false, factor: 2, slack, curve: 16 * U - 1, base });
      }
    }
  }
}

const METRIC = { cosine: 0, dot: 1, euclidean: 2 } as const;

const NEUTRAL = { weigh: false, factor: 1, slack: 0, curve: 0, base: 0 };
