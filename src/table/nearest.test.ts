/** Every answer about nearest rows against a float64 search of everything: hits, order, ties and scores. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { LociError, Matrix, Rng, Vocabulary } from "../core/index.ts";
import { cosine, dot, euclidean, normalize } from "../math/index.ts";
import { Embedding, type Metric, type NeighborOptions, type Query, type ScoredKey } from "./index.ts";

const embeddingOf = (matrix: Matrix) =>
  new Embedding({ matrix, vocabulary: new Vocabulary(Array.from({ length: matrix.rows }, (_, id) => `k${id}`)) });

const scoreOf: Record<Metric, (a: ArrayLike<number>, b: ArrayLike<number>) => number> = {
  cosine,
  dot,
  euclidean: (a, b) => -euclidean(a, b),
};
const metrics = Object.keys(scoreOf) as Metric[];

/** The oracle: score all, sort all, keep k. */
function rank(
  embedding: Embedding,
  score: (row: Float32Array) => number,
  { k = 10, limit = embedding.size, exclude = [] }: NeighborOptions,
): ScoredKey[] {
  const barred = new Set(exclude);
  return embedding.vocabulary.keys
    .map((key, id) => ({ key, id, score: score(embedding.matrix.row(id)) }))
    .slice(0, limit)
    .filter(({ key }) => !barred.has(key))
    .sort((a, b) => b.score - a.score || a.id - b.id)
    .slice(0, k)
    .map(({ key, score }) => ({ key, score }));
}

const allNeighbors = (embedding: Embedding, query: Query, { metric = "cosine", ...options }: NeighborOptions) => {
  const vector = typeof query === "string" ? embedding.vector(query) : query;
  const own = typeof query === "string" && !options.includeQuery ? [query] : [];
  const exclude = [...own, ...(options.exclude ?? [])];
  return rank(embedding, (row) => scoreOf[metric](vector, row), { ...options, exclude });
};

/** Small whole numbers: zero rows, equal rows and rows of one direction abound, so ties do. */
const small = fc.record({
  dim: fc.integer({ min: 1, max: 6 }),
  rows: fc.integer({ min: 1, max: 40 }),
  seed: fc.nat(),
  k: fc.integer({ min: 1, max: 12 }),
  limit: fc.integer({ min: 1, max: 50 }),
  metric: fc.constantFrom(...metrics),
  includeQuery: fc.boolean(),
  scale: fc.constantFrom(1, 1e-30, 1e30),
});

test("neighbours are those of a search that scores and sorts everything, ties, zeros and extremes included", () => {
  fc.assert(
    fc.property(small, ({ dim, rows, seed, scale, ...options }) => {
      const rng = new Rng(seed);
      const matrix = Matrix.zeros(rows, dim);
      for (let i = 0; i < matrix.data.length; i++) matrix.data[i] = scale * (rng.nextBelow(4) - 1);
      const embedding = embeddingOf(matrix);
      const exclude = [`k${rng.nextBelow(rows)}`, "no such key"];
      for (const query of [`k${rng.nextBelow(rows)}`, matrix.row(0), new Float32Array(dim).fill(scale)]) {
        const asked = { ...options, exclude };
        assert.deepEqual(embedding.neighbors(query, asked), allNeighbors(embedding, query, asked));
      }
    }),
    { seed: 1, numRuns: 400 },
  );
});

/** Rows in clusters closer than float32 sums can tell apart: the second pass has to widen its look. */
function clustered(rows: number, dim: number): Matrix {
  const rng = new Rng(2);
  const matrix = Matrix.zeros(rows, dim);
  rng.fillNormal(matrix.data);
  for (let r = 0; r < rows; r += 2) {
    const center = matrix.row(r % 7 === 0 ? 0 : 4);
    matrix.row(r).forEach((x, i, row) => (row[i] = center[i]! * (1 + 1e-7 * x)));
  }
  return matrix;
}

for (const metric of metrics) {
  test(`neighbours by ${metric} are exact where rows are closer to each other than float32 sums can tell`, () => {
    const embedding = embeddingOf(clustered(1500, 37));
    for (const query of ["k0", "k4", "k1", "k777"]) {
      for (const k of [1, 10, 300]) {
        const options = { metric, k };
        assert.deepEqual(embedding.neighbors(query, options), allNeighbors(embedding, query, options));
      }
    }
  });
}

test("D12: nearest neighbours come nearest first, ties by lower id, without the key that was asked about", () => {
  const embedding = embeddingOf(
    Matrix.of([
      [2, 0],
      [0, 1],
      [1, 1],
      [0, 7],
      [5, 0],
      [-1, 0],
    ]),
  );
  assert.deepEqual(
    embedding.neighbors("k0", { k: 5 }).map(({ key }) => key),
    ["k4", "k2", "k1", "k3", "k5"],
  );
  assert.deepEqual(embedding.neighbors("k0", { k: 1 }), [{ key: "k4", score: 1 }]);
  assert.deepEqual(
    embedding.neighbors("k0", { k: 2, includeQuery: true }).map(({ key }) => key),
    ["k0", "k4"],
  );
  assert.deepEqual(embedding.neighbors("k0", { k: 99 }).length, 5);
});

test("a filter sees key and id, and exactly k answers come back while so many rows pass it", () => {
  const embedding = embeddingOf(clustered(1200, 8));
  const seen = new Set<number>();
  const answers = embedding.neighbors("k3", {
    k: 40,
    filter(key, id) {
      assert.equal(key, `k${id}`);
      seen.add(id);
      return id % 30 === 0;
    },
  });
  assert.deepEqual(
    answers,
    allNeighbors(embedding, "k3", { k: 1200 }).filter(({ key }) => Number(key.slice(1)) % 30 === 0),
  );
  assert.equal(answers.length, 40);
  assert.deepEqual(embedding.neighbors("k3", { filter: () => false }), []);
});

test("a limit looks at the first rows only, grows when a later question asks for more, and still knows later keys", () => {
  const embedding = embeddingOf(clustered(900, 5));
  for (const limit of [1, 10, 600, 10, 900, 5000]) {
    assert.deepEqual(embedding.neighbors("k899", { limit }), allNeighbors(embedding, "k899", { limit }));
  }
});

test("a score of a neighbour is the similarity of the two keys, to the bit", () => {
  const embedding = embeddingOf(clustered(300, 20));
  for (const { key, score } of embedding.neighbors("k9", { k: 299 })) {
    assert.equal(score, embedding.similarity("k9", key));
    assert.ok(score >= -1 && score <= 1);
  }
});

const analogies = fc.record({
  seed: fc.nat(),
  dim: fc.integer({ min: 1, max: 5 }),
  rows: fc.integer({ min: 4, max: 30 }),
  k: fc.integer({ min: 1, max: 5 }),
  limit: fc.integer({ min: 1, max: 40 }),
  includeInputs: fc.boolean(),
  method: fc.constantFrom("3CosAdd" as const, "3CosMul" as const),
});

/** The oracle of an analogy, from the definitions. */
function solve(embedding: Embedding, positive: string[], negative: string[], method: string) {
  const unit = (key: string) => {
    const vector = embedding.vector(key);
    const length = Math.sqrt(dot(vector, vector));
    return Float64Array.from(vector, (x) => (length === 0 ? 0 : x / length));
  };
  const closeness = (key: string, row: Float32Array) => (1 + cosine(embedding.vector(key), row)) / 2;
  const product = (keys: string[], row: Float32Array) => keys.reduce((all, key) => all * closeness(key, row), 1);
  const target = new Float64Array(embedding.dim);
  for (const key of positive) unit(key).forEach((x, i) => (target[i]! += x));
  for (const key of negative) unit(key).forEach((x, i) => (target[i]! -= x));
  return (row: Float32Array) =>
    method === "3CosAdd" ? cosine(target, row) : product(positive, row) / (product(negative, row) + 0.001);
}

test("analogies are those of a search that scores and sorts everything, one by one and in a batch", () => {
  fc.assert(
    fc.property(analogies, ({ seed, dim, rows, method, includeInputs, ...options }) => {
      const rng = new Rng(seed);
      const matrix = Matrix.zeros(rows, dim);
      for (let i = 0; i < matrix.data.length; i++) matrix.data[i] = rng.nextBelow(4) - 1;
      const embedding = embeddingOf(matrix);
      const pick = () => `k${rng.nextBelow(rows)}`;
      const asked = Array.from({ length: 5 }, () => ({ positive: [pick(), pick()], negative: [pick()] }));
      const answers = embedding.analogies(asked, { ...options, method, includeInputs });
      asked.forEach(({ positive, negative }, i) => {
        const exclude = includeInputs ? [] : [...positive, ...negative];
        const right = rank(embedding, solve(embedding, positive, negative, method), { ...options, exclude });
        assert.deepEqual(answers[i], right);
        assert.deepEqual(embedding.analogy({ positive, negative, ...options, method, includeInputs }), right);
      });
    }),
    { seed: 1, numRuns: 300 },
  );
});

for (const method of ["3CosAdd", "3CosMul"] as const) {
  test(`analogies by ${method} are exact where rows are closer to each other than float32 sums can tell`, () => {
    const embedding = embeddingOf(clustered(1500, 37));
    for (const [a, b, c] of [
      ["k0", "k4", "k1"],
      ["k1", "k3", "k5"],
      ["k0", "k0", "k4"],
      ["k7", "k14", "k21"],
    ] as const) {
      for (const k of [1, 20]) {
        const question = { positive: [b, c], negative: [a] };
        const score = solve(embedding, question.positive, question.negative, method);
        assert.deepEqual(
          embedding.analogy({ ...question, k, method }),
          rank(embedding, score, { k, exclude: [a, b, c] }),
        );
      }
    }
  });
}

test("a batch of analogies with more distinct keys than one search can hold is answered like each alone", () => {
  const embedding = embeddingOf(clustered(700, 6));
  const asked = Array.from({ length: 200 }, (_, i) => ({
    positive: [`k${3 * i}`, `k${3 * i + 1}`],
    negative: [`k${3 * i + 2}`],
  }));
  const batch = embedding.analogies(asked, { k: 2 });
  asked.forEach((analogy, i) => assert.deepEqual(batch[i], embedding.analogy({ ...analogy, k: 2 })));
});

test("analogies take vectors, keys that are only positive, and many terms", () => {
  const embedding = embeddingOf(clustered(50, 4));
  const mixed = embedding.analogy({ positive: [embedding.vector("k1"), "k2"], k: 3 });
  const target = [normalize(embedding.vector("k1")), normalize(embedding.vector("k2"))];
  const sum = target[0]!.map((x, i) => x + target[1]![i]!);
  assert.deepEqual(
    mixed.map(({ key }) => key),
    embedding.neighbors(sum, { k: 3, exclude: ["k2"] }).map(({ key }) => key),
  );
  assert.throws(() => embedding.analogy({ positive: [] }), /at least one term/);
  const many = Array.from({ length: 257 }, () => new Float32Array(4).fill(1));
  assert.throws(() => embedding.analogy({ positive: many }), /up to 256 terms/);
});

test("questions out of range are refused by code: k, limit, dim, numbers that are not finite", () => {
  const embedding = embeddingOf(
    Matrix.of([
      [1, 0],
      [NaN, 1],
    ]),
  );
  const coded = (code: string) => (error: unknown) => error instanceof LociError && error.code === code;
  assert.throws(() => embedding.neighbors("k0", { k: 0 }), coded("bad-argument"));
  assert.throws(() => embedding.neighbors("k0", { limit: 0.5 }), coded("bad-argument"));
  assert.throws(() => embedding.neighbors([1, 2, 3]), coded("dim-mismatch"));
  assert.throws(() => embedding.neighbors([1, Infinity]), coded("bad-argument"));
  assert.throws(() => embedding.neighbors("k0"), /Row 1 holds numbers that are not finite/);
  assert.throws(() => embedding.similarity("k0", "k1"), /"k1"/);
  assert.deepEqual(embedding.neighbors("k0", { limit: 1, includeQuery: true }), [{ key: "k0", score: 1 }]);
});
