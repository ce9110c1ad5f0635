/** Products, angles, lengths and distances: worked examples and the laws between them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { LociError, Rng, floats, openWorkspace } from "../core/index.ts";
import { cosine, dot, euclidean, norm, normalize, squaredEuclidean } from "./index.ts";

const near = (actual: number, expected: number, tolerance: number) =>
  assert.ok(Math.abs(actual - expected) <= tolerance, `expected ${expected} ± ${tolerance}, got ${actual}`);
const numbers = (dim: number) =>
  fc.array(fc.float({ min: -1000, max: 1000, noNaN: true }), { minLength: dim, maxLength: dim });
const pairOf = fc.integer({ min: 1, max: 40 }).chain((dim) => fc.tuple(numbers(dim), numbers(dim)));
const settings = { seed: 1, numRuns: 300 };
const normals = (rng: Rng, count: number) => Float64Array.from({ length: count }, () => rng.nextNormal());

test("D01: the vectorised dot product equals the scalar sum within its bound on every length, odd ones too", () => {
  const rng = new Rng(1);
  for (let dim = 1; dim <= 131; dim++) {
    const space = openWorkspace({ a: floats(dim), b: floats(dim), out: floats(1) });
    rng.fillNormal(space.a);
    rng.fillNormal(space.b);
    space.kernels.dots(space.a, space.b, space.out);
    let sizes = 0;
    for (let i = 0; i < dim; i++) sizes += Math.abs(space.a[i]! * space.b[i]!);
    near(space.out[0]!, dot(space.a, space.b), (dim + 1) * 2 ** -24 * sizes);
    near(space.out[0]!, dot(space.a, space.b), 1e-5 * sizes);
  }
});

test("D02: the cosine is exact on cases one can do by hand", () => {
  assert.equal(cosine([3, 4], [3, 4]), 1);
  assert.equal(cosine([1, 0], [0, 5]), 0);
  assert.equal(cosine([2, 0], [-1, 0]), -1);
  assert.equal(cosine([3, 4], [4, 3]), 24 / 25);
  near(cosine([1, 0], [1, 1]), Math.SQRT1_2, 1e-15);
});

test("D02: the cosine of finite numbers is never NaN and never outside [−1, 1], however large or small they are", () => {
  const extreme = fc.oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.constantFrom(0, -0, 5e-324, 1e-160, 1e160, Number.MAX_VALUE),
  );
  const pair = fc.integer({ min: 1, max: 8 }).chain((dim) => {
    const side = fc.array(extreme, { minLength: dim, maxLength: dim });
    return fc.tuple(side, side);
  });
  fc.assert(
    fc.property(pair, ([a, b]) => {
      const value = cosine(a, b);
      assert.ok(value >= -1 && value <= 1, `${value}`);
      if (a.some((x) => x !== 0)) near(cosine(a, a), 1, 1e-12);
    }),
    { seed: 1, numRuns: 2000 },
  );
});

test("D02: the cosine of a vector of ordinary size with itself is exactly 1", () => {
  const rng = new Rng(7);
  for (let round = 0; round < 1000; round++) {
    const a = normals(rng, 1 + (round % 50));
    assert.equal(cosine(a, a), 1);
  }
});

test("D03: the distance and its square are those of Pythagoras", () => {
  assert.equal(euclidean([0, 0], [3, 4]), 5);
  assert.equal(squaredEuclidean([1, 2, 3], [3, 2, 1]), 8);
  fc.assert(
    fc.property(pairOf, ([a, b]) => {
      assert.equal(squaredEuclidean(a, b), squaredEuclidean(b, a));
      assert.equal(euclidean(a, b), Math.sqrt(squaredEuclidean(a, b)));
      assert.equal(euclidean(a, a), 0);
    }),
    settings,
  );
});

test("D03: the vectorised squared distance agrees with the scalar sum on every length, odd ones too", () => {
  const rng = new Rng(2);
  for (let dim = 1; dim <= 67; dim++) {
    const space = openWorkspace({ a: floats(dim), b: floats(dim), out: floats(1) });
    rng.fillNormal(space.a);
    rng.fillNormal(space.b);
    space.kernels.squaredDistances(space.a, space.b, space.out);
    const right = squaredEuclidean(space.a, space.b);
    near(space.out[0]!, right, (dim + 4) * 2 ** -24 * right); // each term rounds three times, the sum dim times
  }
});

test("D04: a normalized vector has length 1 within 1e-6, and the original is kept", () => {
  fc.assert(
    fc.property(
      pairOf.filter(([a]) => a.some((x) => x !== 0)),
      ([a]) => {
        const before = [...a];
        near(norm(normalize(a)), 1, 1e-6);
        assert.deepEqual(a, before);
      },
    ),
    settings,
  );
});

test("D04: a vector of zeros stays zeros when it is normalized, and its cosine with anything is 0", () => {
  assert.deepEqual([...normalize([0, 0, 0])], [0, 0, 0]);
  assert.equal(cosine([0, 0], [1, 2]), 0);
  assert.equal(cosine([0, 0], [0, 0]), 0);
});

test("D05: ‖a − b‖² = ‖a‖² − 2a·b + ‖b‖²", () => {
  fc.assert(
    fc.property(pairOf, ([a, b]) => {
      const [aa, bb] = [norm(a) ** 2, norm(b) ** 2];
      near(squaredEuclidean(a, b), aa - 2 * dot(a, b) + bb, 1e-12 * (aa + bb));
    }),
    settings,
  );
});

test("D06: between unit vectors ‖a − b‖² = 2 − 2cos", () => {
  const rng = new Rng(3);
  for (let round = 0; round < 1000; round++) {
    const [a, b] = [normalize(normals(rng, 7)), normalize(normals(rng, 7))];
    near(squaredEuclidean(a, b), 2 - 2 * cosine(a, b), 1e-6); // float32 unit vectors are 1 ± 1e-7 long
  }
});

/** The rows in the order of a score, best first. */
const ranked = (rows: readonly Float64Array[], score: (row: Float64Array) => number) =>
  rows
    .map((row, id) => ({ id, score: score(row) }))
    .sort((a, b) => b.score - a.score || a.id - b.id)
    .map(({ id }) => id)
    .join();

test("D07: on unit vectors cosine, dot product and distance rank alike, in each of 10,000 random sets", () => {
  const rng = new Rng(4);
  const unit = () => {
    const v = normals(rng, 5);
    const length = norm(v);
    return v.map((x) => x / length);
  };
  for (let set = 0; set < 10_000; set++) {
    const query = unit();
    const rows = Array.from({ length: 8 }, unit);
    const byCosine = ranked(rows, (row) => cosine(query, row));
    assert.equal(
      ranked(rows, (row) => dot(query, row)),
      byCosine,
    );
    assert.equal(
      ranked(rows, (row) => -euclidean(query, row)),
      byCosine,
    );
  }
});

test("D07 and D09: on vectors of other lengths the three measures can pick three different winners", () => {
  const query = [1, 0];
  const rows = { straight: [0.1, 0], long: [9, 9], close: [1, 0.5] };
  const winner = (score: (row: number[]) => number) =>
    Object.entries(rows).sort(([, a], [, b]) => score(b) - score(a))[0]![0];
  assert.equal(
    winner((row) => cosine(query, row)),
    "straight",
  );
  assert.equal(
    winner((row) => dot(query, row)),
    "long",
  );
  assert.equal(
    winner((row) => -euclidean(query, row)),
    "close",
  );
});

test("D08: a cosine reads 1 in the same direction, 0 at a right angle, −1 opposite", () => {
  const rng = new Rng(5);
  for (let round = 0; round < 100; round++) {
    const a = normals(rng, 6);
    const turned = Float64Array.of(-a[1]!, a[0]!, -a[3]!, a[2]!, -a[5]!, a[4]!);
    near(
      cosine(
        a,
        a.map((x) => 3 * x),
      ),
      1,
      1e-15,
    );
    near(cosine(a, turned), 0, 1e-15);
    near(
      cosine(
        a,
        a.map((x) => -x),
      ),
      -1,
      1e-15,
    );
  }
});

test("D09: the cosine ignores length; dot product and distance do not", () => {
  const rng = new Rng(6);
  for (let round = 0; round < 100; round++) {
    const [a, b] = [normals(rng, 9), normals(rng, 9)];
    const factor = 2 + 10 * rng.next();
    const longer = b.map((x) => factor * x);
    near(cosine(a, longer), cosine(a, b), 1e-14);
    near(dot(a, longer), factor * dot(a, b), 1e-12);
    assert.notEqual(euclidean(a, longer), euclidean(a, b));
  }
});

/** Two unit vectors of the plane with the given cosine. */
const withCosine = (c: number) => [
  [1, 0],
  [c, Math.sqrt(1 - c * c)],
];

test("I02: unit vectors with a·b = 0.8 have cosine 0.8, squared distance 0.4 and distance 0.6325", () => {
  const [a, b] = withCosine(0.8) as [number[], number[]];
  near(dot(a, b), 0.8, 1e-15);
  near(cosine(a, b), 0.8, 1e-15);
  assert.equal(squaredEuclidean(a, b).toFixed(4), "0.4000");
  assert.equal(euclidean(a, b).toFixed(4), "0.6325");
});

test("I04: unit vectors with cosine 0.3 have squared distance 1.4 and distance 1.1832", () => {
  const [a, b] = withCosine(0.3) as [number[], number[]];
  assert.equal(squaredEuclidean(a, b).toFixed(4), "1.4000");
  assert.equal(euclidean(a, b).toFixed(4), "1.1832");
});

test("vectors of two widths are refused with both widths", () => {
  for (const measure of [dot, cosine, euclidean, squaredEuclidean]) {
    assert.throws(
      () => measure([1, 2], [1, 2, 3]),
      (error) => error instanceof LociError && error.code === "dim-mismatch" && /2 and 3/.test(error.message),
    );
  }
});

test("a length is right also where squares overflow or vanish", () => {
  near(norm([3e200, 4e200]) / 5e200, 1, 1e-15);
  near(norm([3e-200, 4e-200]) / 5e-200, 1, 1e-15);
  assert.equal(norm([]), 0);
});
