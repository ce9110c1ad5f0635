import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { readLines, type LinePiece } from "./lines.ts";

async function read(pieces: Uint8Array[], maxBytes?: number): Promise<LinePiece[]> {
  const lines: LinePiece[] = [];
  for await (const line of readLines(pieces, maxBytes === undefined ? {} : { maxBytes })) lines.push(line);
  return lines;
}

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const inPieces = (bytes: Uint8Array, length: number): Uint8Array[] =>
  Array.from({ length: Math.ceil(bytes.length / length) }, (_, i) => bytes.slice(i * length, (i + 1) * length));

test("lines, put together again from pieces cut anywhere, are the lines of the text", async () => {
  const text = fc.array(fc.constantFrom("a", "é", "東", "😀", " ", "\n", "\r\n", "\r", "\0", "long long word "), {
    maxLength: 40,
  });
  await fc.assert(
    fc.asyncProperty(
      text,
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 16, max: 40 }),
      async (parts, length, maxBytes) => {
        const whole = parts.join("");
        const lines: string[] = [];
        let open = "";
        for (const piece of await read(inPieces(utf8(whole), length), maxBytes)) {
          assert.ok(utf8(piece.text).length <= maxBytes);
          open += piece.text;
          if (!piece.ends) continue;
          lines.push(open);
          open = "";
        }
        assert.equal(open, "");
        const expected = whole.split("\n").map((line) => line.replace(/\r$/, ""));
        if (whole === "" || whole.endsWith("\n")) expected.pop();
        assert.deepEqual(lines, expected);
      },
    ),
    { seed: 8, numRuns: 300 },
  );
});

test("a long line is cut after its blanks, and else between characters", async () => {
  assert.deepEqual(await read([utf8("one two three four five\nsix")], 16), [
    { text: "one two three ", ends: false },
    { text: "four five", ends: true },
    { text: "six", ends: true },
  ]);
  const [first, second] = await read([utf8("é".repeat(12))], 17);
  assert.deepEqual([first!.text, second!.text], ["é".repeat(8), "é".repeat(4)]);
});

test("a byte order mark is dropped, bytes that are no UTF-8 are replaced", async () => {
  assert.deepEqual(await read([Uint8Array.of(0xef, 0xbb), Uint8Array.of(0xbf, 0x61, 0xff, 0x0a, 0x62)]), [
    { text: "a\ufffd", ends: true },
    { text: "b", ends: true },
  ]);
});

test("a bound too small to be of use is refused", async () => {
  await assert.rejects(read([], 3), { code: "bad-argument" });
});
