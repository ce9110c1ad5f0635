/**
 * How far codes can be from what they stand for: the numbers behind exact answers from short codes.
 *
 * With T(x) the vector as the codec sees it (scaled, centred, in steps), P̂ the projection as it is stored and σ ≥ ‖P̂‖,
 * a code is c(x) = P̂ T(x) + e with ‖e‖ ≤ ε(x). So ‖c(q) − c(x)‖ ≤ σ ‖T(q) − T(x)‖ + ε(q) + ε(x): a row whose code lies
 * further away than that cannot be as near as it would have to be. docs/exact-search.md derives each term of ε.
 */
import type { Codec } from "./codec.ts";
import type { IndexMetric } from "./vector-index.ts";

const U = 2 ** -24;
/** A vector that does not fit i16 is scaled to this length, less what float32 may be off by (encode.ts). */
const SAFE_LENGTH = 31_900;
/** Beyond this length, in steps, the encoder's float32 may overflow: such a code certifies nothing. */
const FURTHEST = 2 ** 50;

export class Certificate {
  /** No less than the spectral norm of the projection as stored. */
  readonly norm: number;
  readonly #codec: Codec;
  /** ‖mean‖, in steps. */
  readonly #mean: number;

  constructor(codec: Codec, norm: number) {
    this.norm = norm;
    this.#codec = codec;
    let squares = 0;
    for (const value of codec.mean) squares += value * value;
    this.#mean = Math.sqrt(squares);
  }

  /** Whether codes of this codec can certify at all: its step must be of an ordinary size. */
  get sound(): boolean {
    const { inverseStep, inputScale, ceiling, transform } = this.#codec;
    const ordinary = (value: number) => value > 2 ** -50 && value < 2 ** 50;
    return ordinary(inverseStep) && ordinary(inputScale) && (transform !== LIFTED || ordinary(ceiling));
  }

  /**
   * ε of a row of a given length whose code was rounded by `error` (the encoder's number): Infinity where
   * nothing can be said.
   */
  rowError(length: number, error: number): number {
    const { transform, ceiling } = this.#codec;
    if (transform === LIFTED && length > ceiling) return Infinity; // was not lifted to where all others are
    const seen = transform === UNIT ? 1 : transform === LIFTED ? ceiling : length;
    return this.#error(seen, error, length);
  }

  /** The same for a query. */
  queryError(length: number, error: number): number {
    const { transform, ceiling } = this.#codec;
    if (length === 0 && transform !== AS_IT_IS) return Infinity; // has no direction to be brought to a length
    return this.#error(transform === UNIT ? 1 : transform === LIFTED ? ceiling : length, error, length);
  }

  #error(seen: number, error: number, length: number): number {
    const { width, codes, inverseStep, inputScale, transform, ceiling, dim } = this.#codec;
    if (length !== 0 && !(length > 2 ** -60 && length < 2 ** 60)) return Infinity;
    const reach = seen * inverseStep + this.#mean;
    if (!(reach < FURTHEST) || !Number.isFinite(error)) return Infinity;
    const integers = (Math.sqrt(width) / 2) * Math.max(1 / inputScale, reach / SAFE_LENGTH);
    const lift = transform === LIFTED ? ceiling * inverseStep * Math.sqrt(dim * 2 ** -52) : 0;
    return error * (1 + (codes + 8) * U) + this.norm * (integers + 10 * U * reach + lift);
  }

  /**
   * How far T(q) and T(x) can be apart, in steps, where a row scores at least `score`. `length` is the query's.
   * The float64 of scores is off by less than dim roundings.
   */
  distanceAt(metric: IndexMetric, score: number, length: number): number {
    const { inverseStep, ceiling, dim } = this.#codec;
    const rounding = dim * 2 ** -50;
    if (metric === "euclidean") return score > 0 ? -Infinity : -score * inverseStep * (1 + rounding);
    if (metric === "cosine") return Math.sqrt(Math.max(0, 2 - 2 * score) + rounding) * inverseStep;
    const squares = 2 * ceiling * (ceiling - score / length);
    return Math.sqrt(Math.max(0, squares) + ceiling * ceiling * rounding) * inverseStep;
  }

  /**
   * The largest key, bias taken off, with which the row of a code can be so near. `squares` is ‖c(q)‖²: a key is
   * ‖c(q) − c(x)‖² − ‖c(q)‖².
   */
  keyAt(distance: number, queryError: number, rowError: number, squares: number): number {
    const reach = (this.norm * distance + queryError + rowError) * (1 + 2 ** -40);
    if (!(reach >= 0)) return -(2 ** 31);
    return Math.max(-(2 ** 31), Math.min(2 ** 31 - 1, Math.floor(reach * reach - squares)));
  }
}

/** Values of a codec's `transform`. */
const [AS_IT_IS, UNIT, LIFTED] = [0, 1, 2];

/**
 * An upper bound of the spectral norm of a codec's projection. With P̂P̂ᵀ = I + E: ‖P̂‖² ≤ 1 + ‖E‖ and ‖E‖² = ‖E²‖ ≤ ‖E²‖_F.
 * Products of the integers are exact in float64. Yields now and then.
 */
export function* projectionNorm({ matrix, codes, width }: Codec): Generator<void, number, void> {
  const off = new Float64Array(codes * codes);
  for (let i = 0; i < codes; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = 0;
      for (let k = 0; k < width; k++) sum += matrix[i * width + k]! * matrix[j * width + k]!;
      off[i * codes + j] = off[j * codes + i] = sum / 2 ** 28 - (i === j ? 1 : 0);
    }
    yield;
  }
  let squares = 0;
  for (let i = 0; i < codes; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = 0;
      for (let k = 0; k < codes; k++) sum += off[i * codes + k]! * off[j * codes + k]!;
      squares += (i === j ? 1 : 2) * sum * sum;
    }
    yield;
  }
  return Math.sqrt(1 + Math.sqrt(Math.sqrt(squares))) * (1 + 2 ** -30);
}
