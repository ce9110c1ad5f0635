/**
 * The learner's kernels against their plain twins, for every architecture and objective.
 *
 * Tolerance: kernels add float32 lanes where the reference adds float64, so each product of d terms errs by
 * about d · 2⁻²⁴ of its size, and the difference of two runs grows with the steps taken between looks. After
 * one slice of a small corpus rows of size 0.5 agree to 2e-5; a wrong sign, weight or row differs by 1e-3.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { Rng } from "../core/index.ts";
import { reference } from "../kernels/index.ts";
import { huffmanPaths } from "./huffman.ts";
import { epochKey, learningRateAt, word2vecJobs } from "./word2vec-jobs.ts";
import { word2vecSettings, type Word2vecOptions } from "./word2vec-options.ts";
import { PLAN_FIELDS, type WordPieces } from "./word2vec-shape.ts";
import { openTrainingSpace, type TrainingSpace } from "./word2vec-space.ts";
import { referencePlan, referenceState } from "./word2vec-reference.ts";

const WORDS = 600;
const TOLERANCE = 2e-5;

/** Zipf-like text with lines of uneven length. */
function makeIds(length: number, seed: number): { ids: Uint32Array; counts: Float64Array } {
  const rng = new Rng(seed);
  const drawn = Uint32Array.from({ length }, () => {
    if (rng.next() < 0.06) return reference.LINE_END;
    return Math.min(WORDS - 1, Math.floor(WORDS * rng.next() ** 2));
  });
  const counts = new Float64Array(WORDS);
  for (const id of drawn) if (id !== reference.LINE_END) counts[id]! += 1;
  // Ids must go by falling count, as a vocabulary's do.
  const order = [...counts.keys()].sort((a, b) => counts[b]! - counts[a]! || a - b);
  const rank = new Map(order.map((old, id) => [old, id]));
  return {
    ids: drawn.map((id) => (id === reference.LINE_END ? id : rank.get(id)!)),
    counts: Float64Array.from(order, (old) => counts[old]!),
  };
}

/** Each word is made of itself and three buckets out of 40. */
function makePieces(): WordPieces {
  const starts = Uint32Array.from({ length: WORDS + 1 }, (_, i) => i * 4);
  const rows = Uint32Array.from({ length: WORDS * 4 }, (_, i) => {
    const word = Math.floor(i / 4);
    return i % 4 === 0 ? word : WORDS + ((word * 7 + (i % 4) * 13) % 40);
  });
  return { starts, rows, buckets: 40, used: Uint32Array.from({ length: 40 }, (_, i) => i) };
}

function openSpace(
  length: number,
  options: Word2vecOptions,
  subwords = false,
  seed = 7,
): { space: TrainingSpace; ids: Uint32Array } {
  const { ids, counts } = makeIds(length, seed);
  const settings = word2vecSettings({ dim: 12, subsample: 0.05, learningRate: 0.05, ...options });
  const paths = settings.objective === "hierarchical-softmax" ? huffmanPaths(counts) : undefined;
  const space = openTrainingSpace({ counts, length }, settings, 1, false, subwords ? makePieces() : undefined, paths);
  word2vecJobs.fillInputs(null, { worker: 0, workers: 1, setup: space.setup, kept: new Map() });
  // Outputs start at zero, which would hide half of the gradients in the first steps.
  new Rng(3).fillNormal(space.outputs);
  for (let i = 0; i < space.outputs.length; i++) space.outputs[i]! *= 0.3;
  for (const [rows, count] of [
    [space.inputs, space.setup.shape.record.inputRows],
    [space.outputs, space.setup.shape.record.outputRows],
  ] as const) {
    const width = rows.length / count;
    for (let row = 0; row < count; row++) rows.fill(0, row * width + settings.dim, (row + 1) * width);
  }
  return { space, ids };
}

/** The whole corpus with line ends around it, as the loop lays it out for one shard. */
function padded(space: TrainingSpace, ids: Uint32Array): Uint32Array {
  const { halo } = space.setup.shape.record;
  const all = new Uint32Array(ids.length + 2 * halo + 4096).fill(reference.LINE_END);
  all.set(ids, halo);
  return all;
}

function loadSlice(space: TrainingSpace, ids: Uint32Array): void {
  const { shape, idsPerShard } = space.setup;
  const all = padded(space, ids);
  for (let s = 0; s < shape.record.shards; s++)
    space.ids.set(all.subarray(s * shape.part, s * shape.part + idsPerShard), s * idsPerShard);
}

function furthest(a: Float32Array, b: Float32Array): number {
  let most = 0;
  for (let i = 0; i < a.length; i++) {
    const difference = Math.abs(a[i]! - b[i]!);
    if (!(difference <= most)) most = difference;
  }
  return most;
}

function runKernels(space: TrainingSpace, rounds: number): void {
  word2vecJobs.trainSlice(
    { epoch: 0, first: 0, rounds },
    { worker: 0, workers: 1, setup: space.setup, kept: new Map() },
  );
}

const cases: [string, Word2vecOptions, boolean][] = [
  ["skip-gram, negative sampling", {}, false],
  ["skip-gram, window 9 (more neighbours than one product kernel takes)", { window: 9 }, false],
  ["skip-gram, pool 4 and no sub-sampling", { pool: 4, subsample: 0 }, false],
  ["skip-gram, pool 12, dim 57 (several column blocks and a padded tail)", { pool: 12, dim: 57 }, false],
  ["skip-gram, subwords", {}, true],
  ["skip-gram, hierarchical softmax", { objective: "hierarchical-softmax" }, false],
  ["skip-gram, subwords, hierarchical softmax", { objective: "hierarchical-softmax" }, true],
  ["skip-gram, full softmax", { objective: "softmax" }, false],
  ["CBOW, negative sampling", { architecture: "cbow" }, false],
  ["CBOW, subwords", { architecture: "cbow" }, true],
  ["CBOW, hierarchical softmax", { architecture: "cbow", objective: "hierarchical-softmax" }, false],
  ["CBOW, full softmax", { architecture: "cbow", objective: "softmax" }, false],
];

for (const [name, options, subwords] of cases) {
  for (const deterministic of [true, false]) {
    test(`${name}: ${deterministic ? "one shard" : "the racy mode"} trains as the plain learner does`, () => {
      const { space, ids } = openSpace(900, { ...options, deterministic }, subwords);
      const { shape } = space.setup;
      assert.equal(shape.record.shards, 1);
      const { space: plain } = openSpace(900, { ...options, deterministic }, subwords);
      const state = referenceState(plain.setup);
      const plan = referencePlan(plain.setup, epochKey(space.setup.seed, 0));
      const all = padded(plain, ids);
      let kept = 0;
      for (let round = 0; round < shape.rounds; round++) {
        const start = round * shape.record.shardTokens;
        const count = Math.min(shape.record.shardTokens, ids.length - start);
        kept += reference.trainPiece(
          plan,
          state,
          all,
          shape.record.halo + start,
          count,
          start,
          learningRateAt(space.setup, 0, round),
        );
      }
      assert.ok(kept > 100, `the case trains ${kept} tokens`);
      loadSlice(space, ids);
      runKernels(space, shape.rounds);
      const start = openSpace(900, { ...options, deterministic }, subwords).space;
      assert.ok(furthest(start.inputs, plain.inputs) > 1e-3, "training moves the inputs");
      assert.ok(furthest(start.outputs, plain.outputs) > 1e-3, "training moves the outputs");
      assert.ok(
        furthest(space.inputs, plain.inputs) < TOLERANCE,
        `inputs differ by ${furthest(space.inputs, plain.inputs)}`,
      );
      assert.ok(
        furthest(space.outputs, plain.outputs) < TOLERANCE,
        `outputs differ by ${furthest(space.outputs, plain.outputs)}`,
      );
      const [loss, lossPairs] = space.losses;
      assert.equal(lossPairs, state.lossPairs);
      assert.ok(Math.abs(loss! - state.loss) < 1e-4 * state.loss, `loss ${loss} against ${state.loss}`);
    });
  }
}

for (const [name, options, subwords] of cases.filter(([, { objective }]) => objective !== "softmax")) {
  test(`${name}: a round of eight shards merges as trained copies do`, () => {
    const { space, ids } = openSpace(40_000, options, subwords);
    const { space: plain } = openSpace(40_000, options, subwords);
    const { shape } = space.setup;
    assert.equal(shape.record.shards, 8);
    const state = referenceState(plain.setup);
    const all = padded(plain, ids);
    const shards = Array.from({ length: 8 }, (_, s) => ({
      start: shape.record.halo + s * shape.part,
      count: shape.record.shardTokens,
      position: s * shape.part,
      meanRow: new Float32Array(state.width),
      sigmaGap: 0,
    }));
    const plan = referencePlan(plain.setup, epochKey(space.setup.seed, 0));
    reference.trainRound(
      plan,
      state,
      all,
      shards,
      { inputs: plain.damping.subarray(0, 16), outputs: plain.damping.subarray(16) },
      learningRateAt(space.setup, 0, 0),
    );
    loadSlice(space, ids);
    runKernels(space, 1);
    assert.ok(
      furthest(space.inputs, plain.inputs) < TOLERANCE,
      `inputs differ by ${furthest(space.inputs, plain.inputs)}`,
    );
    assert.ok(
      furthest(space.outputs, plain.outputs) < TOLERANCE,
      `outputs differ by ${furthest(space.outputs, plain.outputs)}`,
    );
    assert.ok(
      space.counts.every((count) => count === 0),
      "a merge leaves no counts behind",
    );
  });
}

test("the plan that TypeScript writes has the fields that the kernels read, in their order", () => {
  const source = readFileSync(new URL("../kernels/assembly/words/plan.ts", import.meta.url), "utf8");
  const body = source.slice(source.indexOf("class Plan {"), source.indexOf("\n}", source.indexOf("class Plan {")));
  const fields = [...body.matchAll(/^ {2}(\w+): (u32|usize|f32);/gm)].map((match) => match[1]);
  assert.deepEqual(fields, [...PLAN_FIELDS]);
});

test("what lies apart by a number that both sides have for themselves lies where both expect it", () => {
  // A round of eight shards leaves each shard's variate and sums in its own place, and the bytes between untouched.
  const { space, ids } = openSpace(40_000, { dim: 9 });
  loadSlice(space, ids);
  runKernels(space, 1);
  const { shards, vectors } = space.setup.shape.record;
  const used = 16 + 16 * vectors;
  for (let s = 0; s < shards; s++) {
    const state = space.variates.subarray(s * space.setup.variateBytes, (s + 1) * space.setup.variateBytes);
    assert.ok(
      state.subarray(16, used).some((byte) => byte !== 0),
      `the mean row of shard ${s}`,
    );
    assert.ok(
      state.subarray(used).every((byte) => byte === 0),
      `nothing behind the mean row of shard ${s}`,
    );
    const [loss, measured, pairs] = space.losses.subarray(3 * s, 3 * s + 3);
    assert.ok(Number.isInteger(pairs) && pairs! > 0 && measured! <= pairs!, `pairs of shard ${s}: ${pairs}`);
    assert.ok(loss! >= 0 && loss! > 0 === measured! > 0, `loss of shard ${s}: ${loss}`);
  }
  // The widest column block is a number in three places: the plan, the scratch of gradients, the generated functions.
  const kernel = (name: string): string =>
    readFileSync(new URL(`../kernels/assembly/${name}`, import.meta.url), "utf8");
  const { columns } = space.setup.shape.record;
  assert.equal(
    /gradients = at; at = aligned\(at \+ \(batch \+ 1\) \* (\d+) \* 16\);/.exec(kernel("words/scratch.ts"))?.[1],
    `${columns}`,
  );
  const blocks = [...kernel("generated/blocks.ts").matchAll(/^function update(\d+)\(/gm)].map(([, width]) =>
    Number(width),
  );
  assert.equal(Math.max(...blocks), columns);
});

test("the kernels' sigmoid is within 4e-4 of 1 / (1 + e⁻ˣ) up to 8, and bounded beyond", () => {
  for (let x = -8; x <= 8; x += 1 / 64)
    assert.ok(Math.abs(reference.sigmoid(x) - 1 / (1 + reference.exp(-x))) < 4e-4, `x = ${x}`);
  assert.equal(reference.sigmoid(50), reference.sigmoid(8));
  assert.ok(reference.sigmoid(-50) > 0 && reference.sigmoid(50) < 1);
});

test("pools are drawn as often as frequency^0.75 says (chi-square over 16 strata)", () => {
  const { space } = openSpace(3000, {});
  const plan = referencePlan(space.setup, 99);
  const words = plan.cumulative.length;
  const expected = Float64Array.from(
    plan.cumulative,
    (upper, id) => (upper - (id === 0 ? 0 : plan.cumulative[id - 1]!)) / 2 ** 32,
  );
  const seen = new Float64Array(words);
  let total = 0;
  for (let position = 0; position < 4000; position++) {
    const kept = [{ id: 0, position, first: 0, last: 0 }];
    for (const id of reference.drawPools({ ...plan, key: 99 }, { kept, firstTrained: 0, trained: 1 })) {
      seen[id]! += 1;
      total++;
    }
  }
  // Systematic draws vary less than independent ones, so the usual bound of chi-square (mean + 5 deviations) is generous.
  let chiSquare = 0;
  for (let id = 0; id < words && expected[id]! > 0; id++)
    chiSquare += (seen[id]! - total * expected[id]!) ** 2 / (total * expected[id]!);
  assert.ok(chiSquare < words + 5 * Math.sqrt(2 * words), `chi-square ${chiSquare} for ${words} words`);
});
