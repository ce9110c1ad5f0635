import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { cosine } from "../math/index.ts";
import { type Diverse, maximalMarginalRelevance } from "./diversity.ts";

const two = (relevance: number, x: number, y: number): Diverse => ({ relevance, vector: [x, y] });

test("without diversity the order is that of relevance", () => {
  const candidates = [two(0.9, 1, 0), two(0.8, 1, 0), two(0.3, 0, 1)];
  assert.deepEqual(maximalMarginalRelevance(candidates, { k: 3, diversity: 0 }), [0, 1, 2]);
});

test("a less relevant candidate that says something else comes before the twin of the first", () => {
  const candidates = [two(0.9, 1, 0), two(0.89, 1, 0.01), two(0.5, 0, 1)];
  assert.deepEqual(maximalMarginalRelevance(candidates, { k: 2, diversity: 0.5 }), [0, 2]);
  assert.deepEqual(maximalMarginalRelevance(candidates, { k: 3, diversity: 0.5 }), [0, 2, 1]);
});

test("it takes what the definition of Carbonell and Goldstein takes, step by step", () => {
  const coordinate = fc.integer({ min: -3, max: 3 });
  const candidate = fc.record({
    relevance: fc.integer({ min: 0, max: 4 }).map((n) => n / 4),
    vector: fc.tuple(coordinate, coordinate, coordinate),
  });
  fc.assert(
    fc.property(fc.array(candidate, { maxLength: 10 }), fc.integer({ min: 0, max: 4 }), (candidates, quarter) => {
      const diversity = quarter / 4;
      const taken = maximalMarginalRelevance(candidates, { k: candidates.length, diversity });
      assert.deepEqual(
        [...taken].sort((a, b) => a - b),
        [...candidates.keys()],
      );
      taken.forEach((chosen, place) => {
        const before = taken.slice(0, place);
        const value = (i: number): number => {
          const likeness = before.map((j) => cosine(candidates[i]!.vector, candidates[j]!.vector));
          return (1 - diversity) * candidates[i]!.relevance - diversity * (likeness.length ? Math.max(...likeness) : 0);
        };
        for (const other of taken.slice(place)) assert.ok(value(chosen) >= value(other));
      });
    }),
    { seed: 2 },
  );
});

test("what has no vector is like nothing, and can be taken", () => {
  const candidates = [two(0.9, 1, 0), two(0.8, 1, 0), { relevance: 0.7, vector: undefined }];
  assert.deepEqual(maximalMarginalRelevance(candidates, { k: 2, diversity: 0.5 }), [0, 2]);
  assert.deepEqual(maximalMarginalRelevance([], { k: 3, diversity: 1 }), []);
});
