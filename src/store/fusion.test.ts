import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { DEFAULT_WEIGHTS, fuseReciprocalRanks, fuseWeighted, mergeCandidates, normalizedParts } from "./fusion.ts";

const candidate = (chunk: number, vector?: number, keyword?: number) => ({ chunk, vector, keyword });

test("a candidate that is best on both sides scores 1, and the others in proportion", () => {
  const fused = fuseWeighted([candidate(1, 0.9, 8), candidate(2, 0.5, 4), candidate(3, 0.1)], 0.1, {
    keyword: 3,
    vector: 1,
  });
  assert.deepEqual(
    fused.map(({ chunk, score }) => [chunk, Number(score.toFixed(6))]),
    [
      [1, 1],
      [2, 0.75 * 0.5 + 0.25 * 0.5],
      [3, 0],
    ],
  );
});

test("the difference between two hits is not blown up because they are the only ones", () => {
  // Min–max over the hits alone would make 1 and 0 of these.
  const [first, second] = normalizedParts([candidate(1, 0.81), candidate(2, 0.8)], 0);
  assert.equal(first!.vector, 1);
  assert.ok(second!.vector > 0.98);
});

test("a single candidate gets a score that is a number", () => {
  assert.deepEqual(fuseWeighted([candidate(7, 0.4)], 0.4, DEFAULT_WEIGHTS)[0]!.score, DEFAULT_WEIGHTS.vector);
  assert.deepEqual(fuseWeighted([candidate(7, undefined, 2)], 0, DEFAULT_WEIGHTS)[0]!.score, DEFAULT_WEIGHTS.keyword);
  assert.deepEqual(fuseWeighted([], 0, DEFAULT_WEIGHTS), []);
});

test("scores lie within [0, 1], and raising a part never lowers a score", () => {
  const scores = fc.option(fc.double({ min: -1, max: 1, noNaN: true }), { nil: undefined });
  const words = fc.option(fc.double({ min: 0, max: 30, noNaN: true }), { nil: undefined });
  const lists = fc.array(fc.tuple(scores, words), { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(lists, fc.double({ min: -1, max: 1, noNaN: true }), (list, floor) => {
      const candidates = list.map(([vector, keyword], i) => candidate(i, vector, keyword));
      const fused = fuseWeighted(candidates, floor, DEFAULT_WEIGHTS);
      for (const { score } of fused) assert.ok(score >= 0 && score <= 1 + 1e-12, `${score}`);
      for (const a of fused)
        for (const b of fused)
          if ((a.vector ?? -2) >= (b.vector ?? -2) && (a.keyword ?? 0) >= (b.keyword ?? 0))
            assert.ok(a.score >= b.score - 1e-12);
    }),
    { seed: 1 },
  );
});

test("reciprocal ranks are those of the paper: 1/(60 + rank), summed", () => {
  const fused = fuseReciprocalRanks({
    keyword: [
      { chunk: 1, score: 9 },
      { chunk: 2, score: 3 },
    ],
    vector: [
      { chunk: 2, score: 0.9 },
      { chunk: 3, score: 0.8 },
    ],
  });
  assert.deepEqual(
    fused.map(({ chunk, score }) => [chunk, score]),
    [
      [2, 1 / 62 + 1 / 61],
      [1, 1 / 61],
      [3, 1 / 62],
    ],
  );
  assert.deepEqual(fused[0], { chunk: 2, vector: 0.9, keyword: 3, score: fused[0]!.score });
});

test("equal scores stand in the order of their numbers", () => {
  const fused = fuseWeighted([candidate(9, 0.5), candidate(4, 0.5), candidate(6, 0.5)], 0, DEFAULT_WEIGHTS);
  assert.deepEqual(
    fused.map(({ chunk }) => chunk),
    [4, 6, 9],
  );
});

test("each chunk is a candidate once, whoever found it", () => {
  const merged = mergeCandidates({
    keyword: [{ chunk: 1, score: 2 }],
    vector: [
      { chunk: 1, score: 0.5 },
      { chunk: 2, score: 0.4 },
    ],
  });
  assert.deepEqual(merged, [candidate(1, 0.5, 2), candidate(2, 0.4)]);
});

test("weights that say nothing are refused", () => {
  assert.throws(() => fuseWeighted([], 0, { keyword: 0, vector: 0 }), { code: "bad-argument" });
  assert.throws(() => fuseWeighted([], 0, { keyword: -1, vector: 2 }), { code: "bad-argument" });
});
