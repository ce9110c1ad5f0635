import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Vocabulary } from "../core/index.ts";
import { WordTokenizer } from "../text/index.ts";
import { WordLookup } from "./word-lookup.ts";

const keys = ["a", "b", "ab", "a'b", "a_b", "a__b", "0", "a0", "don't", "x".repeat(256)];
const lookup = new WordLookup(new Vocabulary([...keys, "é", "A"]));
for (const _ of lookup.enter());
const tokenizer = new WordTokenizer();

function idsOf(text: string): number[] | false {
  const ids: number[] = [];
  return lookup.visit(text, (id, start, end) => {
    ids.push(id);
    assert.deepEqual(tokenizer.tokenize(text.slice(start, end)).length, 1);
  })
    ? ids
    : false;
}

test("finds in ASCII text the words that the tokenizer finds", () => {
  const piece = fc.constantFrom("a", "B", "b", "'", "_", "__", " ", "0", "-", ".", "\n", "don't", "\0", "x");
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
      const text = pieces.join("");
      assert.deepEqual(
        idsOf(text),
        tokenizer.tokenize(text).map((token) => keys.indexOf(token)),
      );
    }),
    { seed: 8, numRuns: 2000 },
  );
});

test("words longer than the tokenizer's are cut as there", () => {
  for (const length of [255, 256, 257, 1000]) {
    const text = `a ${"X".repeat(length)} b`;
    assert.deepEqual(
      idsOf(text),
      tokenizer.tokenize(text).map((token) => keys.indexOf(token)),
    );
  }
});

test("leaves text that is not ASCII to the tokenizer", () => assert.equal(idsOf("a é"), false));
