/** Files of sections: what is written is read, and nothing that was changed is. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { bytesSource } from "../core/index.ts";
import { crc32c } from "./crc32c.ts";
import { SectionFile, sectionPieces } from "./section-file.ts";

const written = async (): Promise<Uint8Array> => {
  const sections = [
    { name: "first", pieces: [Uint8Array.from({ length: 300_000 }, (_, i) => i), Uint8Array.of(1, 2, 3)] },
    { name: "empty", pieces: [] },
    { name: "last", pieces: [Uint8Array.of(9)] },
  ];
  const pieces: number[] = [];
  for await (const piece of sectionPieces("test", { dim: 3 }, sections)) for (const byte of piece) pieces.push(byte);
  return Uint8Array.from(pieces);
};

test("CRC-32C gives the values of RFC 3720, in one piece or in several", () => {
  assert.equal(crc32c(new Uint8Array(32)), 0x8a9136aa);
  assert.equal(crc32c(new Uint8Array(32).fill(255)), 0x62a8ab43);
  assert.equal(crc32c(Uint8Array.from({ length: 32 }, (_, i) => i)), 0x46dd794e);
  assert.equal(crc32c(new TextEncoder().encode("123456789")), 0xe3069283);
  const bytes = Uint8Array.from({ length: 100 }, (_, i) => 7 * i);
  for (let cut = 0; cut <= 100; cut++) assert.equal(crc32c(bytes.subarray(cut), crc32c(bytes.subarray(0, cut))), crc32c(bytes)); // prettier-ignore
});

test("sections come back as they were, 64-byte aligned, whole or into several arrays", async () => {
  const file = await SectionFile.open(bytesSource("test", await written()));
  assert.deepEqual([file.kind, file.head], ["test", { dim: 3 }]);
  assert.equal((await file.read("first"))[299_999], 299_999 & 255);
  assert.deepEqual([...(await file.read("last"))], [9]);
  assert.deepEqual([...(await file.read("empty"))], []);
  const parts = [new Uint8Array(299_999), new Uint8Array(1), new Uint8Array(3)];
  await file.readInto("first", parts);
  assert.deepEqual([parts[1]![0], ...parts[2]!], [299_999 & 255, 1, 2, 3]);
  await assert.rejects(file.readInto("first", [new Uint8Array(5)]), { code: "bad-file" });
  await assert.rejects(file.read("none"), { code: "bad-file", message: /"none"/ });
  assert.deepEqual(await file.damaged(), []);
});

test("a damaged section is named, the others are read, and a file cut off is refused", async () => {
  const bytes = await written();
  bytes[1000]! ^= 1;
  const file = await SectionFile.open(bytesSource("test", bytes));
  assert.deepEqual(await file.damaged(), ["first"]);
  await assert.rejects(file.read("first"), { code: "bad-file", message: /"first"/ });
  assert.deepEqual([...(await file.read("last"))], [9]);
  for (const length of [0, 10, 24, 1000, bytes.length - 1]) {
    await assert.rejects(SectionFile.open(bytesSource("test", bytes.slice(0, length))), { code: "bad-file" }, `${length} bytes`); // prettier-ignore
  }
});
