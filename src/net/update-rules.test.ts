/** Each optimizer against its paper's formula, written out again in float64. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Matrix } from "../core/index.ts";
import { EmbeddingTable } from "../table/index.ts";
import { AdaGrad, Adam, type Optimizer, Sgd, SparseAdam } from "./index.ts";

/** Gradients of one number over time; 0 stands for "not in this batch" where a test says so. */
const history = fc.array(fc.float({ min: -4, max: 4, noNaN: true }), { minLength: 1, maxLength: 25 });

/** Where a table of one number, starting at 1, stands after a history of gradients. */
function walk(optimizer: Optimizer, gradients: readonly number[]): number {
  const table = new EmbeddingTable({ init: Matrix.of([[1]]) });
  for (const gradient of gradients) {
    table.accumulate([0], Matrix.of([[gradient]]));
    optimizer.step(table);
  }
  return table.row(0)[0]!;
}

/** Each step rounds the row once to float32 (2⁻²⁴ of at most 8) and its memory once, which shifts the step by about as little. */
const close = (actual: number, expected: number, steps: number): void =>
  assert.ok(Math.abs(actual - expected) <= steps * 2 ** -20, `${actual} is not ${expected}`);

test("Sgd: x −= η g (Robbins & Monro, 1951)", () => {
  fc.assert(
    fc.property(history, (gradients) => {
      const expected = gradients.reduce((x, g) => x - 0.05 * g, 1);
      close(walk(new Sgd({ learningRate: 0.05 }), gradients), expected, gradients.length);
    }),
    { seed: 1 },
  );
});

test("AdaGrad: s += g², x −= η g ÷ (√s + ε) (Duchi, Hazan & Singer, 2011)", () => {
  fc.assert(
    fc.property(history, fc.constantFrom(0, 1), (gradients, initialSquares) => {
      let [x, s] = [1, initialSquares];
      for (const g of gradients) {
        s += g * g;
        if (g !== 0) x -= (0.1 * g) / (Math.sqrt(s) + 1e-6);
      }
      const adagrad = new AdaGrad({ learningRate: 0.1, epsilon: 1e-6, initialSquares });
      close(walk(adagrad, gradients), x, gradients.length);
    }),
    { seed: 2 },
  );
});

/** Algorithm 1 of the paper. */
function adam(gradients: readonly number[], rate: number, epsilon: number): number {
  let [x, m, v] = [1, 0, 0];
  gradients.forEach((g, n) => {
    m = 0.9 * m + 0.1 * g;
    v = 0.999 * v + 0.001 * g * g;
    x -= (rate * (m / (1 - 0.9 ** (n + 1)))) / (Math.sqrt(v / (1 - 0.999 ** (n + 1))) + epsilon);
  });
  return x;
}

for (const Kind of [Adam, SparseAdam]) {
  test(`${Kind.name}: a row in every batch moves by Algorithm 1 of Kingma & Ba (2015)`, () => {
    fc.assert(
      fc.property(history, (gradients) => {
        const optimizer = new Kind({ learningRate: 0.1, epsilon: 1e-4 });
        close(walk(optimizer, gradients), adam(gradients, 0.1, 1e-4), gradients.length);
      }),
      { seed: 3 },
    );
  });

  test(`${Kind.name}: the first step of a fresh table is one learning rate, whatever the gradient's size`, () => {
    for (const gradient of [0.1, 1, 1e3]) close(walk(new Kind({ learningRate: 0.25 }), [gradient]), 0.75, 1);
  });
}

test("Adam and SparseAdam are equal to the bit where every batch holds every row", () => {
  const tables = [Adam, SparseAdam].map((Kind) => {
    const table = new EmbeddingTable({ rows: 3, dim: 7 });
    const optimizer = new Kind();
    for (let n = 1; n < 30; n++) {
      table.accumulate(
        [2, 0, 1],
        new Matrix(
          Float32Array.from({ length: 21 }, (_, i) => Math.fround(((i * n) % 11) - 5)),
          7,
        ),
      );
      optimizer.step(table);
    }
    return table;
  });
  assert.deepEqual(tables[0]!.matrix, tables[1]!.matrix);
});

test("B16: Adam moves a row on after its last lookup, for a step without any gradient too; SparseAdam does not", () => {
  const after = (optimizer: Optimizer): number => {
    const table = new EmbeddingTable({ init: Matrix.of([[1]]) });
    table.accumulate([0], Matrix.of([[2]]));
    for (let n = 0; n < 4; n++) optimizer.step(table);
    return table.row(0)[0]!;
  };
  close(after(new Adam({ learningRate: 0.1 })), adam([2, 0, 0, 0], 0.1, 1e-8), 4);
  close(after(new SparseAdam({ learningRate: 0.1 })), 0.9, 1);
});

test("SparseAdam counts the table's steps: a row first seen after 10,000 of them steps by 3.16 learning rates, not one", () => {
  const table = new EmbeddingTable({ rows: 2, dim: 1, init: "zeros" });
  const optimizer = new SparseAdam({ learningRate: 1e-3 });
  for (let n = 0; n < 10_000; n++) optimizer.step(table);
  table.accumulate([1], Matrix.of([[5]]));
  optimizer.step(table);
  assert.ok(Math.abs(table.row(1)[0]! + 1e-3 * (0.1 / Math.sqrt(0.001))) < 1e-6);
});

test("AdaGrad and Sgd are the same whether they visit touched rows or all: a zero gradient moves nothing", () => {
  for (const make of [() => new Sgd({ learningRate: 0.1 }), () => new AdaGrad()]) {
    const [sparse, dense] = [make(), make()].map((optimizer, k) => {
      const table = new EmbeddingTable({ rows: 2, dim: 1 });
      for (const g of [1, -2, 0.5]) {
        if (k === 0) table.accumulate([0], Matrix.of([[g]]));
        else table.accumulate([0, 1], Matrix.of([[g], [0]]));
        optimizer.step(table);
      }
      return table;
    });
    assert.deepEqual(sparse!.matrix, dense!.matrix);
  }
});

test("squared gradients too large for a float32 are an error: the row would otherwise stand still for ever", () => {
  for (const optimizer of [new AdaGrad(), new Adam(), new SparseAdam()]) {
    assert.throws(() => walk(optimizer, [1e30]), /squared gradients of row 0/);
  }
});

test("an epsilon of 0 divides nothing by zero", () => {
  for (const optimizer of [new AdaGrad({ epsilon: 0 }), new Adam({ epsilon: 0 }), new SparseAdam({ epsilon: 0 })]) {
    assert.equal(walk(optimizer, [0, 0]), 1);
  }
});

test("options out of their range are refused by name", () => {
  assert.throws(() => new Adam({ beta1: 1 }), /`beta1`/);
  assert.throws(() => new SparseAdam({ beta2: -0.1 }), /`beta2`/);
  assert.throws(() => new Adam({ epsilon: NaN }), /`epsilon`/);
  assert.throws(() => new AdaGrad({ initialSquares: -1 }), /`initialSquares`/);
});
