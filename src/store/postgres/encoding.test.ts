import assert from "node:assert/strict";
import { test } from "node:test";
import { LociError } from "../../core/index.ts";
import { readNumbers, readVector, vectorArrayBytes, vectorBytes } from "./encoding.ts";

test("a vector comes back from pgvector's binary form to the bit", () => {
  const vector = Float32Array.of(0, -0, 1.1, -3e38, 1.4e-45, 0.1);
  const bytes = vectorBytes(vector);
  assert.equal(bytes.length, 4 + 4 * 6);
  // With something before it, as it lies in a packet of the server.
  const packet = new Uint8Array([9, 9, 9, ...bytes]);
  const back = new Float32Array(6);
  readVector(packet.subarray(3), back);
  assert.deepEqual(back, vector);
});

test("a vector of another width is refused", () => {
  assert.throws(
    () => readVector(vectorBytes(Float32Array.of(1, 2)), new Float32Array(3)),
    (error: unknown) => error instanceof LociError && error.code === "dim-mismatch",
  );
});

test("an array of vectors is laid out as PostgreSQL sends arrays", () => {
  const bytes = vectorArrayBytes([Float32Array.of(1), Float32Array.of(2)], 77);
  const view = new DataView(bytes.buffer);
  const words = Array.from({ length: 5 }, (_, w) => view.getInt32(4 * w));
  assert.deepEqual(words, [1, 0, 77, 2, 1]);
  assert.deepEqual([view.getInt32(20), view.getInt16(24), view.getFloat32(28)], [8, 1, 1]);
  assert.deepEqual([view.getInt32(32), view.getFloat32(40), bytes.length], [8, 2, 44]);
});

test("numbers come back from int8send's form", () => {
  const bytes = new Uint8Array(24);
  const view = new DataView(bytes.buffer);
  [1n, 2n ** 40n, -5n].forEach((number, n) => view.setBigInt64(8 * n, number));
  assert.deepEqual([...readNumbers(bytes)], [1, 2 ** 40, -5]);
});
