/** The whole round: look up, lose, accumulate, step. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Matrix, Vocabulary } from "../core/index.ts";
import { cosine } from "../math/index.ts";
import { EmbeddingTable } from "../table/index.ts";
import { AdaGrad, Adam, type Optimizer, Sgd, SparseAdam, checkGradient, fullSoftmaxLoss } from "./index.ts";

/** Skip-gram pairs of sentences in which cat and dog keep one company, and car another. */
const words = new Vocabulary(["cat", "dog", "feed", "pet", "car", "drive", "park"]);
const pairs = [
  ["cat", "feed"],
  ["cat", "pet"],
  ["dog", "feed"],
  ["dog", "pet"],
  ["car", "drive"],
  ["car", "park"],
].map(([center, context]) => ({ center: words.requireId(center!), context: words.requireId(context!) }));
const DIM = 6;

/** Loss and gradients of all pairs, put into the tables; the sum over the pairs. */
function accumulateAll(inputs: EmbeddingTable, outputs: EmbeddingTable): number {
  const everyWord = words.keys.map((_, id) => id);
  let total = 0;
  for (const { center, context } of pairs) {
    const rows = everyWord.map((id) => outputs.row(id));
    const found = fullSoftmaxLoss(inputs.row(center), rows, context);
    total += found.loss;
    inputs.accumulate([center], Matrix.of([found.center]));
    outputs.accumulate(everyWord, Matrix.of(found.outputs));
  }
  return total;
}

const newTables = (): [EmbeddingTable, EmbeddingTable] => [
  new EmbeddingTable({ rows: words.size, dim: DIM, seed: 1, init: { kind: "normal", scale: 0.3 } }),
  new EmbeddingTable({ rows: words.size, dim: DIM, seed: 2, init: { kind: "normal", scale: 0.3 } }),
];

test("B14, B15: what a table has accumulated over a batch with repeats is the slope of the batch's loss", () => {
  const [inputs, outputs] = newTables();
  accumulateAll(inputs, outputs);
  const lossAt = (center: Float64Array, context: Float64Array): number => {
    const row = (x: Float64Array, id: number): Float64Array => x.subarray(id * DIM, (id + 1) * DIM);
    const rows = words.keys.map((_, id) => row(context, id));
    return pairs.reduce((sum, pair) => sum + fullSoftmaxLoss(row(center, pair.center), rows, pair.context).loss, 0);
  };
  const [center, context] = [Float64Array.from(inputs.matrix.data), Float64Array.from(outputs.matrix.data)];
  const dense = (table: EmbeddingTable): number[] => words.keys.flatMap((_, id) => Array.from(table.gradientOf(id)));
  assert.ok(checkGradient((x) => lossAt(x, context), center, dense(inputs)).relativeError < 1e-4);
  assert.ok(checkGradient((x) => lossAt(center, x), context, dense(outputs)).relativeError < 1e-4);
});

const optimizers: Record<string, () => Optimizer> = {
  Sgd: () => new Sgd({ learningRate: 0.5 }),
  AdaGrad: () => new AdaGrad({ learningRate: 0.3 }),
  SparseAdam: () => new SparseAdam({ learningRate: 0.05 }),
  Adam: () => new Adam({ learningRate: 0.05 }),
};
for (const [name, make] of Object.entries(optimizers)) {
  test(`C11: with ${name}, words that keep one company come together: cat and dog, not cat and car`, () => {
    const [inputs, outputs] = newTables();
    const optimizer = make();
    const first = accumulateAll(inputs, outputs);
    let last = first;
    for (let n = 0; n < 100; n++) {
      optimizer.step(inputs);
      optimizer.step(outputs);
      last = accumulateAll(inputs, outputs);
    }
    // Every center has two contexts, so no model can lose less than log 2 a pair.
    assert.ok(last / pairs.length < Math.log(2) + 0.1 && last / pairs.length >= Math.log(2), `${first} to ${last}`);
    const similarity = (a: string, b: string): number =>
      cosine(inputs.row(words.requireId(a)), inputs.row(words.requireId(b)));
    assert.ok(similarity("cat", "dog") > 0.6, `${similarity("cat", "dog")}`);
    assert.ok(similarity("cat", "car") < 0.3, `${similarity("cat", "car")}`);
  });
}

test("B16: a full softmax touches every output row and only the center's input row", () => {
  const [inputs, outputs] = newTables();
  const found = fullSoftmaxLoss(
    inputs.row(0),
    words.keys.map((_, id) => outputs.row(id)),
    2,
  );
  inputs.accumulate([0], Matrix.of([found.center]));
  outputs.accumulate(
    words.keys.map((_, id) => id),
    Matrix.of(found.outputs),
  );
  const before = outputs.matrix.copy();
  new Sgd({ learningRate: 1 }).step(outputs);
  assert.equal(inputs.gradient.ids.length, 1);
  for (let id = 0; id < words.size; id++) assert.notDeepEqual(outputs.row(id), before.row(id));
});
