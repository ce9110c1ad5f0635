import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { editDistance } from "./index.ts";

for (const [a, b, distance] of [
  ["", "", 0],
  ["kitten", "sitting", 3],
  ["dmi", "dim", 1],
  ["queen", "quen", 1],
  ["ca", "abc", 3], // a swapped pair is not changed again
  ["abc", "", 3],
] as const) {
  test(`"${a}" and "${b}" are ${distance} edits apart, either way`, () => {
    assert.equal(editDistance(a, b), distance);
    assert.equal(editDistance(b, a), distance);
  });
}

test("a limit changes nothing but that what lies beyond is Infinity", () => {
  const words = fc.string({ unit: fc.constantFrom("a", "b", "c"), maxLength: 8 });
  fc.assert(
    fc.property(words, words, fc.nat(5), (a, b, most) => {
      const distance = editDistance(a, b);
      assert.equal(editDistance(a, b, most), distance <= most ? distance : Infinity);
    }),
    { seed: 12, numRuns: 500 },
  );
});
