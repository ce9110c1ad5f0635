import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import { Rng, bytes, floats, integers, openWorkspace } from "../core/index.ts";
import { type SearchVariant, instantiate, searchModule, searchReference } from "../kernels/index.ts";
import {
  CODEC_FIELDS,
  type Codec,
  codecParts,
  encodeBytes,
  sampledRows,
  strideOf,
  trainCodec,
  writeCodec,
} from "./codec.ts";
import { ASK_FIELDS, GRAPH_FIELDS } from "./hnsw-space.ts";
import type { IndexMetric } from "./vector-index.ts";

const METRICS: readonly IndexMetric[] = ["euclidean", "cosine", "dot"];

/** Rows whose variance falls off, as that of embeddings does. */
function someRows(seed: number, rows: number, dim: number, scale = 1): Float32Array {
  const out = new Float32Array(rows * dim);
  new Rng(seed).fillNormal(out);
  for (let i = 0; i < out.length; i++) out[i] = (scale * out[i]!) / (1 + (i % dim) / 9);
  return out;
}

function trained(metric: IndexMetric, dim: number, rows: Float32Array): Codec {
  let longest = 0;
  for (let r = 0; r < rows.length; r += dim) longest = Math.max(longest, Math.hypot(...rows.subarray(r, r + dim)));
  const steps = trainCodec({ metric, dim, rows, longest });
  for (;;) {
    const next = steps.next();
    if (next.done) return next.value;
  }
}

/** Kernels over a memory with a codec and some rows. */
function opened(codec: Codec, rows: Float32Array, variant: SearchVariant) {
  const count = rows.length / codec.dim;
  const space = openWorkspace({
    ...codecParts(codec),
    rows: floats(rows.length),
    codes: bytes(count * codec.stride),
    biases: integers(count),
    errors: floats(count),
    query: bytes(codec.stride),
    work: bytes(encodeBytes(codec) + 64),
    spill: bytes(64),
  });
  writeCodec(space, codec);
  space.rows.set(rows);
  const kernels = instantiate(searchModule(false, variant), space.memory);
  kernels.openScratch!(space.spill.byteOffset);
  const at = (view: ArrayBufferView): number => view.byteOffset;
  const { codec: c, codes, biases, errors, work } = space;
  kernels.encodeRows!(at(c), at(space.rows), 0, count, at(codes), at(biases), at(errors), at(work));
  return { space, kernels, count };
}

test("both modules encode rows and queries to the bits of the plain twin, whatever the metric and dim", () => {
  for (const metric of METRICS) {
    for (const dim of [1, 3, 8, 61, 100]) {
      const codec = trained(metric, dim, someRows(dim, 300, dim));
      // Ordinary ones, some far out, a zero, and some very far out.
      const rows = someRows(7, 12, dim);
      rows.subarray(4 * dim, 8 * dim).forEach((value, i, part) => (part[i] = value * 10 ** (i % 4)));
      rows.fill(0, 8 * dim, 9 * dim);
      rows.subarray(9 * dim).forEach((value, i, part) => (part[i] = value * 1e25));
      for (const variant of ["plain", "relaxed"] as const) {
        const { space, kernels, count } = opened(codec, rows, variant);
        for (let r = 0; r < count; r++) {
          const what = `${variant}, ${metric}, dim ${dim}, row ${r}`;
          const vector = rows.subarray(r * dim, (r + 1) * dim);
          const twin = searchReference.encodeRow(codec, vector);
          const made = space.codes.slice(r * codec.stride, (r + 1) * codec.stride);
          assert.deepEqual(made, twin.row, `the code of ${what}`);
          assert.equal(space.biases[r], twin.bias, `the bias of ${what}`);
          assert.equal(space.errors[r], twin.error, `the error of ${what}`);
          const query = space.query.byteOffset;
          kernels.encodeQuery!(
            space.codec.byteOffset,
            space.rows.byteOffset + 4 * r * dim,
            query,
            space.work.byteOffset,
          );
          const asked = searchReference.encodeQuery(codec, vector);
          assert.deepEqual(space.query.slice(), asked.query, `the query of ${what}`);
          assert.equal(kernels.lastShrink!(), asked.shrink, `the shrink of ${what}`);
          const row = space.codes.byteOffset;
          assert.equal(
            kernels.keyOf!(row, query, codec.stride),
            searchReference.keyOf(space.codes.slice(0, codec.stride), asked.query),
          );
        }
      }
    }
  }
});

test("a key is the squared distance of codes, whatever the codes are", () => {
  const space = openWorkspace({ row: bytes(256), query: bytes(256), spill: bytes(64) });
  const modules = (["plain", "relaxed"] as const).map((variant) =>
    instantiate(searchModule(false, variant), space.memory),
  );
  // The ends of the range most of all: there a sum of 16 bits would overflow first.
  const codes = fc.array(fc.oneof(fc.constantFrom(-64, 63), fc.integer({ min: -64, max: 63 })), {
    minLength: 60,
    maxLength: 60,
  });
  fc.assert(
    fc.property(codes, codes, fc.integer({ min: 0, max: 1e6 }), (x, q, bias) => {
      space.row.fill(0);
      space.query.fill(0);
      x.forEach((code, i) => (space.row[i] = code));
      q.forEach((code, i) => (space.query[i] = code + 64));
      const constant = x.reduce((sum, code) => sum + code * code + 128 * code, bias);
      new DataView(space.row.buffer, space.row.byteOffset).setInt32(60, constant, true);
      const norm = q.reduce((sum, code) => sum + code * code, 0);
      const distance = x.reduce((sum, code, i) => sum + (code - q[i]!) ** 2, 0);
      for (const kernels of modules) {
        assert.equal(kernels.keyOf!(space.row.byteOffset, space.query.byteOffset, 64), distance + bias - norm);
      }
    }),
    { seed: 1, numRuns: 300 },
  );
});

test("keys are squared distances in steps, as float64 sees them, up to the rounding of codes", () => {
  for (const metric of ["euclidean", "cosine"] as const) {
    const dim = 50; // fewer than a cache line holds: the projection drops nothing
    const rows = someRows(11, 400, dim);
    const codec = trained(metric, dim, rows);
    assert.equal(codec.kept, 1);
    const { space, kernels } = opened(codec, rows, "plain");
    const as = (r: number) => {
      const row = rows.subarray(r * dim, (r + 1) * dim);
      const length = metric === "cosine" ? Math.hypot(...row) : 1;
      return Float64Array.from(row, (value) => value / length / codec.step);
    };
    const query = space.query.byteOffset;
    for (let q = 0; q < 20; q++) {
      kernels.encodeQuery!(space.codec.byteOffset, space.rows.byteOffset + 4 * q * dim, query, space.work.byteOffset);
      const queryError = Math.sqrt(kernels.lastError!());
      const norm = space.query.subarray(0, codec.codes).reduce((sum, code) => sum + (code - 64) ** 2, 0);
      for (let r = 0; r < 400; r += 7) {
        const key = kernels.keyOf!(space.codes.byteOffset + r * codec.stride, query, codec.stride);
        const [a, b] = [as(q), as(r)];
        const distance = Math.sqrt(a.reduce((sum, value, i) => sum + (value - b[i]!) ** 2, 0));
        // Each code is off by its own rounding error; i16 and the matrix add less than a hundredth of the length.
        const slack = queryError + space.errors[r]! + 0.01 * (1 + distance) + 0.5;
        assert.ok(Math.abs(Math.sqrt(key + norm) - distance) <= slack, `${metric}, query ${q}, row ${r}`);
      }
    }
  }
});

test("rows of a code are whole cache lines, and the narrowest is taken that keeps nine tenths of the variance", () => {
  assert.deepEqual([4, 60, 64, 124, 252].map(strideOf), [64, 64, 128, 128, 256]);
  const narrow = trained("euclidean", 200, someRows(1, 1000, 200));
  assert.deepEqual([narrow.codes, narrow.stride], [60, 64]);
  assert.ok(narrow.kept >= 0.9 && narrow.kept < 1, `kept ${narrow.kept}`);
  const flat = new Float32Array(1000 * 200);
  new Rng(3).fillNormal(flat);
  const wide = trained("euclidean", 200, flat);
  assert.deepEqual([wide.codes >= 124, wide.kept >= 0.9], [true, true]);
  assert.equal(trained("euclidean", 30, someRows(2, 500, 30)).codes, 32);
});

test("vectors that are all alike, or all zero, train a codec too", () => {
  for (const metric of METRICS) {
    for (const value of [0, 3]) {
      const codec = trained(metric, 20, new Float32Array(200).fill(value));
      const { row } = searchReference.encodeRow(codec, new Float32Array(20).fill(value));
      assert.ok(
        [...row.subarray(0, codec.codes)].every((code) => code === 0),
        `${metric} of ${value}`,
      );
      assert.ok(Number.isFinite(codec.step) && codec.step > 0);
    }
  }
});

test("covariances, products and orthonormal rows agree with float64 to the rounding of their terms", () => {
  const [width, count, inner] = [24, 30, 10];
  const space = openWorkspace({
    x: floats(count * width),
    a: floats(7 * inner),
    out: floats(width * width),
    spill: bytes(64),
  });
  const kernels = instantiate(searchModule(false, "plain"), space.memory);
  kernels.openScratch!(space.spill.byteOffset);
  space.x.set(someRows(5, count, width));
  space.a.set(someRows(6, 7, inner));
  const near = (made: Float32Array, twin: Float64Array, terms: number): void =>
    twin.forEach((value, i) =>
      assert.ok(Math.abs(made[i]! - value) <= terms * 2 ** -22, `${made[i]} at ${i}, not ${value}`),
    );
  kernels.addCovariance!(space.x.byteOffset, count, width, 0, width, space.out.byteOffset);
  kernels.mirror!(space.out.byteOffset, width);
  near(space.out, searchReference.covarianceOf(space.x, width), 100);
  kernels.multiplyRows!(space.a.byteOffset, 0, 7, inner, space.x.byteOffset, width, space.out.byteOffset);
  near(space.out, searchReference.product(space.a, inner, space.x.slice(0, inner * width), width), 30);
  // A row in the span of the others becomes zeros.
  space.x.copyWithin(5 * width, 0, width);
  const lengths = Array.from({ length: 12 }, (_, i) => kernels.orthonormalize!(space.x.byteOffset, i, width));
  assert.deepEqual(
    lengths.map((length) => length > 0),
    lengths.map((_, i) => i !== 5),
  );
  const rows = space.x.slice(0, 12 * width);
  const transposed = Float32Array.from({ length: rows.length }, (_, i) => rows[(i % 12) * width + Math.floor(i / 12)]!);
  const unit = Float64Array.from({ length: 144 }, (_, i) => (i % 13 === 0 && i !== 5 * 13 ? 1 : 0));
  near(Float32Array.from(searchReference.product(rows, width, transposed, 12)), unit, 20);
});

test("a sample is spread over all rows", () => {
  assert.deepEqual(sampledRows(5, 8), [0, 1, 2, 3, 4]);
  const sample = sampledRows(1_000_000, 784);
  assert.deepEqual([sample.length, sample[0], sample.at(-1)! > 999_000], [3000, 0, true]);
});

test("records have the fields of the kernels, in their order", () => {
  const fieldsOf = (file: string): string[] => {
    const text = readFileSync(new URL(`../kernels/assembly/search/${file}`, import.meta.url), "utf8");
    const body = text.slice(text.indexOf("@unmanaged"), text.indexOf("\n}", text.indexOf("@unmanaged")));
    return [...body.matchAll(/^ {2}(\w+): \w+;/gm)].map(([, name]) => name!);
  };
  assert.deepEqual(fieldsOf("codec.ts"), [...CODEC_FIELDS]);
  assert.deepEqual(fieldsOf("graph.ts"), [...GRAPH_FIELDS]);
  assert.deepEqual(fieldsOf("search.ts"), [...ASK_FIELDS]);
});
