/** GloVe's kernels against their oracle, to the bit, and the oracle against the plainest thing there is. */
import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { kernelModule, openKernels, reference, type Kernels } from "../index.ts";

const LINE_END = 0xffffffff;
const memory = new WebAssembly.Memory({ initial: 64, maximum: 64 });
const wasm = openKernels(kernelModule(false), memory);
const plain: Kernels = { kind: "reference", ...reference };
const BASE = 65536; // well above the kernels' own data

/** Lays arrays into the kernels' memory, one after another, 16-byte aligned. */
function layOut<T extends readonly (Float32Array | Float64Array | Uint32Array | Int32Array)[]>(...arrays: T): T {
  let offset = BASE;
  return arrays.map((array) => {
    const view = new (array.constructor as Float32ArrayConstructor)(memory.buffer, offset, array.length);
    view.set(array);
    offset += Math.ceil(array.byteLength / 64) * 64;
    return view;
  }) as unknown as T;
}

const corpora = fc
  .array(fc.oneof({ weight: 9, arbitrary: fc.nat(40) }, { weight: 1, arbitrary: fc.constant(LINE_END) }), {
    maxLength: 300,
  })
  .map((ids) => Uint32Array.from(ids));

test("counting in WebAssembly leaves the same table as the oracle, byte for byte", () => {
  fc.assert(
    fc.property(corpora, fc.integer({ min: 1, max: 15 }), fc.integer({ min: 0, max: 4 }), (ids, window, strips) => {
      const weights = Float64Array.from({ length: window + 1 }, (_, d) => (d === 0 ? 0 : Math.round(720720 / d)));
      const table = new Float64Array(2 * (1024 + 64));
      const state = new Int32Array(2);
      const views = layOut(ids, weights, table, state);
      const [stopped, expected] = [
        wasm.countPairs(views[0], 0, ids.length, views[1], strips, 77, views[2], 10, 700, views[3]),
        plain.countPairs(ids, 0, ids.length, weights, strips, 77, table, 10, 700, state),
      ];
      equal(stopped, expected);
      deepEqual(views[2], table);
      deepEqual(views[3], state);
    }),
    { seed: 1, numRuns: 200 },
  );
});

test("the table holds each pair once, in order, with the weight that plain counting gives it", () => {
  fc.assert(
    fc.property(corpora, fc.integer({ min: 1, max: 15 }), (ids, window) => {
      const weights = Float64Array.from({ length: window + 1 }, (_, d) => (d === 0 ? 0 : Math.round(720720 / d)));
      const table = new Float64Array(2 * (4096 + 64));
      const stopped = plain.countPairs(ids, 0, ids.length, weights, 0, 5, table, 12, 3500, new Int32Array(2));
      equal(stopped, ids.length);
      const expected = new Map<string, number>();
      for (const line of ids.join(" ").split(`${LINE_END}`)) {
        const words = line.trim() === "" ? [] : line.trim().split(/\s+/).map(Number);
        words.forEach((word, at) =>
          words.slice(Math.max(0, at - window), at).forEach((other, place, before) => {
            const pair = [Math.min(word, other), Math.max(word, other)].join();
            expected.set(pair, (expected.get(pair) ?? 0) + weights[before.length - place]!);
          }),
        );
      }
      const records: [number, number][] = [];
      for (let s = 0; s < table.length; s += 2) if (table[s + 1] !== 0) records.push([table[s]!, table[s + 1]!]);
      ok(records.every(([key], r) => r === 0 || records[r - 1]![0] < key));
      const sorted = (numbers: Iterable<number>) => Float64Array.from(numbers).sort();
      deepEqual(sorted(records.map(([, count]) => count)), sorted(expected.values()));
    }),
    { seed: 2, numRuns: 200 },
  );
});

test("a table that is nearly full stops counting before a word, and goes on there after it was emptied", () => {
  const ids = Uint32Array.from({ length: 200 }, (_, p) => (p * 7) % 41);
  const weights = Float64Array.of(0, 2, 1);
  const table = new Float64Array(2 * (256 + 64));
  const state = new Int32Array(2);
  let total = 0;
  let rounds = 0;
  for (let from = 0; from < ids.length; rounds++) {
    const to = plain.countPairs(ids, from, ids.length, weights, 1, 9, table, 8, 20, state);
    ok(to > from && state[0]! <= 20);
    for (let s = 1; s < table.length; s += 2) total += table[s]!;
    table.fill(0);
    state.fill(0);
    from = to;
  }
  ok(rounds > 3);
  equal(total, 199 * 2 + 198 * 1);
});

function randomRows(rows: number, vectors: number, random: () => number): Float32Array {
  const stride = 8 * vectors + 4;
  return Float32Array.from({ length: rows * stride }, (_, at) => {
    const place = at % stride;
    if (place >= stride - 2) return 0;
    return (place >= 4 * vectors && place < 8 * vectors) || place === stride - 3
      ? 0.1 + 0.9 * random()
      : random() - 0.5;
  });
}

test("fitting in WebAssembly moves every row as the oracle does, to the bit, in each role", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 0, max: 2 }),
      fc.integer({ min: 0, max: 60 }),
      fc.float({ min: Math.fround(0.001), max: 1, noNaN: true }),
      fc.nat(),
      (vectors, mode, count, rate, seed) => {
        let counter = seed;
        const random = () => reference.mix(counter++) / 2 ** 32;
        const [words, contexts] = [randomRows(5, vectors, random), randomRows(5, vectors, random)];
        const numbers = new Float32Array(3 * count);
        const pairs = new Uint32Array(numbers.buffer);
        for (let p = 0; p < count; p++) {
          pairs[3 * p] = Math.floor(random() * 5) | (Math.floor(random() * 5) << 16);
          numbers[3 * p + 1] = random() * 8 - 3;
          numbers[3 * p + 2] = random();
        }
        const views = layOut(pairs, words, contexts);
        const loss = wasm.fitPairs(views[0], views[1], views[2], vectors, mode, rate, 2);
        equal(loss, plain.fitPairs(pairs, words, contexts, vectors, mode, rate, 2));
        deepEqual(views[1], words);
        deepEqual(views[2], contexts);
      },
    ),
    { seed: 3, numRuns: 200 },
  );
});

test("a step is AdaGrad's: along the gradient of the loss, as long as the root of the squares so far allows", () => {
  // One pair, dim 4, textbook AdaGrad in float64 beside it, 200 steps towards log x = 1.5.
  const row = () => Float32Array.of(0.3, -0.2, 0.1, 0.4, 1, 1, 1, 1, 0.05, 1, 0, 0);
  const [words, contexts] = [row(), row()];
  contexts.set([-0.1, 0.3, 0.2, 0.1]);
  const numbers = Float32Array.of(0, 1.5, 0.8);
  const w = [0.3, -0.2, 0.1, 0.4, 0.05];
  const c = [-0.1, 0.3, 0.2, 0.1, 0.05];
  const [squaresW, squaresC] = [w.map(() => 1), c.map(() => 1)];
  for (let n = 0; n < 200; n++) {
    const dot = w[0]! * c[0]! + w[1]! * c[1]! + w[2]! * c[2]! + w[3]! * c[3]!;
    const difference = dot + w[4]! + c[4]! - 1.5;
    const loss = plain.fitPairs(new Uint32Array(numbers.buffer), words, contexts, 1, 0, 0.05, 100);
    ok(Math.abs(loss - 0.4 * difference ** 2) < 1e-4, `step ${n}: ${loss}`);
    const g = 0.05 * 0.8 * difference;
    const [wOld, cOld] = [[...w], [...c]];
    for (let i = 0; i < 5; i++) {
      const [gw, gc] = i === 4 ? [g, g] : [g * cOld[i]!, g * wOld[i]!];
      w[i]! -= gw / Math.sqrt(squaresW[i]!);
      c[i]! -= gc / Math.sqrt(squaresC[i]!);
      squaresW[i]! += gw * gw;
      squaresC[i]! += gc * gc;
    }
  }
  for (let i = 0; i < 4; i++) {
    ok(Math.abs(words[i]! - w[i]!) < 1e-3);
    ok(Math.abs(words[4 + i]! - 1 / Math.sqrt(squaresW[i]!)) < 1e-3);
  }
});
