import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Matrix } from "../core/index.ts";
import { cosine } from "../math/index.ts";
import { groupsOf, nearDuplicates } from "./near-duplicates.ts";

test("pairs above the threshold are found, closest first, and connected to groups", async () => {
  const vectors = Matrix.of([
    [1, 0],
    [0, 1],
    [1, 0.1],
    [1, 0.25],
    [0, 2],
    [-1, 0],
  ]);
  const { pairs, groups } = await nearDuplicates(vectors, { threshold: 0.98 });
  assert.deepEqual(
    pairs.map(({ a, b }) => [a, b]),
    [
      [1, 4],
      [0, 2],
      [2, 3],
    ],
  );
  // 0 and 3 are not close to each other, but both are to 2.
  assert.deepEqual(groups, [
    [0, 2, 3],
    [1, 4],
  ]);
});

test("exactly the pairs that comparing all with all finds", async () => {
  const coordinate = fc.integer({ min: -2, max: 2 });
  const rows = fc.array(fc.tuple(coordinate, coordinate, coordinate), { minLength: 1, maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(rows, fc.constantFrom(0, 0.5, 0.9, 1), async (list, threshold) => {
      const vectors = Matrix.of(list);
      const expected = new Set<string>();
      for (let b = 1; b < list.length; b++)
        for (let a = 0; a < b; a++) {
          const zero = [a, b].some((r) => vectors.row(r).every((value) => value === 0));
          if (!zero && cosine(vectors.row(a), vectors.row(b)) >= threshold) expected.add(`${a}-${b}`);
        }
      const { pairs } = await nearDuplicates(vectors, { threshold });
      assert.deepEqual(new Set(pairs.map(({ a, b }) => `${a}-${b}`)), expected);
    }),
    { seed: 6, numRuns: 60 },
  );
});

test("groups are what pairs connect, however the pairs come", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 9 }))), (edges) => {
      const pairs = edges.filter(([a, b]) => a !== b).map(([a, b]) => ({ a, b }));
      // The oracle: labels spread along the pairs until nothing changes.
      const label = new Map(pairs.flatMap(({ a, b }) => [a, b]).map((key) => [key, key]));
      for (let changed = true; changed;) {
        changed = false;
        for (const { a, b } of pairs) {
          const lowest = Math.min(label.get(a)!, label.get(b)!);
          changed ||= label.get(a) !== lowest || label.get(b) !== lowest;
          label.set(a, lowest).set(b, lowest);
        }
      }
      const groups = groupsOf(pairs);
      assert.deepEqual(
        groups.flat().sort((a, b) => a - b),
        [...label.keys()].sort((a, b) => a - b),
      );
      for (const group of groups) for (const key of group) assert.equal(label.get(key), group[0]);
    }),
    { seed: 7 },
  );
});

test("a threshold that no cosine reaches is refused", async () => {
  await assert.rejects(nearDuplicates(Matrix.of([[1]]), { threshold: 1.5 }), { code: "bad-argument" });
});
