import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { contentHash } from "./content-hash.ts";

test("a text and its UTF-8 bytes have one hash of 32 hexadecimal digits", () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom("a", "Z", " ", "é", "中", "😀", "\u0000")), (letters) => {
      const text = letters.join("");
      const hash = contentHash(text);
      assert.match(hash, /^[0-9a-f]{32}$/);
      assert.equal(contentHash(new TextEncoder().encode(text)), hash);
    }),
    { seed: 1 },
  );
});

test("texts that differ in one bit, in length or in order differ in their hash", () => {
  const hashes = new Set<string>();
  const contents = new Set<string>();
  const note = (bytes: Uint8Array): void => {
    contents.add(bytes.join());
    hashes.add(contentHash(bytes));
  };
  for (let length = 0; length <= 40; length++) {
    note(new Uint8Array(length));
    for (let bit = 0; bit < 8 * length; bit++) {
      const bytes = new Uint8Array(length);
      bytes[bit >> 3]! ^= 1 << (bit & 7);
      note(bytes);
    }
  }
  for (const text of ["ab", "ba", "abc", "the quick brown fox jumps", "the brown quick fox jumps"])
    note(new TextEncoder().encode(text));
  assert.equal(hashes.size, contents.size);
});

test("it is the same in every version, since it lies in files", () => {
  assert.equal(contentHash("How to reset a password"), PASSWORD);
});

const PASSWORD = "61ee37fca1806d1aaeddb732d8c30ea5";
