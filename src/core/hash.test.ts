import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { hashDigits, hashLanes, hashWord, hashWords } from "./hash.ts";

const digits = (words: readonly number[]): string => {
  const lanes = hashLanes(1, 2, 3, 4);
  hashWords(lanes, Uint32Array.from(words));
  return hashDigits(lanes);
};

test("a change of any bit of any word, or of the order of two, changes about half of the digits' bits", () => {
  const bits = (hex: string) => BigInt(`0x${hex}`);
  const apart = (a: string, b: string) => (bits(a) ^ bits(b)).toString(2).replaceAll("0", "").length;
  const words = fc.array(fc.nat(2 ** 31), { minLength: 2, maxLength: 12 });
  fc.assert(
    fc.property(words, fc.nat(), fc.integer({ min: 0, max: 31 }), (list, at, bit) => {
      const place = at % list.length;
      const changed = list.with(place, (list[place]! ^ (1 << bit)) >>> 0);
      assert.ok(apart(digits(list), digits(changed)) > 16);
      if (list[0] !== list[1]) assert.ok(apart(digits(list), digits([list[1]!, list[0]!, ...list.slice(2)])) > 16);
    }),
    { seed: 1, numRuns: 300 },
  );
});

test("for a given word the hash of a lane is a bijection: lanes that differ stay different", () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer(), fc.integer(), (word, a, b) => {
      assert.equal(hashWord(a, word) === hashWord(b, word), (a | 0) === (b | 0));
    }),
    { seed: 1 },
  );
});
