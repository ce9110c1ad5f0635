/** Intervals that hold what they should, the same at the same seed. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Rng } from "../core/index.ts";
import { bootstrapInterval } from "./index.ts";

const meanOf = (sample: readonly number[]) => (items: Uint32Array) =>
  items.reduce((sum, item) => sum + sample[item]!, 0) / items.length;

test("an interval holds the true mean about as often as its level says", () => {
  let held = 0;
  for (let seed = 0; seed < 200; seed++) {
    const rng = new Rng(seed);
    const sample = Array.from({ length: 60 }, () => rng.nextNormal());
    const { low, high } = bootstrapInterval(60, meanOf(sample), { resamples: 300, level: 0.9, seed });
    if (low <= 0 && 0 <= high) held++;
  }
  assert.ok(held >= 165 && held <= 192, `${held} of 200`); // 180 expected; the deviation of the count is 4.2
});

test("an interval is the same at the same seed, narrower at a lower level, and a point where nothing varies", () => {
  const sample = [1, 5, 2, 8, 3, 9, 4];
  const interval = (options = {}) => bootstrapInterval(7, meanOf(sample), options);
  assert.deepEqual(interval(), interval({ seed: 1, level: 0.95, resamples: 1000 }));
  assert.notDeepEqual(interval(), interval({ seed: 2 }));
  const [wide, narrow] = [interval({ level: 0.99 }), interval({ level: 0.5 })];
  assert.ok(wide.low < narrow.low && narrow.high < wide.high);
  const { low, high } = bootstrapInterval(3, meanOf([2, 2, 2]));
  assert.deepEqual([low, high], [2, 2]);
});

test("nothing to draw from gives an interval without ends, and options out of range are refused", () => {
  assert.deepEqual(
    bootstrapInterval(0, () => 1),
    { low: NaN, high: NaN, level: 0.95, resamples: 1000 },
  );
  assert.ok(Number.isNaN(bootstrapInterval(2, () => NaN).low));
  assert.throws(() => bootstrapInterval(2, () => 1, { resamples: 0 }), /`resamples`/);
  assert.throws(() => bootstrapInterval(2, () => 1, { level: 1.5 }), /`level`/);
});
