/**
 * Exact search over all rows of a matrix, fast.
 *
 * Two passes. The kernels score every row against the query in float32, on a unit-length copy of the rows,
 * and each row is ranked by the *most* its true score could be: what the kernel said plus a bound on its
 * rounding. The few best are then scored again in float64 on the rows themselves. If the worst of the k kept
 * does not beat the most that any dropped row could reach, more rows are looked at. So the answer is that
 * of a float64 search of everything, ties included, on every engine and without WebAssembly too.
 *
 * One copy serves every measure, since dot products and distances follow from cosines and lengths. It is
 * made at the first question and takes as much memory as the rows asked about (`limit` makes it smaller).
 */
import { LociError, type Matrix, type Part, type Workspace, floats, openWorkspace, words } from "../core/index.ts";
import { type Hit, TopK, byScore, norm } from "../math/index.ts";

/** Rows scored in one go: 512 rows of dim 100 are 200 kB, which stay in the processor's second cache. */
const BLOCK = 512;
/** Rows looked at a second time beyond k; more are fetched when these do not settle the answer. */
const SPARE = 7;
/** How many vectors one search can score side by side. */
export const MOST_PARTS = 256;

/** One question: which rows score highest. */
export interface Question {
  /** Writes to `block.most` the most that the score of each row of the block can be. */
  most(block: Block): void;
  /** The score of a row in float64. Higher is closer. */
  exact(id: number): number;
  /** How many hits are wanted. */
  readonly k: number;
  /** Whether a row may be among the hits; asked only of rows that could be. */
  admits(id: number): boolean;
}

type Space = Workspace<{
  rows: Part<Float32Array>;
  queries: Part<Float32Array>;
  scores: Part<Float32Array>;
  most: Part<Float32Array>;
  ids: Part<Uint32Array>;
  weights: Part<Float32Array>;
}>;

export class NearestRows {
  readonly #matrix: Matrix;
  #space: Space | undefined;
  #lengths: Float64Array = new Float64Array(0);

  /** Searches the rows of `matrix`, which must not change from the first search on. */
  constructor(matrix: Matrix) {
    this.#matrix = matrix;
  }

  /**
   * Answers questions about the first `limit` rows. `units` holds the unit-length vectors, end to end, that the
   * questions share (`MOST_PARTS` at most): each is scored once per row, however many questions use it.
   */
  search(units: Float32Array, questions: readonly Question[], limit: number): Hit[][] {
    const tops = questions.map(({ k }) => new TopK(Math.min(limit, k + SPARE)));
    this.#scan(units, questions, tops, limit);
    return questions.map((question, q) => this.#settle(units, question, tops[q]!, limit));
  }

  /** Offers every row to every question's collector, by the most that its score can be. */
  #scan(units: Float32Array, questions: readonly Question[], tops: readonly TopK[], limit: number): void {
    const block = new Block(this.#open(limit), this.#lengths, units, this.#matrix.dim);
    for (let start = 0; start < limit; start += BLOCK) {
      block.score(start, Math.min(BLOCK, limit - start));
      for (let q = 0; q < questions.length; q++) {
        questions[q]!.most(block);
        block.offerTo(tops[q]!, questions[q]!);
      }
    }
  }

  /** Scores the kept rows again, exactly; looks at more of them for as long as that does not settle the answer. */
  #settle(units: Float32Array, question: Question, top: TopK, limit: number): Hit[] {
    for (;;) {
      // No row left out can score more than this.
      const dropped = top.size === top.k && top.k < limit ? top.threshold : -Infinity;
      const hits = top
        .take()
        .map(({ id }) => ({ id, score: question.exact(id) }))
        .sort(byScore);
      if (dropped === -Infinity || hits[question.k - 1]!.score > dropped) return hits.slice(0, question.k);
      top = new TopK(Math.min(limit, 8 * top.k));
      this.#scan(units, [question], [top], limit);
    }
  }

  /** The workspace with at least `limit` unit rows. */
  #open(limit: number): Space {
    if (this.#space && this.#lengths.length >= limit) return this.#space;
    const { dim } = this.#matrix;
    this.#space = undefined; // let the smaller one go before the larger one comes
    const space = openWorkspace({
      rows: floats(limit * dim),
      queries: floats(MOST_PARTS * dim),
      scores: floats(MOST_PARTS * BLOCK),
      most: floats(BLOCK),
      ids: words(MOST_PARTS),
      weights: floats(MOST_PARTS),
    });
    this.#lengths = fillUnitRows(this.#matrix, limit, space.rows);
    this.#space = space;
    return space;
  }
}

/** Some rows in a run, their kernel cosines with every part of the search, and room for bounds. */
export class Block {
  /** The first row. */
  start = 0;
  /** How many rows. */
  length = 0;
  /** What a question writes, one number a row. */
  readonly most: Float32Array;
  /** The kernel's cosines of the rows with part 0. Off by at most `slack`. */
  readonly cosines: Float32Array;
  readonly slack: number;
  /** The lengths of all rows. */
  readonly lengths: Float64Array;
  readonly #space: Space;
  readonly #dim: number;
  readonly #queries: Float32Array[];

  constructor(space: Space, lengths: Float64Array, units: Float32Array, dim: number) {
    space.queries.set(units);
    this.#queries = Array.from({ length: units.length / dim }, (_, p) =>
      space.queries.subarray(p * dim, (p + 1) * dim),
    );
    this.#space = space;
    this.#dim = dim;
    this.lengths = lengths;
    this.cosines = space.scores;
    this.most = space.most;
    this.slack = slackOf(dim);
  }

  /** Moves to other rows and scores them against every part. */
  score(start: number, length: number): void {
    this.start = start;
    this.length = length;
    const { rows, scores, kernels } = this.#space;
    const run = rows.subarray(start * this.#dim, (start + length) * this.#dim);
    for (let p = 0; p < this.#queries.length; p++) {
      kernels.dots(this.#queries[p]!, run, scores.subarray(p * BLOCK, p * BLOCK + length));
    }
  }

  /** Writes the most that Σ weights[k] · cosine of parts[k] can be. */
  combine(parts: readonly number[], weights: readonly number[]): void {
    const { scores, ids, most, kernels, weights: factors } = this.#space;
    ids.set(parts);
    factors.set(weights);
    const size = weights.reduce((sum, weight) => sum + Math.abs(weight), 0);
    // 2 roundings a term, each of a sum that is no larger than size + base, and those of the weights and the base.
    const base = size * (this.slack + (2 * parts.length + 4) * 2 ** -24);
    kernels.combineRows(scores, ids.subarray(0, parts.length), factors.subarray(0, parts.length), base, most);
  }

  /** Writes the most that 3CosMul's quotient can be: closenesses to the first `positives` parts over the others'. */
  divide(parts: readonly number[], positives: number, epsilon: number): void {
    const { scores, ids, most, kernels } = this.#space;
    ids.set(parts);
    // Every operation rounds once, and all factors are positive: so does each by at most 2⁻²⁴ of the result. Two of
    // them act before the product begins, on numbers near 1.
    const slack = this.slack + (2 * parts.length + 8) * 2 ** -23;
    const bounds = { above: 1 + slack, below: 1 - slack, epsilon: epsilon * (1 - slack) };
    kernels.quotientRows(scores, ids.subarray(0, parts.length), positives, bounds, most);
  }

  /** Offers the rows of the block to a collector, by what `most` says. */
  offerTo(top: TopK, question: Question): void {
    const { kernels } = this.#space;
    const most = this.length === BLOCK ? this.most : this.most.subarray(0, this.length);
    // An equal row further on loses its tie, so only greater ones are worth a look.
    for (let r = -1; (r = kernels.firstAbove(most, top.threshold, r + 1)) < this.length;) {
      if (question.admits(this.start + r)) top.offer(this.start + r, most[r]!);
    }
  }
}

/**
 * How far a kernel's cosine of two unit vectors can be from the true one: the sum's own rounding (see
 * kernels/assembly/dots.ts, with Σ|qᵢrᵢ| ≤ 1) and the rounding of both vectors to float32.
 */
function slackOf(dim: number): number {
  return (dim + 8) * 2 ** -24;
}

/** Writes unit-length copies of the first `count` rows and returns their lengths. Zeros stay zeros. */
function fillUnitRows(matrix: Matrix, count: number, out: Float32Array): Float64Array {
  const { dim, data } = matrix;
  const lengths = new Float64Array(count);
  for (let r = 0; r < count; r++) {
    const length = norm(data.subarray(r * dim, (r + 1) * dim));
    if (!Number.isFinite(length)) {
      throw new LociError(
        "bad-argument",
        `Row ${r} holds numbers that are not finite. Learn or load the vectors anew.`,
      );
    }
    lengths[r] = length;
    if (length === 0) continue;
    for (let i = r * dim; i < (r + 1) * dim; i++) out[i] = data[i]! / length;
  }
  return lengths;
}
