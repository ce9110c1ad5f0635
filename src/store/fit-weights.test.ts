import assert from "node:assert/strict";
import { test } from "node:test";
import { Rng } from "../core/index.ts";
import { chosenFrom } from "./fit-weights.ts";
import { DEFAULT_WEIGHTS } from "./fusion.ts";

/** A question whose nDCG@10 is best at one share of words, and falls off to both sides. */
const peakedAt = (share: number) => Array.from({ length: 21 }, (_, s) => 1 - Math.abs(s / 20 - share));

test("where all questions agree on a share, that share is fitted and kept", () => {
  const { weights, kept, ndcg } = chosenFrom(
    Array.from({ length: 10 }, () => peakedAt(0.3)),
    5,
    1,
  );
  assert.equal(kept, true);
  assert.deepEqual(weights, { keyword: 0.3, vector: 0.7 });
  assert.equal(ndcg.crossValidated, 1);
  assert.ok(Math.abs(ndcg.default - (1 - (DEFAULT_WEIGHTS.keyword - 0.3))) < 1e-12);
});

test("where nothing is to be gained the default stays", () => {
  const flat = Array.from({ length: 10 }, () => Array.from({ length: 21 }, () => 0.5));
  assert.deepEqual(chosenFrom(flat, 5, 1).weights, DEFAULT_WEIGHTS);
  assert.equal(chosenFrom(flat, 5, 1).kept, false);
});

test("noise does not move the weights: chosen shares must do better on questions they have not seen", () => {
  const rng = new Rng(8);
  let kept = 0;
  for (let trial = 0; trial < 40; trial++) {
    // No share is any better than another; a fit on all questions always finds one that seems to be.
    const curves = Array.from({ length: 20 }, () => Array.from({ length: 21 }, () => rng.next()));
    if (chosenFrom(curves, 5, trial).kept) kept++;
  }
  // One standard error is passed by chance one time in six.
  assert.ok(kept <= 10, `${kept} of 40 kept`);
});

test("a handful of questions too few to be cut into parts fits nothing", () => {
  const { kept, weights } = chosenFrom([peakedAt(0.1), peakedAt(0.1)], 5, 1);
  assert.equal(kept, false);
  assert.deepEqual(weights, DEFAULT_WEIGHTS);
});
