/** The certificate of exact answers from codes: hunted for a counter-example, and shown to be needed. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Matrix, Rng } from "../core/index.ts";
import { Certificate, projectionNorm } from "./certificate.ts";
import { encodeQuestion } from "./certify.ts";
import { CodeSpace } from "./code-space.ts";
import type { Codec } from "./codec.ts";
import { Question } from "./question.ts";
import { RowSpace } from "./row-space.ts";
import { Turn } from "./turn.ts";
import type { IndexMetric } from "./vector-index.ts";

const DIM = 72; // wider than one line of codes: the projection drops something where it can

/** Sets that ask something of the bound: few directions, many, repeated rows, rows far out, tiny and huge numbers. */
const SETS: Readonly<Record<string, (rng: Rng, rows: Matrix) => void>> = {
  "few directions": (rng, { data, rows, dim }) => {
    const axes = Float32Array.from({ length: 6 * dim }, () => rng.nextNormal());
    for (let r = 0; r < rows; r++) {
      for (let a = 0; a < 6; a++) {
        const part = rng.nextNormal();
        for (let i = 0; i < dim; i++) data[r * dim + i] = data[r * dim + i]! + part * axes[a * dim + i]!;
      }
    }
  },
  "all directions": (rng, { data }) => rng.fillNormal(data),
  "repeated rows": (rng, { data, dim, rows }) => {
    rng.fillNormal(data);
    for (let r = 1; r < rows; r += 2) data.copyWithin(r * dim, (r - 1) * dim, r * dim);
  },
  "rows far out": (rng, { data, dim, rows }) => {
    rng.fillNormal(data);
    for (let r = 0; r < rows; r += 37) for (let i = 0; i < dim; i++) data[r * dim + i] = data[r * dim + i]! * 2 ** rng.nextBelow(30); // prettier-ignore
  },
  "far from the origin": (rng, { data }) => {
    rng.fillNormal(data);
    for (let i = 0; i < data.length; i++) data[i] = data[i]! + 1000;
  },
  "tiny numbers": (rng, { data }) => {
    rng.fillNormal(data);
    for (let i = 0; i < data.length; i++) data[i] = data[i]! * 2 ** -30;
  },
  "whole numbers": (rng, { data }) => {
    for (let i = 0; i < data.length; i++) data[i] = rng.nextBelow(3) * 100;
  },
};

/** What a codec sees of a vector, in float64: docs/exact-search.md, T(x). */
function seen(codec: Codec, vector: ArrayLike<number>, query: boolean): Float64Array {
  let squares = 0;
  for (let i = 0; i < codec.dim; i++) squares += vector[i]! ** 2;
  const length = Math.sqrt(squares);
  let factor = 1;
  if (codec.transform === 1) factor = length > 0 ? 1 / length : 0;
  if (codec.transform === 2 && query) factor = length > 0 ? codec.ceiling / length : 0;
  const out = new Float64Array(codec.width);
  for (let i = 0; i < codec.dim; i++) out[i] = vector[i]! * factor * codec.inverseStep;
  if (codec.transform === 2 && !query) {
    out[codec.dim] = Math.sqrt(Math.max(0, codec.ceiling ** 2 - squares)) * codec.inverseStep;
  }
  return out.map((value, i) => value - codec.mean[i]!);
}

const apart = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i]! - b[i]!) ** 2;
  return Math.sqrt(sum);
};

async function spaceOf(metric: IndexMetric, vectors: Matrix): Promise<{ codes: CodeSpace; rows: RowSpace }> {
  const rows = new RowSpace(vectors.dim, metric === "cosine" ? "inverse" : "length");
  rows.reserve(vectors.rows);
  for (let r = 0; r < vectors.rows; r++) rows.set(r, vectors.row(r));
  const codes = await CodeSpace.build(
    metric,
    rows,
    Array.from({ length: vectors.rows }, (_, r) => r),
    new Turn(),
  );
  assert.ok(codes, "codes for ordinary numbers");
  return { codes, rows };
}

/** The largest of (‖c(q) − c(x)‖ − σ‖T(q) − T(x)‖) / (ε(q) + ε(x)) over a search for bad pairs: 1 would break the proof. */
function hunt(codes: CodeSpace, rows: RowSpace, metric: IndexMetric, rng: Rng, count: number): number {
  const { codec, certificate } = codes;
  const signed = (byte: number) => (byte << 24) >> 24;
  const query = new Float32Array(codec.dim);
  const ratioFor = (slot: number): number => {
    const question = new Question(metric, query.slice(), rows);
    if (!encodeQuestion(codes, question) || codes.kernels.lastShrink!() !== 1) return -Infinity;
    const error = certificate.queryError(question.length, Math.sqrt(codes.kernels.lastError!()));
    const own = Array.from(codes.queryCode.subarray(0, codec.codes), (byte) => byte - 64);
    const at = slot * codec.stride;
    const code = Array.from(codes.codes.subarray(at, at + codec.codes), signed);
    const distance = apart(seen(codec, query, true), seen(codec, rows.row(slot), false));
    return (apart(own, code) - certificate.norm * distance) / (error + codes.errorOf(slot));
  };
  let worst = -Infinity;
  for (let trial = 0; trial < count; trial++) {
    const slot = rng.nextBelow(rows.capacity);
    if (!Number.isFinite(codes.errorOf(slot)) || slot >= 300) continue;
    // Begin at the row or at another one, and climb: keep what makes the pair worse.
    query.set(rows.row(rng.nextBelow(3) === 0 ? rng.nextBelow(300) : slot));
    let best = ratioFor(slot);
    const size = apart(query, new Float32Array(codec.dim)) / Math.sqrt(codec.dim);
    for (let step = 0; step < 60; step++) {
      const i = rng.nextBelow(codec.dim);
      const before = query[i]!;
      query[i] = before + size * rng.nextNormal() * 2 ** -rng.nextBelow(12);
      const ratio = ratioFor(slot);
      if (ratio > best) best = ratio;
      else query[i] = before;
    }
    worst = Math.max(worst, best);
  }
  return worst;
}

for (const metric of ["euclidean", "cosine", "dot"] as const) {
  test(`no pair of vectors is found whose codes are further apart than the certificate allows (${metric})`, async () => {
    for (const [name, make] of Object.entries(SETS)) {
      const rng = new Rng(1);
      const vectors = Matrix.zeros(300, DIM);
      make(rng, vectors);
      const { codes, rows } = await spaceOf(metric, vectors);
      const worst = hunt(codes, rows, metric, rng, 25);
      assert.ok(worst <= 1, `${name}: ${worst} times what is allowed`);
      // Lifted queries lie apart from all rows, so that their pairs never come near.
      if (name !== "all directions" || metric === "dot") continue;
      // A bound that nothing comes near would pass as well, and be of no use.
      assert.ok(worst > 0.35, `${name}: pairs come to ${worst} of what is allowed, so the hunt is a hunt`);
    }
  });
}

test("the projection is no longer than its certified norm, and the bound is close", async () => {
  const rng = new Rng(2);
  const vectors = Matrix.zeros(300, DIM);
  rng.fillNormal(vectors.data);
  const { codes } = await spaceOf("euclidean", vectors);
  const { matrix, width, codes: count } = codes.codec;
  // Power iteration comes from below.
  let axis = Float64Array.from({ length: width }, () => rng.nextNormal());
  let length = 0;
  for (let round = 0; round < 200; round++) {
    const image = new Float64Array(width);
    for (let j = 0; j < count; j++) {
      let sum = 0;
      for (let i = 0; i < width; i++) sum += (matrix[j * width + i]! / 2 ** 14) * axis[i]!;
      for (let i = 0; i < width; i++) image[i]! += (matrix[j * width + i]! / 2 ** 14) * sum;
    }
    length = Math.sqrt(apart(image, new Float64Array(width)) / apart(axis, new Float64Array(width)));
    axis = image;
  }
  assert.ok(length <= codes.certificate.norm, `${length} <= ${codes.certificate.norm}`);
  assert.ok(codes.certificate.norm < 1.01, `${codes.certificate.norm} is near 1`);
});

test("a row that cannot be certified is an outlier, and a query that cannot be is scanned for", () => {
  const codec: Codec = {
    dim: 2, width: 8, codes: 4, stride: 64, transform: 2, step: 1, inverseStep: 1, inputScale: 100, beta: 0, ceiling: 5, kept: 1,
    mean: new Float32Array(8), matrix: new Int16Array(32).map((_, i) => (i % 9 === 0 ? 2 ** 14 : 0)),
  }; // prettier-ignore
  const steps = projectionNorm(codec);
  let next = steps.next();
  while (!next.done) next = steps.next();
  const certificate = new Certificate(codec, next.value);
  assert.equal(next.value, 1 + 2 ** -30);
  assert.ok(certificate.sound);
  assert.equal(certificate.rowError(5.1, 0), Infinity, "longer than all are lifted to");
  assert.equal(certificate.rowError(1, Infinity), Infinity);
  assert.equal(certificate.rowError(2 ** -70, 0), Infinity);
  assert.equal(certificate.queryError(0, 0), Infinity, "no direction");
  assert.ok(certificate.rowError(5, 1) > 1 && certificate.rowError(5, 1) < 1.1);
  assert.ok(!new Certificate({ ...codec, inverseStep: 2 ** 60 }, 1).sound);
  assert.equal(certificate.keyAt(-Infinity, 0, 0, 0), -(2 ** 31), "nothing scores above 0 by distance");
});
