import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { base64, fromBase64 } from "./base64.ts";

test("bytes come back from base64 as they went in, and it is the base64 everyone writes", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      const text = base64(bytes);
      assert.equal(text, Buffer.from(bytes).toString("base64"));
      assert.deepEqual(fromBase64(text), bytes);
    }),
    { seed: 1 },
  );
  const large = new Uint8Array(100_000).map((_, i) => i * 7);
  assert.deepEqual(fromBase64(base64(large)), large);
});

test("what is not base64 is nothing", () => {
  assert.equal(fromBase64("a$b"), undefined);
  assert.equal(fromBase64("abcde"), undefined);
});
