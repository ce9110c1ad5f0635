/**
 * What can be asked of all rows: nearness by cosine, dot product or distance, and analogies.
 *
 * Each question is a pair of formulas: the score of a row in float64, and the most it can be while its cosines
 * are known only up to a slack (nearest.ts says why). Both follow from cosines and lengths.
 */
import type { Matrix } from "../core/index.ts";
import { cosine, dot, euclidean, norm } from "../math/index.ts";
import type { Question } from "./nearest.ts";

/** How closeness is measured. */
export type Metric = "cosine" | "dot" | "euclidean";

/**
 * How an analogy is scored. "3CosAdd" (Mikolov et al., 2013): the cosine with the sum of the positive unit
 * vectors less the negative ones. "3CosMul" (Levy & Goldberg, 2014): the product of the closenesses
 * (1 + cos) / 2 to the positive ones, divided by that to the negative ones plus 0.001, so that no single term can
 * outweigh the rest.
 */
export type AnalogyMethod = "3CosAdd" | "3CosMul";

/** What every question has: how many hits, and which rows may be among them. */
export type Wanted = Pick<Question, "k" | "admits">;

/** The rows nearest to a vector, whose unit vector is the only part of the search. */
export function nearestTo(query: ArrayLike<number>, metric: Metric, matrix: Matrix, wanted: Wanted): Question {
  if (metric === "cosine") return byCosine(query, matrix, wanted);
  return metric === "dot" ? byDot(query, matrix, wanted) : byDistance(query, matrix, wanted);
}

function byCosine(query: ArrayLike<number>, matrix: Matrix, wanted: Wanted): Question {
  return {
    ...wanted,
    exact: (id) => cosine(query, rowOf(matrix, id)),
    most: (block) => block.combine([0], [1]),
  };
}

function byDot(query: ArrayLike<number>, matrix: Matrix, wanted: Wanted): Question {
  const size = norm(query);
  return {
    ...wanted,
    exact: (id) => dot(query, rowOf(matrix, id)),
    most({ start, length, cosines, lengths, slack, most }) {
      for (let r = 0; r < length; r++) most[r] = roundUp(size * lengths[start + r]! * (cosines[r]! + slack));
    },
  };
}

/** ‖a − b‖² = (‖a‖ − ‖b‖)² + 2‖a‖‖b‖(1 − cos): a sum of two parts that cannot be negative, so nothing cancels. */
function byDistance(query: ArrayLike<number>, matrix: Matrix, wanted: Wanted): Question {
  const size = norm(query);
  return {
    ...wanted,
    exact: (id) => -euclidean(query, rowOf(matrix, id)),
    most({ start, length, cosines, lengths, slack, most }) {
      for (let r = 0; r < length; r++) {
        const row = lengths[start + r]!;
        const apart = Math.max(0, Math.abs(size - row) - 2 ** -40 * (size + row));
        const squared = apart * apart + 2 * size * row * Math.max(0, 1 - slack - cosines[r]!);
        most[r] = roundUp(-Math.sqrt(squared));
      }
    },
  };
}

/** A bound in float64 as one that is still a bound when it is stored in float32. */
function roundUp(bound: number): number {
  return Math.max(bound + Math.abs(bound) * 2 ** -23 + 2 ** -149, -3.4e38);
}

/** One side of an analogy: the vectors, and their numbers among the search's parts. */
export interface Side {
  readonly vectors: readonly ArrayLike<number>[];
  readonly parts: readonly number[];
}

/** The rows that complete an analogy. */
export function analogyOf(
  method: AnalogyMethod,
  positive: Side,
  negative: Side,
  matrix: Matrix,
  wanted: Wanted,
): Question {
  return method === "3CosAdd"
    ? added(positive, negative, matrix, wanted)
    : multiplied(positive, negative, matrix, wanted);
}

function added(positive: Side, negative: Side, matrix: Matrix, wanted: Wanted): Question {
  const target = new Float64Array(matrix.dim);
  for (const vector of positive.vectors) addUnit(target, vector, 1);
  for (const vector of negative.vectors) addUnit(target, vector, -1);
  const factor = 1 / norm(target);
  const parts = [...positive.parts, ...negative.parts];
  const weights = parts.map((_, i) => (i < positive.parts.length ? factor : -factor));
  return {
    ...wanted,
    exact: (id) => cosine(target, rowOf(matrix, id)),
    most(block) {
      if (factor < 1e20) block.combine(parts, weights);
      else block.most.fill(Infinity); // the terms cancel, and cosines say nothing of what is left
    },
  };
}

function addUnit(target: Float64Array, vector: ArrayLike<number>, sign: number): void {
  const length = norm(vector);
  if (length === 0) return;
  for (let i = 0; i < target.length; i++) target[i] = target[i]! + (sign * vector[i]!) / length;
}

const EPSILON = 0.001; // Levy & Goldberg's, against division by zero

function multiplied(positive: Side, negative: Side, matrix: Matrix, wanted: Wanted): Question {
  return {
    ...wanted,
    exact(id) {
      const row = rowOf(matrix, id);
      let score = 1;
      for (const vector of positive.vectors) score *= (1 + cosine(vector, row)) / 2;
      let against = 1;
      for (const vector of negative.vectors) against *= (1 + cosine(vector, row)) / 2;
      return score / (against + EPSILON);
    },
    most: (block) => block.divide([...positive.parts, ...negative.parts], positive.parts.length, EPSILON),
  };
}

function rowOf(matrix: Matrix, id: number): Float32Array {
  return matrix.data.subarray(id * matrix.dim, (id + 1) * matrix.dim);
}
