import assert from "node:assert/strict";
import { test } from "node:test";
import { PIECE_BYTES, evenPieces, piecewiseSource } from "./pieces.ts";

async function* given(sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  let value = 0;
  const buffer = new Uint8Array(3 * PIECE_BYTES);
  for (const size of sizes) {
    for (let i = 0; i < size; i++) buffer[i] = value++ % 251;
    yield buffer.subarray(0, size); // one buffer again and again, as byte sources do
  }
}

test("pieces of any sizes become pieces of one size, and any byte is read back from its place", async () => {
  const sizes = [1, 0, PIECE_BYTES - 1, 7, 2 * PIECE_BYTES + 5];
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const pieces: Uint8Array[] = [];
  for await (const piece of evenPieces(given(sizes))) pieces.push(piece);
  assert.deepEqual(
    pieces.map(({ length }) => length),
    [PIECE_BYTES, PIECE_BYTES, PIECE_BYTES, total - 3 * PIECE_BYTES],
  );
  const source = piecewiseSource("test", total, async (number) => pieces[number]!);
  for (const [at, length] of [
    [0, 10],
    [PIECE_BYTES - 3, 6],
    [PIECE_BYTES, PIECE_BYTES + 1],
    [total - 4, 100],
    [total, 1],
  ] as const) {
    const into = new Uint8Array(length);
    const read = await source.readAt(at, into);
    assert.equal(read, Math.max(0, Math.min(length, total - at)));
    for (let i = 0; i < read; i++) if (into[i] !== (at + i) % 251) assert.fail(`byte ${at + i} is ${into[i]}`);
  }
  let at = PIECE_BYTES + 17;
  for await (const piece of source.read(at)) {
    for (const byte of piece) if (byte !== at++ % 251) assert.fail(`byte ${at - 1} is ${byte}`);
  }
  assert.equal(at, total);
});

test("no bytes are no pieces", async () => {
  for await (const piece of evenPieces(given([0, 0]))) assert.fail(`a piece of ${piece.length}`);
  const source = piecewiseSource("empty", 0, async () => assert.fail("a piece was asked for"));
  assert.equal(await source.readAt(0, new Uint8Array(3)), 0);
});
