import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { HashingEncoder } from "../embed/index.ts";
import {
  type Chunk,
  chunkCode,
  chunkFixed,
  chunkMarkdown,
  type ChunkOptions,
  chunkRecursive,
  chunkSemantic,
  chunkSentences,
  countWords,
} from "./index.ts";

type Chunker = (text: string, options: ChunkOptions) => Chunk[] | Promise<Chunk[]>;
const encoder = new HashingEncoder({ dim: 8 });
const CHUNKERS: Readonly<Record<string, Chunker>> = {
  fixed: chunkFixed,
  sentence: chunkSentences,
  recursive: chunkRecursive,
  markdown: chunkMarkdown,
  "code by lines": (text, options) => chunkCode(text, { ...options, by: "lines" }),
  "code by syntax": (text, options) => chunkCode(text, { ...options, by: "syntax", language: "typescript" }),
  semantic: (text, options) => chunkSemantic(text, { ...options, embed: (texts) => encoder.embed(texts) }),
};

/** Texts that try to be cut in the wrong place. */
const pieces = fc.constantFrom(
  ..."word|. |! |\n|\r\n|\r|\n\n|\r\n\r\n|  |\t|\f|# Head\n|## Two\n|```\n|- item\n|{|}|function f() {\n|// note\n|e\u0301|👍🏽|👨‍👩‍👧|\ud83d|\udc4d|日本語。|ไทย|a.b|Dr. |---\n|\u0301\u0301|\ufe0f|x=1;\n|class A {\n  b() {}\n}\n".split(
    "|",
  ),
);
const texts = fc.oneof(
  fc
    .array(fc.oneof(pieces, pieces, fc.string({ unit: "binary", maxLength: 6 })), { maxLength: 60 })
    .map((parts) => parts.join("")),
  fc.string({ unit: "binary", maxLength: 200 }),
);
/** Counters that do not add up the way words do. */
const counters = fc.constantFrom(
  countWords,
  (text: string) => text.length,
  (text: string) => Math.ceil(new TextEncoder().encode(text).length / 3),
);

function isBetween(text: string, at: number): boolean {
  const [before, unit] = [text.charCodeAt(at - 1), text.charCodeAt(at)];
  const inPair = before >= 0xd800 && before < 0xdc00 && unit >= 0xdc00 && unit < 0xe000;
  return !inPair && !(before === 13 && unit === 10);
}

for (const [name, chunk] of Object.entries(CHUNKERS)) {
  test(`${name}: chunks tile any text, fit, and never part a surrogate pair or CRLF`, async () => {
    await fc.assert(
      fc.asyncProperty(
        texts,
        fc.integer({ min: 1, max: 30 }),
        fc.integer({ min: 0, max: 29 }),
        counters,
        async (text, size, some, countTokens) => {
          const overlap = some % size;
          const chunks = await chunk(text, { size, overlap, countTokens });
          assert.equal(chunks.map((one) => one.text.slice(one.repeats)).join(""), text);
          let end = 0;
          for (const one of chunks) {
            assert.equal(one.text, text.slice(one.start, one.end));
            assert.equal(one.start + one.repeats, end);
            assert.ok(one.end > end);
            end = one.end;
            assert.ok(isBetween(text, one.start) && isBetween(text, one.end));
            assert.equal(one.tokens, countTokens(one.text));
            assert.ok(countTokens(one.text.slice(0, one.repeats)) <= overlap);
            assert.equal(
              one.lines.first,
              text.slice(0, one.start).split(/\r\n|\r|\n/).length -
                Number(text.slice(0, one.start).endsWith("\r") && text[one.start] === "\n"),
            );
            // Only what cannot be parted is allowed to be larger: one character with its marks.
            if (one.tokens > size) assert.ok(one.repeats === 0 && one.text.length <= 70, JSON.stringify(one.text));
          }
          if (overlap === 0) assert.equal(chunks.map((one) => one.text).join(""), text);
        },
      ),
      { seed: 11, numRuns: name.startsWith("code by syntax") ? 60 : 150 },
    );
  });
}

test("a fixed chunk has as many words as it may", () => {
  const text = Array.from({ length: 100 }, (_, i) => `word${i}`).join(" ");
  assert.deepEqual(
    chunkFixed(text, { size: 30 }).map(({ tokens }) => tokens),
    [30, 30, 30, 10],
  );
});

test("overlap repeats whole words of the chunk before, and a whole sentence where one fits", () => {
  const words = Array.from({ length: 20 }, (_, i) => `w${i}`).join(" ");
  const [, second] = chunkFixed(words, { size: 8, overlap: 3 });
  assert.equal(second!.text.slice(0, second!.repeats), "w2 w3 w4 ");
  const chunks = chunkSentences("One two three. Four five six. Seven eight nine. Ten eleven twelve.", {
    size: 9,
    overlap: 3,
  });
  assert.equal(chunks[1]!.text.slice(0, chunks[1]!.repeats), "Four five six. ");
});

test("a recursive chunk ends at a paragraph rather than in the middle of the next", () => {
  const first = "One two three four five six. Seven eight nine ten.\n\n";
  const second = "Alpha beta gamma. Delta epsilon zeta. Eta theta iota kappa lambda.";
  assert.deepEqual(
    chunkRecursive(first + second, { size: 14 }).map(({ text }) => text),
    [first, second],
  );
});

test("a Markdown chunk keeps to its section and knows its headings", () => {
  const text =
    "---\ntitle: Guide\n---\nIntro.\n\n# A\n\n## B\n\nText of b.\n\n```sh\n# not a heading\n\nls\n```\n\n## C\n\nText of c.\n\n# D\n\nEnd.\n";
  const chunks = chunkMarkdown(text, { size: 100 });
  assert.deepEqual(
    chunks.map(({ headings, lines }) => [headings, lines.first]),
    [
      [[], 1],
      [["A", "B"], 6],
      [["A", "C"], 18],
      [["D"], 22],
    ],
  );
});

test("a fenced block is cut only where it does not fit, and then between lines", () => {
  const block = `\`\`\`js\n${Array.from({ length: 12 }, (_, i) => `call(${i});\n`).join("")}\`\`\`\n`;
  const text = `# A\n\nSome text before it.\n\n${block}\nAfter.\n`;
  const whole = chunkMarkdown(text, { size: 28 });
  assert.ok(whole.some((chunk) => chunk.text.includes(block)));
  for (const chunk of chunkMarkdown(text, { size: 8 })) assert.match(chunk.text, /\n$/);
});

test("code is cut before declarations, with the comments that belong to them", async () => {
  const body = (name: string): string =>
    `/** About ${name}. */\nexport function ${name}(a: number): number {\n  const b = a + 1;\n\n  return b * ${name.length};\n}\n`;
  const text = `import x from "x";\n\n${["one", "two", "three"].map(body).join("\n")}`;
  const chunks = await chunkCode(text, { size: 20, language: "typescript", by: "syntax" });
  assert.deepEqual(
    chunks.map((chunk) => /About (\w+)/.exec(chunk.text)?.[1]),
    ["one", "two", "three"],
  );
  for (const chunk of chunks.slice(1)) assert.match(chunk.text, /^\/\*\* About/);
  const byLines = await chunkCode(text, { size: 20, by: "lines" });
  for (const chunk of byLines.slice(1)) assert.match(chunk.text, /^\/\*\* About/);
});

for (const [language, source] of Object.entries({
  python: "@decorated\ndef one():\n    return 1\n\n\nclass Two:\n    def three(self):\n        return 3\n",
  go: "package a\n\nfunc One() int {\n\treturn 1\n}\n\nfunc Two() int {\n\treturn 2\n}\n",
  rust: "/// Doc.\nfn one() -> i32 {\n    1\n}\n\n#[test]\nfn two() {\n    one();\n}\n",
})) {
  test(`${language} is cut by its grammar`, async () => {
    const chunks = await chunkCode(source, { size: 7, language, by: "syntax" });
    assert.ok(chunks.length > 1);
    for (const chunk of chunks.slice(1)) assert.match(chunk.text, /^(?:class|func|#\[test\]|@|def)/);
  });
}

test("a language without a grammar is refused where the syntax is insisted on, and cut by lines where not", async () => {
  await assert.rejects(chunkCode("x", { language: "cobol", by: "syntax" }), { code: "not-supported" });
  assert.equal((await chunkCode("x", { language: "cobol" })).length, 1);
});

test("a semantic chunk ends where the subject changes", async () => {
  const cats = "The cat sleeps. A cat eats fish. My cat likes fish. The cat and the fish. ";
  const stars = "Stars burn hydrogen. A star fuses hydrogen. Hydrogen makes stars burn. Old stars have less hydrogen.";
  const subjects = ["cat", "fish", "star", "hydrogen"];
  const chunks = await chunkSemantic(cats + stars, {
    size: 100,
    embed: async (texts) => {
      const { Matrix } = await import("../core/index.ts");
      const rows = texts.map((text) => subjects.map((subject) => Number(text.toLowerCase().includes(subject))));
      return new Matrix(Float32Array.from(rows.flat()), subjects.length);
    },
  });
  assert.deepEqual(
    chunks.map(({ text }) => text),
    [cats, stars],
  );
});

test("an embedding function that gives another number of rows is refused", async () => {
  const embed = async (texts: readonly string[]) => encoder.embed(texts.slice(1));
  await assert.rejects(chunkSemantic("One here. Two there.", { embed }), { code: "dim-mismatch" });
});

test("sizes that make no sense are refused", () => {
  assert.throws(() => chunkFixed("a", { size: 0 }), { code: "bad-argument" });
  assert.throws(() => chunkFixed("a", { size: 5, overlap: 5 }), { code: "bad-argument" });
});

test("words are counted in any script, and no long text counts as nothing", () => {
  for (const [text, count] of [
    ["", 0],
    ["one two-three, don't", 4],
    ["日本語", 3],
    ["👍 ok", 2],
    ["naïve Straße", 2],
    ["x".repeat(160), 10],
    ["=".repeat(80), 10],
    [" ".repeat(640), 10],
  ] as [string, number][])
    assert.equal(countWords(text), count, JSON.stringify(text));
});

test("a line without a single blank, of megabytes, is cut in no time", () => {
  const chunks = chunkRecursive("x".repeat(1 << 20), { size: 100 });
  assert.ok(chunks.length > 600 && chunks.every(({ tokens }) => tokens <= 100));
});
