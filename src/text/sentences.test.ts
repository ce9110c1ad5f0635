import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { sentenceLines, splitSentences } from "./sentences.ts";

const cases: [why: string, sentences: string[]][] = [
  ["stops, question and exclamation marks", ["It rains. ", "Does it? ", "Yes! ", "Well… ", "It does."]],
  ["titles", ["Dr. Smith met Mrs. Jones. ", "They spoke."]],
  ["initials and letter abbreviations", ["J. R. R. Tolkien lived in the U.K. and wrote, e.g. The Hobbit. ", "He did."]],
  ["numbers", ["Pi is 3.14. ", "See No. 7 and p. 12 of it. ", "No. ", "On Dec. 10 it ended."]],
  [
    "lower case goes on",
    ["The firm, Acme Inc. of Ohio, grew to ca. 90 men. ", "“Stop!” he said. ", "(Or so.) ", "Fine."],
  ],
  ["the writer as I", ["So did I. ", "Then we left."]],
  ["quotes and brackets", ["He said “No.” ", "Then (at last.) ", "“Yes.”"]],
  ["opening signs", ["¿Qué? ", "¡No! ", "«Oui.» ", "Bon."]],
  ["no space, no end", ["Visit example.com or v1.2.3 now. ", "Wait...what?"]],
  ["an ellipsis within", ["I … well … went. ", "Home... ", "Really."]],
  ["Chinese and Japanese", ["我来了。", "你呢？", "「好。」", "東京です！"]],
  ["Hindi and Arabic", ["यह घर है। ", "वह है। ", "أين هو؟ ", "هنا."]],
  ["no stop at all", ["just words"]],
];

for (const [why, sentences] of cases) {
  test(`sentences: ${why}`, () => assert.deepEqual(splitSentences(sentences.join("")), sentences));
}

test("sentences, put together, are the text", () => {
  const text = fc.array(fc.constantFrom("Ab", "c", ".", "!", "…", "。", " ", "\n", "”", "(", "Dr", "7"), {
    maxLength: 25,
  });
  fc.assert(
    fc.property(text, (parts) => {
      const sentences = splitSentences(parts.join(""));
      assert.equal(sentences.join(""), parts.join(""));
      assert.ok(sentences.every((sentence) => sentence.length > 0));
    }),
    { seed: 9 },
  );
});

async function lines(...pieces: string[]): Promise<string[]> {
  const out: string[] = [];
  const bytes = pieces.map((piece) => new TextEncoder().encode(piece));
  for await (const piece of sentenceLines(bytes)) out.push(new TextDecoder().decode(piece));
  return out
    .join("")
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
}

test("sentences become lines: wrapped lines are joined, empty ones end a sentence", async () => {
  assert.deepEqual(await lines("A title\n\nIt was wrap", "ped here\nand ended. So\nit goes\n \nOn"), [
    "A title",
    "It was wrapped here and ended.",
    "So it goes",
    "On",
  ]);
});

test("a paragraph longer than what is held is split at the same places, and a sentence as long stays one line", async () => {
  const paragraph = "This is a sentence of Mr. Nobody. ".repeat(3000);
  assert.deepEqual(
    await lines(paragraph),
    Array.from({ length: 3000 }, () => "This is a sentence of Mr. Nobody."),
  );
  const endless = "and on it goes ".repeat(10_000).trim();
  assert.deepEqual(await lines(endless), [endless]);
});
