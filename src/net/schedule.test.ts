import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { constant, cosineDecay, linear, warmUp } from "./index.ts";

const rates = (schedule: (step: number) => number, steps: readonly number[]): number[] =>
  steps.map((step) => Number(schedule(step).toFixed(12)));

test("constant is the same at every step", () => assert.deepEqual(rates(constant(0.5), [0, 1, 1e9]), [0.5, 0.5, 0.5]));

test("linear goes down a straight line and stays at its end", () => {
  assert.deepEqual(rates(linear({ from: 1, to: 0.2, steps: 4 }), [0, 1, 2, 3, 4, 5]), [1, 0.8, 0.6, 0.4, 0.2, 0.2]);
  assert.deepEqual(rates(linear({ from: 0.5, steps: 2 }), [0, 1, 2]), [0.5, 0.25, 0]);
});

test("cosineDecay is slow at both ends and half-way in the middle", () => {
  const half = Math.SQRT1_2 / 2;
  assert.deepEqual(
    rates(cosineDecay({ from: 1, steps: 4 }), [0, 1, 2, 3, 4, 9]),
    [1, 0.5 + half, 0.5, 0.5 - half, 0, 0].map((rate) => Number(rate.toFixed(12))),
  );
});

test("warmUp rises in a straight line to the first rate of what follows, which then counts from its own start", () => {
  const schedule = warmUp(4, linear({ from: 0.8, steps: 2 }));
  assert.deepEqual(rates(schedule, [0, 1, 2, 3, 4, 5, 6]), [0.2, 0.4, 0.6, 0.8, 0.8, 0.4, 0]);
});

test("a decay stays between its ends and never turns back", () => {
  const rate = fc.double({ min: 0, max: 10, noNaN: true });
  const steps = fc.integer({ min: 1, max: 1000 });
  fc.assert(
    fc.property(fc.constantFrom(linear, cosineDecay), rate, rate, steps, fc.nat(2000), (make, a, b, steps, step) => {
      const [from, to] = [Math.max(a, b), Math.min(a, b)];
      const schedule = make({ from, to, steps });
      assert.ok(schedule(step) <= from * (1 + 1e-15) && schedule(step) >= to);
      assert.ok(schedule(step + 1) <= schedule(step) * (1 + 1e-15));
    }),
    { seed: 1 },
  );
});

test("a schedule of no steps or with a rate below 0 is refused by name", () => {
  assert.throws(() => linear({ from: 1, steps: 0 }), /`steps`/);
  assert.throws(() => cosineDecay({ from: -1, steps: 2 }), /`from`/);
  assert.throws(() => warmUp(0, constant(1)), /`steps`/);
  assert.throws(() => constant(NaN), /`rate`/);
});
