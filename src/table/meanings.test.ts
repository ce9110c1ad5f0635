/**
 * Meanings as places and directions, on a small space made by hand: every dimension is a feature one can name,
 * so that each answer can be checked on paper. (Spaces learnt from text are judged in train and bench.)
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { LociError, Matrix, Rng, Vocabulary } from "../core/index.ts";
import { Embedding, angleBetween, offsetAgreement } from "./index.ts";

const FEATURES = [
  "animal",
  "tame",
  "feline",
  "canine",
  "young",
  "machine",
  "royal",
  "person",
  "male",
  "hive",
  "glad",
  "move",
  "walk",
  "eat",
  "past",
  "type",
];
type Features = Record<string, number>;

const WORDS: Record<string, Features> = {
  cat: { animal: 1, tame: 0.8, feline: 0.7 },
  dog: { animal: 1, tame: 0.9, canine: 0.6 },
  puppy: { animal: 1, tame: 0.9, canine: 0.6, young: 0.6 },
  car: { machine: 1, tame: 0.2 },
  keyboard: { machine: 0.7, type: 1 },
  king: { royal: 1, male: 0.25 },
  queen: { royal: 1, male: -0.25, hive: 0.6 },
  man: { person: 1, male: 0.25 },
  woman: { person: 1, male: -0.25 },
  prince: { royal: 1, male: 0.25, young: 0.7 },
  princess: { royal: 1, male: -0.25, young: 0.7 },
  boy: { person: 1, male: 0.25, young: 0.7 },
  girl: { person: 1, male: -0.25, young: 0.7 },
  happy: { glad: 1 },
  joyful: { glad: 1, young: 0.2 },
  run: { move: 1, walk: 0.2 },
  ran: { move: 1, walk: 0.2, past: 0.4 },
  walk: { walk: 1, move: 0.3 },
  walked: { walk: 1, move: 0.3, past: 0.4 },
  eat: { eat: 1 },
  ate: { eat: 1, past: 0.4 },
};

const space = new Embedding({
  vocabulary: new Vocabulary(Object.keys(WORDS)),
  matrix: Matrix.of(Object.values(WORDS).map((word) => FEATURES.map((feature) => word[feature] ?? 0))),
});
const near = (actual: number, expected: number, tolerance: number) =>
  assert.ok(Math.abs(actual - expected) <= tolerance, `expected ${expected} ± ${tolerance}, got ${actual}`);

test("I23: in the illustration cat and dog are alike by about 0.8, cat and car by about 0.1", () => {
  near(space.similarity("cat", "dog"), 0.8, 0.02);
  near(space.similarity("cat", "car"), 0.1, 0.02);
});

test("D13: every near pair scores above every far pair", () => {
  const scores = (pairs: [string, string][]) => pairs.map(([a, b]) => space.similarity(a, b));
  const nearPairs = scores([
    ["dog", "cat"],
    ["dog", "puppy"],
    ["cat", "puppy"],
    ["happy", "joyful"],
    ["run", "ran"],
    ["king", "queen"],
  ]);
  const farPairs = scores([
    ["dog", "keyboard"],
    ["king", "car"],
    ["cat", "car"],
  ]);
  assert.ok(Math.min(...nearPairs) > Math.max(...farPairs), `${nearPairs.join()} over ${farPairs.join()}`);
});

test("D14: king − man + woman finds queen; with its inputs allowed, king itself comes first", () => {
  for (const method of ["3CosAdd", "3CosMul"] as const) {
    const question = { positive: ["king", "woman"], negative: ["man"], method };
    assert.equal(space.analogy({ ...question, k: 1 })[0]!.key, "queen");
  }
  const open = space.analogy({ positive: ["king", "woman"], negative: ["man"], k: 2, includeInputs: true });
  assert.deepEqual(
    open.map(({ key }) => key),
    ["king", "queen"],
  );
});

test("D15: the directions of royalty and of gender stand at a right angle, and words lie on both as they should", () => {
  const royalty = space.direction({
    from: ["man", "woman", "boy", "girl"],
    to: ["king", "queen", "prince", "princess"],
  });
  const gender = space.direction([
    ["man", "woman"],
    ["king", "queen"],
    ["boy", "girl"],
    ["prince", "princess"],
  ]);
  near(angleBetween(royalty, gender), 90, 10);
  const on = (direction: Float32Array, words: string[]) => space.project(words, direction).map(({ score }) => score);
  const [king, man, queen, woman] = on(royalty, ["king", "man", "queen", "woman"]) as [number, number, number, number];
  assert.ok(Math.min(king, queen) > 0.4 && Math.max(man, woman) < -0.4);
  const [he, she] = [on(gender, ["king", "man", "boy"]), on(gender, ["queen", "woman", "girl"])];
  assert.ok(Math.max(...he) < 0 && Math.min(...she) > 0);
});

test("D16: offsets of a relation point one way, well above a baseline of shuffled partners", () => {
  for (const pairs of [
    [
      ["run", "ran"],
      ["walk", "walked"],
      ["eat", "ate"],
    ],
    [
      ["man", "woman"],
      ["king", "queen"],
      ["boy", "girl"],
      ["prince", "princess"],
    ],
  ] as [string, string][][]) {
    const { meanCosine, baseline, pairs: count } = offsetAgreement(space, pairs);
    assert.ok(meanCosine > 0.5 && meanCosine > baseline + 0.3, `${meanCosine} against ${baseline}`);
    assert.equal(count, pairs.length);
    assert.deepEqual(offsetAgreement(space, pairs), offsetAgreement(space, pairs, { seed: 1 }));
  }
});

test("offsets without a relation agree no better than their shuffled baseline", () => {
  const matrix = Matrix.zeros(40, 30);
  new Rng(1).fillNormal(matrix.data);
  const keys = Array.from({ length: 40 }, (_, id) => `k${id}`);
  const random = new Embedding({ vocabulary: new Vocabulary(keys), matrix });
  const pairs = Array.from({ length: 20 }, (_, i) => [`k${2 * i}`, `k${2 * i + 1}`] as const);
  const { meanCosine, baseline } = offsetAgreement(random, pairs);
  near(meanCosine, baseline, 0.05);
  assert.throws(() => offsetAgreement(random, pairs.slice(0, 1)), /pairs/);
});

test("angles are right at 0, 45, 90 and 180 degrees, and for directions a millionth of a degree apart", () => {
  near(angleBetween([1, 0], [5, 0]), 0, 1e-12);
  near(angleBetween([1, 0], [1, 1]), 45, 1e-5);
  near(angleBetween([1, 0], [0, 2]), 90, 1e-5);
  near(angleBetween([1, 0], [-3, 0]), 180, 1e-12);
  near(angleBetween([1, 0], [1, 1e-4]), (1e-4 * 180) / Math.PI, 1e-8);
  assert.equal(angleBetween([0, 0], [1, 0]), 90);
});

test("a direction needs keys at both ends and two places that differ", () => {
  const badArgument = (error: unknown) => error instanceof LociError && error.code === "bad-argument";
  assert.throws(() => space.direction([]), badArgument);
  assert.throws(() => space.direction({ from: ["king"], to: [] }), badArgument);
  assert.throws(() => space.direction([["king", "king"]]), badArgument);
  assert.throws(() => space.direction([["king", "quen"]]), /Did you mean "queen"/);
  near(Math.hypot(...space.direction([["king", "queen"]])), 1, 1e-6);
});
