import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Rng } from "./index.ts";

test("a seed gives the same numbers everywhere, for ever", () => {
  // Recorded once: a change of these changes every result that was ever published with a seed.
  const rng = new Rng(1);
  assert.deepEqual([rng.nextWord(), rng.nextWord(), rng.nextWord()], WORDS_OF_SEED_1);
});

test("walking and asking by place give the same draws", () => {
  const seeds = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
  fc.assert(
    fc.property(seeds, fc.integer({ min: 0, max: 2 ** 32 - 1 }), (seed, stream) => {
      const [walked, asked] = [new Rng(seed, stream), new Rng(seed, stream)];
      for (let n = 0; n < 50; n++) assert.equal(walked.nextWord(), asked.at(n));
    }),
    { seed: 3 },
  );
});

test("other seeds, other streams and far counters give other draws", () => {
  const first = (rng: Rng): string => [0, 1, 2].map((n) => rng.at(n)).join();
  const seen = new Set<string>();
  // Seeds that differ only above 32 bits count too.
  for (const seed of [0, 1, 2, 2 ** 32, 2 ** 32 + 1, 2 ** 52])
    for (const stream of [0, 1, 2, 2 ** 32 - 1]) seen.add(first(new Rng(seed, stream)));
  assert.equal(seen.size, 24);
  const rng = new Rng(5);
  assert.notEqual(rng.at(2 ** 32), rng.at(0));
});

test("streams of one seed are uncorrelated", () => {
  const n = 20_000;
  for (const stream of [1, 2, 100]) {
    const [a, b] = [new Rng(9, 0), new Rng(9, stream)];
    let sum = 0;
    for (let i = 0; i < n; i++) sum += (a.next() - 0.5) * (b.next() - 0.5);
    // The correlation of n independent pairs has a deviation of 1/√n; five of them is one chance in two million.
    assert.ok(Math.abs((sum / n) * 12) < 5 / Math.sqrt(n), `stream ${stream}`);
  }
});

for (const [name, draw] of [
  ["next", (rng: Rng) => Math.floor(rng.next() * 256)],
  ["the low bits of nextWord", (rng: Rng) => rng.nextWord() % 256],
  ["nextBelow", (rng: Rng) => rng.nextBelow(256)],
] as const) {
  test(`${name} is uniform (chi-square over 256 boxes)`, () => {
    const boxes = new Float64Array(256);
    const n = 256 * 400;
    const rng = new Rng(17);
    for (let i = 0; i < n; i++) boxes[draw(rng)]!++;
    const chi = boxes.reduce((sum, count) => sum + (count - 400) ** 2 / 400, 0);
    // 255 degrees of freedom: mean 255, deviation √510 ≈ 22.6; within five of them, on both sides (too even is wrong too).
    assert.ok(Math.abs(chi - 255) < 5 * 22.6, `chi-square ${chi}`);
  });
}

test("one changed bit of the counter changes half the bits of the draw", () => {
  const rng = new Rng(3);
  let changed = 0;
  let all = 0;
  for (let n = 0; n < 2000; n++) {
    for (let bit = 0; bit < 32; bit++) {
      for (let x = rng.at(n) ^ rng.at((n ^ (1 << bit)) >>> 0); x !== 0; x &= x - 1) changed++;
      all += 32;
    }
  }
  assert.ok(Math.abs(changed / all - 0.5) < 0.005, `${changed / all}`);
});

for (const [name, fill] of [
  ["nextNormal", (rng: Rng, out: Float32Array) => out.forEach((_, i) => (out[i] = rng.nextNormal()))],
  ["fillNormal", (rng: Rng, out: Float32Array) => rng.fillNormal(out)],
] as const) {
  test(`${name} has the normal distribution's moments and tails, and is never infinite`, () => {
    const out = new Float32Array(100_001); // odd: the last pair is halved
    fill(new Rng(29), out);
    const moment = (k: number): number => out.reduce((sum, x) => sum + x ** k, 0) / out.length;
    const deviation = 5 / Math.sqrt(out.length); // five deviations of a mean of unit variance
    assert.ok(Math.abs(moment(1)) < deviation, `mean ${moment(1)}`);
    assert.ok(Math.abs(moment(2) - 1) < deviation * Math.SQRT2, `variance ${moment(2)}`);
    assert.ok(Math.abs(moment(3)) < deviation * Math.sqrt(15), `skew ${moment(3)}`);
    assert.ok(Math.abs(moment(4) - 3) < deviation * Math.sqrt(96), `kurtosis ${moment(4)}`);
    const beyond = out.filter((x) => Math.abs(x) > 1.959964).length / out.length;
    assert.ok(Math.abs(beyond - 0.05) < 5 * Math.sqrt((0.05 * 0.95) / out.length), `beyond two deviations: ${beyond}`);
    assert.ok(out.every(Number.isFinite));
  });
}

test("nextBelow stays below", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2 ** 32 }), fc.nat(), (below, seed) => {
      const draw = new Rng(seed).nextBelow(below);
      assert.ok(Number.isInteger(draw) && draw >= 0 && draw < below);
    }),
    { seed: 4 },
  );
});

test("shuffle keeps every item, in place, and gives every order its share", () => {
  fc.assert(
    fc.property(fc.array(fc.integer()), fc.nat(), (items, seed) => {
      const shuffled = [...items];
      assert.equal(new Rng(seed).shuffle(shuffled), shuffled);
      assert.deepEqual(
        shuffled.sort((a, b) => a - b),
        [...items].sort((a, b) => a - b),
      );
    }),
    { seed: 5 },
  );
  const rng = new Rng(31);
  const orders = new Map<string, number>();
  for (let i = 0; i < 24_000; i++) {
    const order = rng.shuffle(Uint8Array.of(0, 1, 2, 3)).join();
    orders.set(order, (orders.get(order) ?? 0) + 1);
  }
  assert.equal(orders.size, 24);
  for (const [order, count] of orders) assert.ok(Math.abs(count - 1000) < 5 * Math.sqrt(1000), `${order}: ${count}`);
});

test("seeds and streams out of range are refused", () => {
  for (const seed of [-1, 0.5, NaN, 2 ** 53]) assert.throws(() => new Rng(seed), { code: "bad-argument" });
  for (const stream of [-1, 0.5, 2 ** 32]) assert.throws(() => new Rng(1, stream), { code: "bad-argument" });
});

const WORDS_OF_SEED_1 = [887784823, 3712311160, 1031945390];
