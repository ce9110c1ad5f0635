import assert from "node:assert/strict";
import { test } from "node:test";
import { averagePrecision, ndcg, precisionAt, recallAt, reciprocalRank } from "./index.ts";

const near = (actual: number, expected: number) => assert.ok(Math.abs(actual - expected) < 1e-12, `${actual}`);

test("nDCG of the worked example: grades 3 2 3 0 1 2 of judged 3 3 2 2 1 0", () => {
  // DCG = 3 + 2/log₂3 + 3/2 + 0 + 1/log₂6 + 2/log₂7 = 6.861126688593…; ideal 3 + 3/log₂3 + 2/2 + 2/log₂5 + 1/log₂6.
  const dcg = 3 + 2 / Math.log2(3) + 3 / 2 + 1 / Math.log2(6) + 2 / Math.log2(7);
  const ideal = 3 + 3 / Math.log2(3) + 2 / 2 + 2 / Math.log2(5) + 1 / Math.log2(6);
  near(dcg, 6.861126688593502);
  near(ndcg([3, 2, 3, 0, 1, 2], [0, 1, 2, 2, 3, 3], 6), dcg / ideal);
  near(ndcg([3, 2, 3, 0, 1, 2], [0, 1, 2, 2, 3, 3], 2), (3 + 2 / Math.log2(3)) / (3 + 3 / Math.log2(3)));
});

test("nDCG is 1 for the best order there is, also where fewer are judged than k, and 0 where nothing is relevant", () => {
  near(ndcg([2, 1, 0, 0], [1, 2], 10), 1);
  assert.equal(ndcg([0, 0], [0, 0], 10), 0);
  assert.equal(ndcg([], [1], 10), 0);
  near(ndcg([0, 1], [1, -1], 10), 1 / Math.log2(3)); // grades below 0 gain nothing
});

test("recall, precision, reciprocal rank and average precision of 0 1 0 1 0 with three relevant", () => {
  const grades = [0, 2, 0, 1, 0];
  near(recallAt(grades, 3, 3), 1 / 3);
  near(recallAt(grades, 3, 100), 2 / 3);
  near(precisionAt(grades, 4), 2 / 4);
  near(precisionAt(grades, 10), 2 / 10);
  near(reciprocalRank(grades), 1 / 2);
  assert.equal(reciprocalRank(grades, 1), 0);
  near(averagePrecision(grades, 3), (1 / 2 + 2 / 4) / 3);
  near(averagePrecision(grades, 3, 3), 1 / 2 / 3);
  assert.deepEqual([recallAt([0], 0, 5), averagePrecision([0], 0)], [0, 0]);
});
