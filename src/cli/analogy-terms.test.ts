import assert from "node:assert/strict";
import { test } from "node:test";
import { analogyTerms } from "./analogy-terms.ts";
import { UsageError } from "./failures.ts";

const terms = (words: readonly string[], known: readonly string[] = []) =>
  analogyTerms(words, (key) => known.includes(key));

const royal = { positive: ["king", "woman"], negative: ["man"] };
const TABLE: readonly (readonly [words: readonly string[], expected: object, known?: readonly string[]])[] = [
  [["king", "-", "man", "+", "woman"], royal],
  [["king - man + woman"], royal],
  [["king", "- man", "+ woman"], royal],
  [["king", "−", "man", "+", "woman"], royal],
  [["+", "king", "-", "man", "+", "woman"], royal],
  [["-", "man", "+", "king", "+", "woman"], royal],
  [["king"], { positive: ["king"], negative: [] }],
  [["t-shirt", "-", "e-mail"], { positive: ["t-shirt"], negative: ["e-mail"] }],
  [["new york", "-", "usa"], { positive: ["new york"], negative: ["usa"] }, ["new york"]],
  [["c", "-", "+"], { positive: ["c"], negative: ["+"] }, ["+"]],
];

for (const [words, expected, known] of TABLE) {
  test(`the terms of ${JSON.stringify(words)}`, () => assert.deepEqual(terms(words, known), expected));
}

for (const words of [["king", "man"], ["king", "-"], ["king", "-", "+", "man"], ["-"], []]) {
  test(`${JSON.stringify(words)} is no analogy`, () => assert.throws(() => terms(words), UsageError));
}
