/** Word pairs: reading, coverage, and figures that can be checked by hand. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { LociError, Matrix, Vocabulary } from "../core/index.ts";
import { Embedding, Subwords } from "../table/index.ts";
import { evaluateWordPairs, parseWordPairs } from "./index.ts";

/** Vectors of the plane at these angles: the cosine of two is that of the angle between them. */
function at(angles: Record<string, number>, subwords?: Subwords): Embedding {
  const rows = Object.values(angles).map((degrees) => {
    const radians = (degrees * Math.PI) / 180;
    return [Math.cos(radians), Math.sin(radians)];
  });
  return new Embedding({
    vocabulary: new Vocabulary(Object.keys(angles)),
    matrix: Matrix.of(rows),
    ...(subwords && { subwords }),
  });
}

const PAIRS = "cat\tdog\t9\ncat\tcar\t1\ndog\tcar\t2\ncat\tzebra\t5\n";

test("Spearman compares the order of cosines with that of people's scores, over the pairs found", () => {
  const embedding = at({ cat: 0, dog: 20, car: 85 });
  const result = evaluateWordPairs(embedding, PAIRS);
  assert.deepEqual(result, { spearman: 1, pearson: result.pearson, found: 3, total: 4, missing: ["zebra"] });
  assert.ok(result.pearson > 0.9 && result.pearson < 1);
  assert.equal(evaluateWordPairs(at({ cat: 0, dog: 85, car: 20 }), PAIRS).spearman, -1);
});

test("a word of another case stands for its own spelling first, then lower case, then any", () => {
  const pairs = [
    { a: "Cat", b: "DOG", score: 1 },
    { a: "cat", b: "car", score: 0 },
  ];
  const found = (angles: Record<string, number>) => evaluateWordPairs(at(angles), pairs).found;
  assert.equal(found({ cat: 0, dog: 20, car: 85 }), 2);
  assert.equal(found({ cat: 0, Dog: 20, car: 85 }), 2);
  assert.equal(found({ CAT: 0, dog: 20 }), 1);
  // "Cat" is "Cat" here, at a right angle to "cat": the pairs have cosines of 60°, 10° and 80°.
  const both = at({ Cat: 0, cat: 90, dog: 60, car: 80 });
  const exact = [...pairs, { a: "Cat", b: "car", score: -1 }];
  assert.equal(evaluateWordPairs(both, exact).spearman, 0.5);
});

test("unseen words count only when subwords are asked for, and only those that have n-grams", () => {
  const buckets = Matrix.of(Array.from({ length: 30 }, (_, i) => [1, i / 10]));
  const embedding = at({ cat: 0, dog: 20, car: 85 }, new Subwords({ minN: 3, maxN: 6, buckets }));
  assert.equal(evaluateWordPairs(embedding, PAIRS).found, 3);
  const composed = evaluateWordPairs(embedding, `${PAIRS}cat\tx\t1\n`, { subwords: true });
  assert.deepEqual([composed.found, composed.total, composed.missing], [5, 5, []]);
  const short = new Subwords({ minN: 4, maxN: 6, buckets });
  const { missing } = evaluateWordPairs(at({ cat: 0, dog: 20, car: 85 }, short), "cat x 1\ncat xylophone 2", {
    subwords: true,
  });
  assert.deepEqual(missing, ["x"]);
});

test("an interval is given when asked for, holds the figure, and is the same every time", () => {
  const angles = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`w${i}`, i * i * 0.1]));
  const pairs = Array.from({ length: 29 }, (_, i) => ({
    a: `w${i}`,
    b: `w${i + 1}`,
    score: (29 - i) * (i % 5 ? 1 : 3),
  }));
  const { spearman, interval } = evaluateWordPairs(at(angles), pairs, { interval: true });
  assert.ok(interval!.low < spearman && spearman < interval!.high);
  assert.deepEqual(evaluateWordPairs(at(angles), pairs, { interval: { seed: 1 } }).interval, interval);
});

test("without two pairs there is no correlation: NaN, with its coverage", () => {
  const { spearman, found, total, missing } = evaluateWordPairs(at({ cat: 0 }), "cat dog 3\nowl dog 2\n");
  assert.ok(Number.isNaN(spearman));
  assert.deepEqual({ found, total, missing }, { found: 0, total: 2, missing: ["dog", "owl"] });
});

test("pairs are read with tabs, commas or spaces, comments and empty lines passed over", () => {
  const right = [
    { a: "love", b: "sex", score: 6.77 },
    { a: "tiger", b: "cat", score: 7 },
  ];
  assert.deepEqual(parseWordPairs("love\tsex\t6.77\ntiger\tcat\t7\n"), right);
  assert.deepEqual(parseWordPairs("# WordSim\r\nlove,sex,6.77\r\n\r\ntiger, cat, 7"), right);
  assert.deepEqual(parseWordPairs("love  sex 6.77\n  tiger cat 7 8 9"), right);
  assert.deepEqual(parseWordPairs("New York\tice cream\t1e-1"), [{ a: "New York", b: "ice cream", score: 0.1 }]);
  assert.deepEqual(parseWordPairs(""), []);
});

test("a bad line is refused with its number and what stands there", () => {
  for (const line of ["cat dog", "cat\t\t3", "word1\tword2\tscore", "cat,dog,", "cat dog Infinity"]) {
    assert.throws(
      () => parseWordPairs(`a b 1\n${line}\n`),
      (error) => error instanceof LociError && error.code === "bad-file" && error.message.startsWith("Line 2 "),
    );
  }
});

test("a heading is passed over, also a byte order mark before it, and the score is the first number after the words", () => {
  const right = [
    { a: "old", b: "new", score: 1.58 },
    { a: "smart", b: "intelligent", score: 9.2 },
  ];
  assert.deepEqual(parseWordPairs("Word 1,Word 2,Human (mean)\nold,new,1.58\nsmart,intelligent,9.2"), right);
  // SimLex-999 as it is published: part of speech, score, then concreteness and more.
  const simlex =
    "\ufeffword1\tword2\tPOS\tSimLex999\tconc(w1)\tconcQ\nold\tnew\tA\t1.58\t2.72\t2\nsmart\tintelligent\tA\t9.2\t1.75\t1\n";
  assert.deepEqual(parseWordPairs(simlex), right);
  assert.throws(() => parseWordPairs("a\tb\tA\t1\nc\td\t2\n"), /Line 2 .* in column 4 /, "the column stays");
  assert.throws(() => parseWordPairs("cat\tdog\n"), /Line 1 /, "two columns are no heading");
  assert.throws(() => parseWordPairs("a\tb\tscore\nc\td\tmuch\n"), /Line 2 /, "there is one heading");
});
