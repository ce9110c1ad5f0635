/** Every loss: the gradient it gives is the slope it has (B14, C05), and its numbers are right by hand. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { LociError, Rng } from "../core/index.ts";
import { dot, softmax } from "../math/index.ts";
import {
  checkGradient,
  fullSoftmaxLoss,
  gloveLoss,
  hierarchicalSoftmaxLoss,
  negativeSamplingLoss,
  softmaxCrossEntropy,
} from "./index.ts";

const near = (actual: number, expected: number, tolerance = 1e-12): void =>
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} is not ${expected}`);

/** `count` vectors of `dim` standard normal numbers, end to end. */
function normals(count: number, seed: number): Float64Array {
  const rng = new Rng(seed);
  return Float64Array.from({ length: count }, () => rng.nextNormal());
}
const cut = (x: Float64Array, dim: number): Float64Array[] =>
  Array.from({ length: x.length / dim }, (_, k) => x.subarray(k * dim, (k + 1) * dim));
const joined = (...vectors: readonly ArrayLike<number>[]): Float64Array =>
  Float64Array.from(vectors.flatMap((v) => Array.from(v)));

/**
 * The losses as functions of all their vectors end to end, for one check of every gradient at once. `scale` 1 gives
 * scores of ordinary size, 3 saturated ones.
 */
const DIM = 4;
const cases: Record<string, { size: number; loss: (x: Float64Array) => { loss: number; gradient: Float64Array } }> = {
  "B14, C05: full softmax": {
    size: 8 * DIM,
    loss: (x) => {
      const [center, ...outputs] = cut(x, DIM);
      const found = fullSoftmaxLoss(center!, outputs, 3);
      return { loss: found.loss, gradient: joined(found.center, ...found.outputs) };
    },
  },
  "B14, C06: negative sampling": {
    size: 7 * DIM,
    loss: (x) => {
      const [center, positive, ...negatives] = cut(x, DIM);
      const found = negativeSamplingLoss(center!, positive!, negatives);
      return { loss: found.loss, gradient: joined(found.center, found.positive, ...found.negatives) };
    },
  },
  "B14, C06: hierarchical softmax": {
    size: 5 * DIM,
    loss: (x) => {
      const [center, ...nodes] = cut(x, DIM);
      const found = hierarchicalSoftmaxLoss(center!, nodes, [0, 1, 1, 0]);
      return { loss: found.loss, gradient: joined(found.center, ...found.nodes) };
    },
  },
  "B14: softmax cross-entropy": {
    size: 9,
    loss: (x) => softmaxCrossEntropy(x, 2),
  },
  "B14, C13: GloVe, a rare pair": { size: 2 * DIM + 2, loss: (x) => gloveOf(x, 7.5) },
  "B14, C13: GloVe, a frequent pair": { size: 2 * DIM + 2, loss: (x) => gloveOf(x, 4000) },
};
function gloveOf(x: Float64Array, count: number): { loss: number; gradient: Float64Array } {
  const [word, context] = cut(x.subarray(0, 2 * DIM), DIM);
  const cell = { word: word!, context: context!, wordBias: x[2 * DIM]!, contextBias: x[2 * DIM + 1]!, count };
  const found = gloveLoss(cell);
  return { loss: found.loss, gradient: joined(found.word, found.context, [found.bias, found.bias]) };
}

for (const [name, { size, loss }] of Object.entries(cases)) {
  for (const scale of [0.1, 1, 3]) {
    test(`${name}: analytic and numeric gradient agree to 1e-4 at 20 places, vectors of scale ${scale}`, () => {
      for (let seed = 0; seed < 20; seed++) {
        const x = normals(size, seed).map((v) => v * scale);
        const { relativeError, at, analytic, numeric } = checkGradient((x) => loss(x).loss, x, loss(x).gradient);
        assert.ok(relativeError < 1e-4, `seed ${seed}, number ${at}: ${analytic} against ${numeric}`);
      }
    });
  }
}

test("C05: the gradient of v_c is Σ p(w) u_w − u_o, and the loss −u_o·v_c + log Σ exp(u_w·v_c), by hand on 3 words", () => {
  const center = [1, 2];
  const outputs = [
    [1, 0],
    [0, 1],
    [1, 1],
  ];
  const [a, b, c] = [Math.exp(1), Math.exp(2), Math.exp(3)];
  const sum = a + b + c;
  const found = fullSoftmaxLoss(center, outputs, 1);
  near(found.loss, -2 + Math.log(sum));
  near(found.center[0]!, (a + c) / sum);
  near(found.center[1]!, (b + c) / sum - 1);
  near(found.outputs[1]![0]!, b / sum - 1);
  near(found.outputs[2]![1]!, (2 * c) / sum);
});

test("C05: the gradients of all output vectors together are zero times v_c: what one word gains, others lose", () => {
  const [center, ...outputs] = cut(normals(40, 5), 4);
  const { outputs: gradients } = fullSoftmaxLoss(center!, outputs, 0);
  for (let i = 0; i < 4; i++)
    near(
      gradients.reduce((sum, g) => sum + g[i]!, 0),
      0,
    );
});

test("C10: one step of negative sampling pulls the neighbor closer and pushes the negatives away", () => {
  const [center, positive, ...negatives] = cut(normals(20, 6), 4);
  const found = negativeSamplingLoss(center!, positive!, negatives);
  const step = (x: Float64Array, gradient: Float64Array): Float64Array => x.map((v, i) => v - 0.01 * gradient[i]!);
  assert.ok(dot(step(positive!, found.positive), center!) > dot(positive!, center!));
  negatives.forEach((negative, k) => {
    assert.ok(dot(step(negative, found.negatives[k]!), center!) < dot(negative, center!));
  });
});

test("negative sampling by hand: scores 0 cost log 2 each", () => {
  const zero = [0, 0];
  near(
    negativeSamplingLoss(
      zero,
      [1, 1],
      [
        [2, 0],
        [0, 3],
      ],
    ).loss,
    3 * Math.log(2),
  );
});

test("hierarchical softmax: the probabilities of all leaves of a tree sum to 1", () => {
  const [center, root, left, right] = cut(normals(16, 8), 4);
  const leaves: [Float64Array[], number[]][] = [
    [
      [root!, left!],
      [0, 0],
    ],
    [
      [root!, left!],
      [0, 1],
    ],
    [
      [root!, right!],
      [1, 0],
    ],
    [
      [root!, right!],
      [1, 1],
    ],
  ];
  near(
    leaves.reduce((sum, [nodes, code]) => sum + Math.exp(-hierarchicalSoftmaxLoss(center!, nodes, code).loss), 0),
    1,
  );
});

test("GloVe: nothing is lost where the product is the logarithm of the count; rare pairs weigh less", () => {
  const cell = { word: [1, 0], context: [2, 5], wordBias: 0.5, contextBias: -0.25, count: Math.exp(2.25) };
  near(gloveLoss(cell).loss, 0);
  const off = (count: number): number =>
    gloveLoss({ word: [1], context: [1 + Math.log(count)], wordBias: 0, contextBias: 0, count }).loss;
  near(off(100), 1);
  near(off(1000), 1);
  near(off(50), 0.5 ** 0.75);
});

test("I03: e2·e_j = 1, 2, 1 has softmax 0.2119, 0.5761, 0.2119; divided by √2: 0.2483, 0.5035, 0.2483", () => {
  const e = [
    [1, 0],
    [1, 1],
    [0, 1],
  ];
  const scores = e.map((other) => dot(e[1]!, other));
  assert.deepEqual(scores, [1, 2, 1]);
  const four = (scores: number[]): string[] => Array.from(softmax(scores), (p) => p.toFixed(4));
  assert.deepEqual(four(scores), ["0.2119", "0.5761", "0.2119"]);
  assert.deepEqual(four(scores.map((s) => s / Math.SQRT2)), ["0.2483", "0.5035", "0.2483"]);
});

test("losses stay finite and right for scores of ±10,000", () => {
  const { loss, probabilities } = softmaxCrossEntropy([1e4, -1e4, 0], 1);
  assert.equal(loss, 2e4);
  near(
    probabilities.reduce((a, b) => a + b),
    1,
  );
  assert.equal(softmaxCrossEntropy([1e4, -1e4], 0).loss, 0);
  assert.equal(negativeSamplingLoss([100], [-100], [[100]]).loss, 2e4);
  assert.equal(negativeSamplingLoss([100], [100], [[-100]]).loss, 0);
});

test("cross-entropy of equal scores is the logarithm of their number, its gradient p − y", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 50 }),
      fc.double({ min: -100, max: 100, noNaN: true }),
      fc.nat(),
      (n, score, t) => {
        const { loss, gradient } = softmaxCrossEntropy(new Float64Array(n).fill(score), t % n);
        near(loss, Math.log(n), 1e-9);
        gradient.forEach((g, i) => near(g, 1 / n - (i === t % n ? 1 : 0), 1e-12));
      },
    ),
    { seed: 9 },
  );
});

test("a target that is no class, a code of another length, a count of 0, vectors of two widths: refused", () => {
  const code = (expected: string) => (error: unknown) => error instanceof LociError && error.code === expected;
  assert.throws(() => softmaxCrossEntropy([1, 2], 2), code("id-out-of-range"));
  assert.throws(() => fullSoftmaxLoss([1], [[1], [2]], -1), code("id-out-of-range"));
  assert.throws(() => hierarchicalSoftmaxLoss([1], [[1]], [0, 1]), code("dim-mismatch"));
  assert.throws(() => negativeSamplingLoss([1, 2], [1], []), code("dim-mismatch"));
  assert.throws(
    () => gloveLoss({ word: [1], context: [1], wordBias: 0, contextBias: 0, count: 0 }),
    code("bad-argument"),
  );
});
