import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { LociError, bytesSource } from "../core/index.ts";
import { readFastTextBin, readVectors } from "./index.ts";

const bytesOf = (name: string): Uint8Array =>
  new Uint8Array(readFileSync(new URL(`../../test/fixtures/formats/${name}`, import.meta.url)));

/** The fixture with whole numbers of four bytes put at some places. */
function patched(name: string, ...patches: [at: number, value: number][]): Uint8Array {
  const bytes = bytesOf(name);
  const view = new DataView(bytes.buffer);
  for (const [at, value] of patches) view.setInt32(at, value, true);
  return bytes;
}

/** Where things lie in every model: settings from byte 8, the dictionary's sizes behind them. */
const [DIM, LOSS, MODEL, BUCKET, DICTIONARY] = [8, 32, 36, 40, 64];
const ENTRIES = DICTIONARY + 28;
const plain = bytesOf("fasttext.bin");
/** Where the input matrix's flag lies: from the end, back over both matrices. */
const view = new DataView(plain.buffer);
const words = view.getInt32(DICTIONARY + 4, true);
const INPUT = plain.length - (16 + words * 8 * 4 + 1) - (16 + (words + 200) * 8 * 4) - 1;
const end = plain.indexOf(0, ENTRIES);
const typeOfFirst = end + 9;

const swapped = plain.slice();
swapped[typeOfFirst] = 1;
const twoFlags = plain.slice();
twoFlags[INPUT] = 2;
const doubled = plain.slice();
const secondEnd = plain.indexOf(0, end + 10);

for (const [what, bytes, says] of [
  [
    "other magic",
    patched("fasttext.bin", [0, 7]),
    /byte 0: expected fastText's magic \(ba 16 4f 2f\); found bytes 07 00 00 00\. Models of fastText before 2017/,
  ],
  ["a later version", patched("fasttext.bin", [4, 13]), /byte 4: expected version 11 or 12; found 13/],
  [
    "a dim of 0",
    patched("fasttext.bin", [DIM, 0]),
    /byte 8: expected a dim from 1 to 1048576 among the settings; found 0/,
  ],
  ["an unknown loss", patched("fasttext.bin", [LOSS, 9]), /expected a loss from 1 to 4 among the settings; found 9/],
  ["an unknown model", patched("fasttext.bin", [MODEL, 4]), /expected a model from 1 to 3/],
  ["a negative bucket count", patched("fasttext.bin", [BUCKET, -1]), /expected a bucket from 0 to 2147483647/],
  [
    "words and labels that do not add up",
    patched("fasttext.bin", [DICTIONARY, 5]),
    /byte 64: expected a dictionary whose words and labels add up.*; found 5 entries, 30 words/,
  ],
  [
    "a promise of a billion words",
    patched("fasttext.bin", [DICTIONARY, 1e9], [DICTIONARY + 4, 1e9]),
    /byte 92: expected a dictionary of 1000000000 entries \(10000000000 bytes\)/,
  ],
  ["a label among the words", swapped, /byte \d+: expected a word \(type 0\); found type 1/],
  ["a flag that is none", twoFlags, /expected 0 or 1, whether the input matrix is quantised; found 2/],
  [
    "another dim than its matrix",
    patched("fasttext.bin", [DIM, 9]),
    /expected the input matrix of 230 × 9; found 230 × 8/,
  ],
  [
    "another bucket count than its matrix",
    patched("fasttext.bin", [BUCKET, 201]),
    /expected the input matrix of 231 × 8; found 230 × 8/,
  ],
  [
    "a cut input matrix",
    plain.slice(0, INPUT + 100),
    /expected the input matrix \(7360 bytes\); found 83 bytes before the end of the file/,
  ],
  [
    "a cut output matrix",
    plain.slice(0, plain.length - 1),
    /expected the output matrix \(960 bytes\); found 959 bytes/,
  ],
  ["a cut dictionary", plain.slice(0, ENTRIES + 5), /expected a dictionary of 30 entries/],
  ["bytes behind its end", Uint8Array.of(...plain, 1, 2), /expected the end of the file; found 2 more bytes/],
  [
    "numbers that are not finite",
    patched("fasttext.bin", [INPUT + 17 + 8, 0x7fc00000]),
    /word vectors row 0 \(".+"\), number 3: expected a finite number; found NaN/,
  ],
] as const) {
  test(`a fastText model with ${what} is refused with the place`, async () => {
    await assert.rejects(readFastTextBin(bytesSource("model.bin", bytes)), (error) => {
      assert.ok(error instanceof LociError && error.code === "bad-file");
      assert.match(error.message, says);
      return true;
    });
  });
}

test("of words that come twice the first stands, its rows stay its own, and a note says so", async () => {
  // Both names must have one length to be made the same.
  const sound = await readFastTextBin(bytesSource("model.bin", plain));
  const [a, b] = sound.keys
    .map((key, i) => [key, i] as const)
    .filter(([key]) => key.length === 4 && /^[a-z]+$/.test(key)) as [[string, number], [string, number]];
  const text = new TextDecoder("latin1").decode(doubled);
  doubled.set(new TextEncoder().encode(a[0]), text.indexOf(`${b[0]}\0`));
  const back = await readFastTextBin(bytesSource("model.bin", doubled));
  assert.equal(back.keys.length, sound.keys.length - 1);
  assert.deepEqual(back.notes, [`Word ${b[1]} was dropped, since its key "${a[0]}" had come before.`]);
  for (const [row, key] of back.keys.entries()) {
    const before = sound.keys.indexOf(key);
    assert.deepEqual(back.matrix.row(row), sound.matrix.row(before), key);
    assert.deepEqual(back.output!.row(row), sound.output!.row(before), key);
    assert.equal(back.counts![row], sound.counts![before]);
  }
  assert.ok(secondEnd > end);
});

test("a quantised model's codes must fit its rows and its quantiser", async () => {
  const bytes = bytesOf("fasttext-quantized.ftz");
  // Behind the dictionary: the flag, then norms or not (1), rows (8), dim (8), the number of codes (4).
  const whole = new DataView(bytes.buffer);
  let at = ENTRIES;
  for (let n = whole.getInt32(DICTIONARY, true); n > 0; n--) at = bytes.indexOf(0, at) + 10;
  const codes = whole.getInt32(at + 18, true);
  assert.equal(codes % whole.getInt32(at + 2, true), 0, "the walk above found the right place");
  const fewer = bytes.slice();
  new DataView(fewer.buffer).setInt32(at + 18, -5, true);
  await assert.rejects(readFastTextBin(bytesSource("m.ftz", fewer)), /expected a size of 0 or more; found -5/);
  const odd = bytes.slice();
  new DataView(odd.buffer).setInt32(at + 22 + codes + 8, 7, true);
  await assert.rejects(
    readFastTextBin(bytesSource("m.ftz", odd)),
    /expected a quantiser of dim 8 in parts of 1 to 32; found dim 8 in 3 parts of 7, the last of 2/,
  );
});

test("a fastText model is detected by its magic", async () => {
  assert.equal((await readVectors(bytesSource("anything", plain))).format, "fasttext-bin");
});
