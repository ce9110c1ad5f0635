/** The collector of the best, against sorting everything. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { TopK } from "./index.ts";

/** The oracle: sort everything, keep k. */
const bestOf = (scores: readonly number[], k: number) =>
  scores
    .map((score, id) => ({ id, score }))
    .sort((a, b) => b.score - a.score || a.id - b.id)
    .slice(0, k);

const fewValues = fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 60 }); // the hard case: ties

test("TopK keeps what sorting everything would keep, ties and order included", () => {
  fc.assert(
    fc.property(fewValues, fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 60 }), (scores, k, step) => {
      const top = new TopK(k);
      // In any order of coming: walk the ids in strides that meet each once.
      const ids = scores.map((_, i) => i).sort((a, b) => ((a * step) % 61) - ((b * step) % 61));
      for (const id of ids) top.offer(id, scores[id]!);
      assert.equal(top.threshold, scores.length < k ? -Infinity : bestOf(scores, k).at(-1)!.score);
      assert.deepEqual(top.take(), bestOf(scores, k));
    }),
    { seed: 1, numRuns: 1000 },
  );
});

test("TopK is empty after its hits are taken and can be filled again", () => {
  const top = new TopK(2);
  top.offer(7, 1);
  assert.deepEqual(top.take(), [{ id: 7, score: 1 }]);
  assert.equal(top.size, 0);
  top.offer(3, -Infinity);
  assert.deepEqual(top.take(), [{ id: 3, score: -Infinity }]);
});

test("TopK never keeps NaN and refuses a k below 1", () => {
  const top = new TopK(1);
  top.offer(0, NaN);
  assert.deepEqual(top.take(), []);
  assert.throws(() => new TopK(0), /`k`.*at least 1|`k`.*from 1/);
});
