import assert from "node:assert/strict";
import { test } from "node:test";
import { release } from "./index.ts";

test("released memory is gone at once: the array has length 0", () => {
  const array = new Float32Array(1000);
  release(array);
  assert.equal(array.length, 0);
  release(array); // twice does no harm
});

test("shared memory cannot be given back, and stays as it is", () => {
  const array = new Int32Array(new SharedArrayBuffer(16)).fill(7);
  release(array);
  assert.deepEqual([...array], [7, 7, 7, 7]);
});
