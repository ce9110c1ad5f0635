import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Matrix, Rng } from "../core/index.ts";
import { cosine } from "../math/index.ts";
import { percentileOf, sampleOf, scorePairs } from "./percentile.ts";

function randomRows(rows: number, dim: number, seed: number): Matrix {
  const matrix = Matrix.zeros(rows, dim);
  new Rng(seed).fillNormal(matrix.data);
  return matrix;
}

test("the percentile of a score is the share of pairs below it, equal ones counted half", () => {
  const vectors = Matrix.of([
    [1, 0],
    [1, 0],
    [0, 1],
    [-1, 0],
  ]); // cosines: 1, and 0 thrice, and −1 twice
  const pairs = scorePairs(vectors, "cosine");
  assert.equal(pairs.pairs, 6);
  assert.equal(percentileOf(pairs, -1), (100 * 1) / 6);
  assert.equal(percentileOf(pairs, 0), (100 * 3.5) / 6);
  assert.equal(percentileOf(pairs, 1), (100 * 5.5) / 6);
  assert.equal(percentileOf(pairs, 1.5), 100);
  assert.equal(percentileOf(pairs, -2), 0);
});

test("thinned out, it stays within a quarter of a per cent of counting every pair, and is exact where hits are", () => {
  const vectors = randomRows(120, 8, 3);
  const kept = scorePairs(vectors, "cosine");
  assert.ok(kept.scores.length < 1000);
  const all: number[] = [];
  for (let a = 1; a < 120; a++) for (let b = 0; b < a; b++) all.push(cosine(vectors.row(a), vectors.row(b)));
  all.sort((a, b) => a - b);
  const counted = (score: number): number =>
    (100 * all.reduce((sum, other) => sum + (other < score ? 1 : other === score ? 0.5 : 0), 0)) / all.length;
  for (let score = -1; score <= 1; score += 0.01) {
    assert.ok(Math.abs(percentileOf(kept, score) - counted(score)) < 0.25, `at ${score}`);
  }
  for (const score of all.slice(-200)) assert.ok(Math.abs(percentileOf(kept, score) - counted(score)) < 1e-9);
});

test("a higher score never has a lower percentile", () => {
  const kept = scorePairs(randomRows(60, 4, 4), "euclidean");
  const score = fc.double({ min: -12, max: 1, noNaN: true });
  fc.assert(
    fc.property(score, score, (a, b) => {
      assert.ok(percentileOf(kept, Math.min(a, b)) <= percentileOf(kept, Math.max(a, b)));
    }),
    { seed: 5 },
  );
});

test("a sample holds each number once, in order, and is the same for the same seed", () => {
  const drawn = sampleOf(1000, 50, 9);
  assert.equal(new Set(drawn).size, 50);
  assert.deepEqual(
    drawn,
    [...drawn].sort((a, b) => a - b),
  );
  assert.deepEqual(sampleOf(1000, 50, 9), drawn);
  assert.notDeepEqual(sampleOf(1000, 50, 10), drawn);
  assert.deepEqual(sampleOf(3, 50, 9), [0, 1, 2]);
});

test("one vector has no pairs", () => {
  assert.throws(() => scorePairs(Matrix.of([[1, 2]]), "cosine"), { code: "bad-argument" });
});
