import { encoderCases } from "../../test/conformance/encoder.ts";
import assert from "node:assert/strict";
import { test } from "node:test";
import { cosine } from "../math/index.ts";
import { HashingEncoder } from "./index.ts";

for (const one of encoderCases(() => new HashingEncoder())) test(`hashing: ${one.name}`, () => one.run());

test("texts that share words are closer than texts that share none", async () => {
  const encoder = new HashingEncoder({ dim: 256 });
  const rows = await encoder.embed(["the red car", "a red car stops", "green tea at noon"]);
  assert.ok(cosine(rows.row(0), rows.row(1)) > 0.4);
  assert.ok(Math.abs(cosine(rows.row(0), rows.row(2))) < 0.25);
});

test("the order of words does not matter, to the bit, nor does case", async () => {
  const rows = await new HashingEncoder().embed(["one two three four five", "Five four THREE two one"]);
  assert.deepEqual(rows.row(0), rows.row(1));
});

test("another width or seed is another space", () => {
  const prints = [{}, { dim: 65 }, { seed: 2 }].map((options) => new HashingEncoder(options).fingerprint);
  assert.equal(new Set(prints).size, 3);
});

test("the vectors and the fingerprint are what they were when tests were written against them", async () => {
  const encoder = new HashingEncoder({ dim: 4 });
  const [row] = [(await encoder.embed(["hello"])).row(0)];
  assert.deepEqual([encoder.fingerprint, ...row], ["199f6396e79ce930bbf4cc78e9118fe9", -0.5, 0.5, 0.5, 0.5]);
});
