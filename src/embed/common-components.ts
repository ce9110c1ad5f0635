/**
 * What all texts have in common, and its removal.
 *
 * Averages of word vectors share a large part that says nothing about any one text (frequent words, the shape of the
 * space); Arora, Liang & Ma (2017) take out the first singular direction of a sample of text vectors. The vectors are
 * not centred first, as in the paper.
 */

/** Adds up v vᵀ of vectors: `dim × dim` numbers, whatever the number of vectors. */
export class CommonComponents {
  readonly dim: number;
  /** Vectors added so far. */
  count = 0;
  readonly #products: Float64Array;

  constructor(dim: number) {
    this.dim = dim;
    this.#products = new Float64Array(dim * dim);
  }

  /** Adds one vector, `times` times. */
  add(vector: ArrayLike<number>, times = 1): void {
    const { dim } = this;
    this.count++;
    for (let i = 0; i < dim; i++) {
      const scaled = vector[i]! * times;
      if (scaled === 0) continue;
      for (let j = 0; j <= i; j++) this.#products[i * dim + j]! += scaled * vector[j]!;
    }
  }

  /** The first directions, largest first, orthonormal, end to end; fewer where the vectors span no more. */
  directions(wanted: number): Float64Array {
    const { dim } = this;
    const products = this.#products.slice();
    for (let i = 0; i < dim; i++) for (let j = 0; j < i; j++) products[j * dim + i] = products[i * dim + j]!;
    let trace = 0;
    for (let i = 0; i < dim; i++) trace += products[i * dim + i]!;
    const found: number[] = [];
    for (let n = 0; n < Math.min(wanted, dim); n++) {
      const { direction, value } = largest(products, dim);
      if (!(value > 1e-12 * trace)) break;
      found.push(...direction);
      for (let i = 0; i < dim; i++)
        for (let j = 0; j < dim; j++) products[i * dim + j]! -= value * direction[i]! * direction[j]!;
    }
    return Float64Array.from(found);
  }
}

const ROUNDS = 300; // far more than it takes: the first direction of text vectors stands well out
const SETTLED = 1e-24; // squared change of a direction of length 1

/**
 * The eigenvector of the largest eigenvalue of a symmetric matrix, by power iteration from its longest row. Where two
 * eigenvalues are so close that it has not settled, it is a direction between theirs, the same each time.
 */
function largest(matrix: Float64Array, dim: number): { direction: Float64Array; value: number } {
  let start = 0;
  for (let i = 1; i < dim; i++) if (matrix[i * dim + i]! > matrix[start * dim + start]!) start = i;
  let direction = Float64Array.from(matrix.subarray(start * dim, (start + 1) * dim));
  let value = lengthen(direction);
  for (let round = 0; round < ROUNDS && value > 0; round++) {
    const next = new Float64Array(dim);
    for (let i = 0; i < dim; i++) {
      let sum = 0;
      for (let j = 0; j < dim; j++) sum += matrix[i * dim + j]! * direction[j]!;
      next[i] = sum;
    }
    value = lengthen(next);
    let change = 0;
    for (let i = 0; i < dim; i++) change += (next[i]! - direction[i]!) * (next[i]! - direction[i]!);
    direction = next;
    if (change < SETTLED) break;
  }
  return { direction, value };
}

/** Makes a vector one long, in place; returns how long it was. Zeros stay. */
export function lengthen(vector: Float64Array): number {
  let squares = 0;
  for (let i = 0; i < vector.length; i++) squares += vector[i]! * vector[i]!;
  const length = Math.sqrt(squares);
  if (length > 0) for (let i = 0; i < vector.length; i++) vector[i] = vector[i]! / length;
  return length;
}

/** Takes each direction (orthonormal, end to end) out of a vector, in place. */
export function removeDirections(vector: Float64Array, directions: Float64Array): void {
  const dim = vector.length;
  for (let start = 0; start < directions.length; start += dim) {
    let product = 0;
    for (let i = 0; i < dim; i++) product += vector[i]! * directions[start + i]!;
    for (let i = 0; i < dim; i++) vector[i]! -= product * directions[start + i]!;
  }
}
