import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { WordScanner } from "./scan.ts";
import { WordTable } from "./word-table.ts";
import { WordTokenizer, type WordTokenizerOptions } from "./words.ts";

/** Scans documents, each given in pieces, to sentences of words. */
function scan(documents: Uint8Array[][], options?: WordTokenizerOptions, lines = true): string[][] {
  const table = new WordTable();
  const sentences: string[][] = [[]];
  const sink = {
    token: (place: number) => void sentences.at(-1)!.push(table.wordOf(place)),
    lineEnd: () => void sentences.push([]),
  };
  const scanner = new WordScanner(table, new WordTokenizer(options), sink, { lines });
  for (const pieces of documents) {
    for (const piece of pieces) scanner.push(piece);
    scanner.endDocument();
  }
  return sentences.filter((sentence) => sentence.length > 0);
}

/** The oracle: whole lines as strings through the tokenizer. */
function tokenizeLines(text: string, options?: WordTokenizerOptions): string[][] {
  const tokenizer = new WordTokenizer(options);
  const sentences = text
    .toWellFormed()
    .replace(/^\ufeff/, "")
    .split("\n")
    .map((line) => tokenizer.tokenize(line));
  return sentences.filter((sentence) => sentence.length > 0);
}

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

function cut(bytes: Uint8Array, places: number[]): Uint8Array[] {
  const cuts = [0, ...places.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return cuts.slice(1).map((end, i) => bytes.slice(cuts[i], end));
}

// prettier-ignore
const PIECES = [
  "a", "B", "b", "word", "don't", "new_york", "'_", "Z9", "é", "e\u0301", "\u0301", "'", "’", "_", "__", "-", ".", " ", " ", "\n", "\r\n", "\t", "\0", "1", "٣", "½",
  "東京", "か\u3099", "ー", "ไทย", "😀", "\u00ad", "\u200d", "한", "Ω", "\ufeff", "<", "\u0338", "\u00a0", "\u2028", "ª", "K",
];
const hardText = fc.array(fc.constantFrom(...PIECES), { maxLength: 30 }).map((pieces) => pieces.join(""));
const places = fc.array(fc.nat(), { maxLength: 4 });

const ALL_OPTIONS: WordTokenizerOptions[] = [
  {},
  { case: "keep", digits: "spell" },
  { digits: "drop", normalization: "NFKC" },
  { digits: "zero", normalization: "none" },
  { mode: "space" },
  { mode: "space", digits: "spell", normalization: "NFC", case: "lower" },
];

for (const options of ALL_OPTIONS) {
  test(`bytes cut anywhere give what the tokenizer gives for whole lines: ${JSON.stringify(options)}`, () => {
    fc.assert(
      fc.property(hardText, places, (text, cuts) => {
        const expected = tokenizeLines(text, options);
        assert.deepEqual(scan([cut(utf8(text), cuts)], options), expected);
        assert.deepEqual(scan([[...utf8(text)].map((byte) => Uint8Array.of(byte))], options), expected);
      }),
      { seed: 3, numRuns: 400 },
    );
  });
}

test("bytes that are no UTF-8 stand between words, wherever they are cut", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), places, (bytes, cuts) => {
      assert.deepEqual(scan([cut(bytes, cuts)]), tokenizeLines(new TextDecoder().decode(bytes)));
    }),
    { seed: 4, numRuns: 500 },
  );
  assert.deepEqual(scan([[Uint8Array.of(0x61, 0xff, 0x62, 0xc3, 0x20, 0x63)]]), [["a", "b", "c"]]);
});

test("each document ends its last sentence and may begin with a byte order mark", () => {
  const documents = ["\ufeffone two", "three\r\nfour\n\n", "\ufefffive"].map((text) => cut(utf8(text), [1, 2]));
  assert.deepEqual(scan(documents, { mode: "space" }), [["one", "two"], ["three"], ["four"], ["five"]]);
  assert.deepEqual(scan(documents, {}, false), [["one", "two"], ["three", "four"], ["five"]]);
});

test("a line longer than any buffer is one sentence", () => {
  const text = "lorem ipsum dolor ".repeat(20_000);
  const [sentence, ...others] = scan([cut(utf8(text), [1e5, 2e5 + 1, 123_457])]);
  assert.equal(others.length, 0);
  assert.deepEqual(sentence, tokenizeLines(text)[0]);
});

test("a word longer than any buffer is its first 256 letters, and what follows is read", () => {
  const long = "x".repeat(500_000);
  assert.deepEqual(scan([[utf8(`a ${long}`), utf8(`${long}'y b`)]]), [["a", "x".repeat(256), "b"]]);
  assert.deepEqual(scan([[utf8(`a ${long}é b`)]]), [["a", "x".repeat(256), "b"]]);
  assert.deepEqual(scan([[utf8("_".repeat(300_000)), utf8(" b")]]), [["b"]]);
});

test("Chinese without any ASCII in it is read in bounded pieces, cut at its punctuation", () => {
  const text = "我爱北京天安门，天安门上太阳升。".repeat(6000);
  assert.deepEqual(scan([[utf8(text)]]), tokenizeLines(text));
});

test("letters without end that are not ASCII are cut between characters", () => {
  const [words, ...others] = scan([[utf8("é".repeat(200_000))]]);
  assert.equal(others.length, 0);
  assert.ok(words!.every((word) => /^é+$/.test(word)));
});

test("in space mode, too, text without a space is read in bounded memory", () => {
  const [words] = scan([[utf8("我".repeat(100_000))]], { mode: "space" });
  assert.ok(words!.every((word) => /^我+$/.test(word)));
});

test("text without spaces is read in bounded memory, wherever its only break lies", () => {
  for (const text of [`${"字".repeat(10)}，${"字".repeat(100_000)}`, `é—${"é".repeat(200_000)}`]) {
    const words = scan([cut(utf8(text), [70_000, 140_000, 210_000])]).flat();
    assert.ok(words.length > 1 && words.every((word) => word.length <= 256));
  }
});
