/** The combining kernels against their plain twins, to the bit. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Rng, floats, openWorkspace, words } from "../../core/index.ts";
import * as reference from "./index.ts";

for (const shared of [false, true]) {
  const memory = shared ? "shared" : "plain";

  test(`combineRows and quotientRows in ${memory} memory equal the reference to the bit, on every length`, () => {
    const rng = new Rng(1);
    for (let length = 1; length <= 21; length++) {
      const space = openWorkspace(
        { rows: floats(5 * length), ids: words(3), weights: floats(3), out: floats(length) },
        { shared },
      );
      assert.equal(space.kernels.kind, "wasm");
      for (let i = 0; i < space.rows.length; i++) space.rows[i] = 2 * rng.next() - 1;
      space.ids.set([4, 0, 2]);
      space.weights.set([1.5, -0.3, 0.7]);
      const expected = new Float32Array(length);

      space.kernels.combineRows(space.rows, space.ids, space.weights, 0.01, space.out);
      reference.combineRows(space.rows, space.ids, space.weights, 0.01, expected);
      assert.deepEqual([...space.out], [...expected]);

      for (const positives of [0, 1, 2, 3]) {
        const bounds = { above: 1.001, below: 0.999, epsilon: 0.001 };
        space.kernels.quotientRows(space.rows, space.ids, positives, bounds, space.out);
        reference.quotientRows(space.rows, space.ids, positives, bounds, expected);
        assert.deepEqual([...space.out], [...expected]);
      }
    }
  });

  test(`firstAbove in ${memory} memory stops where the reference stops, from every place`, () => {
    const rng = new Rng(2);
    for (const length of [0, 1, 7, 16, 17, 50]) {
      const { values, kernels } = openWorkspace({ values: floats(length) }, { shared });
      for (let i = 0; i < length; i++) values[i] = rng.nextBelow(4) / 3;
      for (let from = 0; from <= length; from++) {
        for (const bar of [-Infinity, 0, Math.fround(1 / 3), Math.fround(2 / 3), 1]) {
          assert.equal(kernels.firstAbove(values, bar, from), reference.firstAbove(values, bar, from));
        }
      }
    }
  });
}

test("worked examples: 3 · [1, 2] − [4, 4] + 1, and the first number above 2", () => {
  const out = new Float32Array(2);
  reference.combineRows(Float32Array.of(1, 2, 4, 4), Uint32Array.of(0, 1), Float32Array.of(3, -1), 1, out);
  assert.deepEqual([...out], [0, 3]);
  assert.equal(reference.firstAbove(Float32Array.of(1, 2, 3, 4), 2, 0), 2);
  assert.equal(reference.firstAbove(Float32Array.of(1, 2, 3, 4), 4, 0), 4);
});
