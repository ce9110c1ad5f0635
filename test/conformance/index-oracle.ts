/** What the cases of indexes are judged by: a plain Map, sets that are hard, and small helpers. */
import { type ByteSource, Matrix, Rng } from "../../src/core/index.ts";
import type { IndexAnswer, IndexMetric, Key, VectorIndex } from "../../src/index/index.ts";
import { cosine, dot, euclidean } from "../../src/math/index.ts";
import { expectSame } from "./case.ts";

export interface IndexVariant {
  /** A new index without vectors. */
  readonly open: (options: { readonly dim: number; readonly metric: IndexMetric }) => VectorIndex;
  /** An index from the bytes of `pieces`. */
  readonly reopen: (source: ByteSource) => Promise<VectorIndex>;
  /** Whether every answer is exact, also without being asked. */
  readonly exact: boolean;
  /** Cases that are not asked, by their name, and why. */
  readonly skip?: Readonly<Record<string, string>>;
}

export const METRICS: readonly IndexMetric[] = ["cosine", "dot", "euclidean"];

/** The scores that the oracle believes. */
export const SCORE: Readonly<Record<IndexMetric, (a: ArrayLike<number>, b: ArrayLike<number>) => number>> = {
  cosine,
  dot,
  euclidean: (a, b) => 0 - euclidean(a, b),
};

/** The oracle: a Map, whose order is the order in which keys came in. */
export class PlainIndex {
  readonly vectors = new Map<Key, Float32Array>();
  readonly metric: IndexMetric;

  constructor(metric: IndexMetric) {
    this.metric = metric;
  }

  ranked(query: ArrayLike<number>, admits: (key: Key) => boolean = () => true): { key: Key; score: number }[] {
    const hits = [...this.vectors].flatMap(([key, vector]) =>
      admits(key) ? [{ key, score: SCORE[this.metric](query, vector) }] : [],
    );
    return hits.sort((a, b) => b.score - a.score); // stable: ties stay in the order they came in
  }
}

/** Sets that are hard for whoever rounds: near ties, lengths of all sizes, repeated rows, few directions. */
export const HARD: Readonly<Record<string, (rng: Rng, rows: number, dim: number) => Matrix>> = {
  clusters: (rng, rows, dim) => clusters(rng, rows, dim),
  "near ties": (rng, rows, dim) => {
    const out = Matrix.zeros(rows, dim);
    for (let r = 0; r < rows; r++) for (let i = 0; i < dim; i++) out.row(r)[i] = 1 + (rng.nextBelow(3) - 1) * 2 ** -22;
    return out;
  },
  "lengths of all sizes": (rng, rows, dim) => {
    const out = randomRows(rng, rows, dim);
    for (let r = 0; r < rows; r++) {
      const factor = 2 ** (rng.nextBelow(120) - 60);
      for (let i = 0; i < dim; i++) out.row(r)[i] = out.row(r)[i]! * factor;
    }
    return out;
  },
  "repeated rows": (rng, rows, dim) => {
    const out = clusters(rng, rows, dim);
    for (let r = 1; r < rows; r++) if (rng.nextBelow(3) > 0) out.row(r).set(out.row(rng.nextBelow(r)));
    return out;
  },
  "two directions": (rng, rows, dim) => {
    const [axes, out] = [randomRows(rng, 2, dim), Matrix.zeros(rows, dim)];
    for (let r = 0; r < rows; r++) {
      const [a, b] = [rng.nextNormal(), rng.nextNormal()];
      for (let i = 0; i < dim; i++) out.row(r)[i] = a * axes.row(0)[i]! + b * axes.row(1)[i]!;
    }
    return out;
  },
  "denormal numbers": (rng, rows, dim) => {
    const out = randomRows(rng, rows, dim);
    for (let i = 0; i < out.data.length; i++) out.data[i] = out.data[i]! * 2 ** -135;
    return out;
  },
  "huge numbers": (rng, rows, dim) => {
    const out = randomRows(rng, rows, dim);
    for (let i = 0; i < out.data.length; i++) out.data[i] = out.data[i]! * 2 ** 124;
    return out;
  },
};

export function aKey(rng: Rng): Key {
  const n = rng.nextBelow(30);
  return n % 3 === 0 ? n : n % 3 === 1 ? `${n}` : BigInt(n);
}

export function sameHits(answer: IndexAnswer, expected: readonly { key: Key; score: number }[], what: string): void {
  expectSame(answer.hits.length, expected.length, `${what}: how many hits`);
  for (const [i, { key, score }] of expected.entries()) {
    expectSame(answer.hits[i]!.score, score, `${what}: score of hit ${i}`);
    expectSame(
      answer.hits[i]!.key === key,
      true,
      `${what}: hit ${i} is ${String(answer.hits[i]!.key)}, not ${String(key)}`,
    );
  }
}

/** How many of the expected keys an answer holds. */
export function shared(answer: IndexAnswer, expected: readonly { readonly key: Key }[]): number {
  const keys = new Set(expected.map(({ key }) => key));
  return answer.hits.filter(({ key }) => keys.has(key)).length;
}

export function keysOf({ hits }: IndexAnswer): Key[] {
  return hits.map(({ key }) => key);
}

export function hitsOf({ hits }: IndexAnswer): [Key, number][] {
  return hits.map(({ key, score }) => [key, score]);
}

/** Whole numbers from `first` on. */
export function numbered(first: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => first + i);
}

export function randomRows(rng: Rng, rows: number, dim: number): Matrix {
  const out = Matrix.zeros(rows, dim);
  rng.fillNormal(out.data);
  return out;
}

/** Rows around forty places that lie in few directions: what embeddings look like. */
export function clusters(rng: Rng, rows: number, dim: number): Matrix {
  const places = randomRows(new Rng(1), 40, dim);
  const out = randomRows(rng, rows, dim);
  for (let r = 0; r < rows; r++) {
    const place = places.row(rng.nextBelow(40));
    for (let i = 0; i < dim; i++) out.row(r)[i] = (2 * place[i]!) / (1 + i / 6) + (0.5 * out.row(r)[i]!) / (1 + i / 6);
  }
  return out;
}

export function toUnit(vector: Float32Array): void {
  const length = Math.sqrt(dot(vector, vector));
  for (let i = 0; i < vector.length; i++) vector[i] = vector[i]! / length;
}

/** The bytes of an index's file. */
export async function bytesOf(index: VectorIndex): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for await (const piece of index.pieces()) pieces.push(piece.slice());
  const out = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    out.set(piece, at);
    at += piece.length;
  }
  return out;
}
