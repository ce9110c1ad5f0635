import assert from "node:assert/strict";
import { test } from "node:test";
import { Matrix } from "../core/index.ts";
import { FiniteWatch, checkFinite } from "./finite.ts";

test("one number that is not finite is found wherever it stands, with its row, and finite extremes are none", () => {
  for (const value of [NaN, -NaN, Infinity, -Infinity]) {
    for (let at = 0; at < 15; at++) {
      const data = new Float32Array(15).fill(3.4028234663852886e38);
      data[at] = value;
      assert.throws(() => checkFinite("file", "vectors", new Matrix(data, 5)), {
        code: "bad-file",
        message: new RegExp(`row ${Math.floor(at / 5)}, number ${(at % 5) + 1}`),
      });
    }
  }
  for (const value of [0, -0, 1e-45, -1e-45, -3.4028234663852886e38])
    checkFinite("file", "vectors", new Matrix(new Float32Array(15).fill(value), 5));
});

test("a watch sees the same in any stretches", () => {
  const data = new Float32Array(12).fill(-1);
  const bytes = new Uint8Array(data.buffer);
  const seen = (cuts: readonly number[]): boolean => {
    const watch = new FiniteWatch();
    cuts.forEach((to, i) => watch.look(bytes, i === 0 ? 0 : cuts[i - 1]!, to));
    return watch.finite;
  };
  for (const cuts of [[48], [4, 48], [16, 20, 20, 48]]) assert.ok(seen(cuts));
  data[4] = Infinity;
  for (const cuts of [[48], [4, 48], [16, 20, 20, 48]]) assert.ok(!seen(cuts));
});
