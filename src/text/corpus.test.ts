import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import * as fc from "fast-check";
import { encodeCorpus, encodeCorpusSteps, type Corpus } from "./corpus.ts";
import { LINE_END } from "./draft.ts";
import type { CorpusInput } from "./read.ts";

function idsOf(corpus: Corpus): number[] {
  const ids = new Uint32Array(corpus.length);
  corpus.read(0, ids);
  return [...ids];
}

/** The corpus back as sentences of words. */
function sentencesOf(corpus: Corpus): string[][] {
  const sentences: string[][] = [[]];
  for (const id of idsOf(corpus)) {
    if (id === LINE_END) sentences.push([]);
    else sentences.at(-1)!.push(corpus.vocabulary.keyOf(id));
  }
  assert.deepEqual(sentences.pop(), [], "a corpus ends in LINE_END");
  return sentences;
}

/** The oracle: count, sort, drop. */
function expected(sentences: string[][], minCount: number, most: number): { keys: string[]; kept: string[][] } {
  const counts = new Map<string, number>();
  for (const token of sentences.flat()) counts.set(token, (counts.get(token) ?? 0) + 1);
  const keys = [...counts]
    .filter(([, n]) => n >= minCount)
    .sort((a, b) => b[1] - a[1])
    .map(([key]) => key)
    .slice(0, most);
  const kept = sentences.map((s) => s.filter((token) => keys.includes(token))).filter((s) => s.length > 0);
  return { keys, kept };
}

const sentencesOfFewWords = fc.array(
  fc.array(fc.constantFrom("a", "b", "c", "d", "e", "f", "g", "h"), { maxLength: 8 }),
  { maxLength: 12 },
);

test("a corpus holds what counting, sorting and dropping by hand give", async () => {
  await fc.assert(
    fc.asyncProperty(
      sentencesOfFewWords,
      fc.integer({ min: 1, max: 4 }),
      fc.integer({ min: 1, max: 9 }),
      async (sentences, minCount, most) => {
        const { keys, kept } = expected(sentences, minCount, most);
        const tokens = sentences.flat();
        const texts = [sentences.map((s) => s.join(" ")).join("\n")];
        for (const input of [{ tokens: sentences }, { texts }] satisfies CorpusInput[]) {
          const encoding = encodeCorpus(input, { minCount, maxVocabulary: most });
          if (keys.length === 0) {
            await assert.rejects(encoding, { code: "no-text" });
            continue;
          }
          const corpus = await encoding;
          assert.deepEqual(corpus.vocabulary.keys, keys);
          assert.deepEqual(
            [...corpus.vocabulary.counts],
            keys.map((key) => tokens.filter((token) => token === key).length),
          );
          assert.deepEqual(sentencesOf(corpus), kept);
          assert.equal(corpus.tokens, tokens.length);
          assert.equal(corpus.dropped, tokens.length - kept.flat().length);
          assert.equal(corpus.length, kept.flat().length + kept.length);
          corpus.close();
        }
      },
    ),
    { seed: 5, numRuns: 100 },
  );
});

test("a corpus too long for memory lies in scratch and reads the same from any place", async () => {
  const sentence = Array.from({ length: 1000 }, (_, i) => `w${(i * i) % 701}`);
  const repeats = 1300; // 1.3 million ids: more than stay in memory
  function* sentences(): Generator<string[]> {
    for (let i = 0; i < repeats; i++) yield sentence;
  }
  const corpus = await encodeCorpus({ tokens: sentences() }, { minCount: 1001 });
  const { kept } = expected([sentence], 1, 1000);
  const first = new Uint32Array(corpus.length / repeats);
  for (const repeat of [0, 1, 700, repeats - 1]) {
    corpus.read(repeat * first.length, first);
    assert.deepEqual(
      [...first.subarray(0, -1)].map((id) => corpus.vocabulary.keyOf(id)),
      kept[0],
    );
    assert.equal(first.at(-1), LINE_END);
  }
  assert.equal(corpus.tokens, 1000 * repeats);
  assert.throws(() => corpus.read(corpus.length - 1, new Uint32Array(2)), { code: "bad-argument" });
  corpus.close();
});

test("when there are too many distinct words, rare ones are forgotten and counts stay what the corpus holds", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(fc.nat(60), { minLength: 1, maxLength: 30 }), { minLength: 20, maxLength: 40 }),
      async (numbers) => {
        // Small numbers are frequent, so that there is something worth keeping.
        const sentences = numbers.map((sentence) => sentence.map((n) => `w${(n * n) >> 6}`));
        const corpus = await encodeCorpus({ tokens: sentences }, { minCount: 1, maxDistinct: 16 });
        assert.ok(corpus.vocabulary.size <= 16);
        const stored = sentencesOf(corpus).flat();
        for (const [id, key] of corpus.vocabulary.keys.entries()) {
          assert.equal(corpus.vocabulary.counts[id], stored.filter((word) => word === key).length, key);
        }
        assert.equal(corpus.tokens - corpus.dropped, stored.length);
      },
    ),
    { seed: 6, numRuns: 60 },
  );
});

test("forgetting goes as documented: words seen once, then twice, and a word that comes back starts from nothing", async () => {
  const text = "a a a b b c d e f g h a i";
  // The ninth distinct word, i, finds the table of eight full: all seen once go (c … h), which frees enough.
  const corpus = await encodeCorpus({ texts: [`${text} c`] }, { minCount: 1, maxDistinct: 8 });
  assert.deepEqual(sentencesOf(corpus), [["a", "a", "a", "b", "b", "a", "i", "c"]]);
  assert.deepEqual([...corpus.vocabulary.counts], [4, 2, 1, 1]);
});

test("the fingerprint tells corpora apart and is the same for the same ids and words, however they came", async () => {
  const print = async (text: string): Promise<string> =>
    (await encodeCorpus({ texts: [text] }, { minCount: 1 })).fingerprint;
  const one = await print("a b a\nc");
  assert.equal(one, await print("A, b. a?\r\n\r\nc"));
  assert.equal(one, (await encodeCorpus({ tokens: [["a", "b", "a"], ["c"]] }, { minCount: 1 })).fingerprint);
  for (const other of ["a b a c", "a b a\nd", "a b c\na", "a b a\nc c"]) assert.notEqual(one, await print(other));
  assert.equal(one, "ad2554249a2f399ef0be6e25f8c6e10a");
});

test("the empty corpus and the corpus of rare words say what to do", async () => {
  await assert.rejects(encodeCorpus({ texts: [] }), { code: "no-text", message: /holds no words/ });
  await assert.rejects(encodeCorpus({ texts: [" .,! "] }), { code: "no-text", message: /holds no words/ });
  await assert.rejects(encodeCorpus({ texts: ["a b b c"] }), {
    code: "no-text",
    message:
      'No word is left: the corpus has 4 tokens, and its most frequent word, "b", occurs 2 times, under minCount 5. Give more text, or a minCount of 2 or less.',
  });
});

test("what is no corpus, and tokens that are none, are refused", async () => {
  await assert.rejects(encodeCorpus({} as CorpusInput), { code: "bad-argument" });
  await assert.rejects(encodeCorpus({ tokens: [["a", ""]] }), { code: "bad-argument" });
  await assert.rejects(encodeCorpus({ texts: [7 as unknown as string] }), { code: "bad-argument" });
  await assert.rejects(encodeCorpus({ texts: ["a"] }, { minCount: 0 }), { code: "bad-argument" });
});

test("a sentence is a line, a sentence or a document, as asked", async () => {
  const texts = ["One two. Three\nfour.\n\nFive", "six"];
  const by = async (sentences: "line" | "sentence" | "document"): Promise<string[]> =>
    sentencesOf(await encodeCorpus({ texts }, { minCount: 1, sentences })).map((sentence) => sentence.join(" "));
  assert.deepEqual(await by("line"), ["one two three", "four", "five", "six"]);
  assert.deepEqual(await by("sentence"), ["one two", "three four", "five", "six"]);
  assert.deepEqual(await by("document"), ["one two three four five", "six"]);
});

test("asynchronous texts and tokens are taken too", async () => {
  async function* texts(): AsyncGenerator<string> {
    yield "a b";
    yield "a";
  }
  async function* tokens(): AsyncGenerator<string[]> {
    yield ["a", "b"];
    yield ["a"];
  }
  assert.deepEqual(sentencesOf(await encodeCorpus({ texts: texts() }, { minCount: 1 })), [["a", "b"], ["a"]]);
  assert.deepEqual(sentencesOf(await encodeCorpus({ tokens: tokens() }, { minCount: 1 })), [["a", "b"], ["a"]]);
});

test("encoding yields steps, lets timers through and stops within one when aborted", async () => {
  const abort = new AbortController();
  function* endless(): Generator<string> {
    for (;;) yield "the same words again and again ".repeat(50);
  }
  setTimeout(() => abort.abort(), 120);
  let steps = 0;
  const encoding = encodeCorpus({ texts: endless() }, { signal: abort.signal, onStep: () => steps++ });
  await assert.rejects(encoding, { name: "AbortError" });
  assert.ok(steps >= 1);
});

test("progress of files is told in bytes of all", async () => {
  const folder = await mkdtemp(join(tmpdir(), "loci-text-"));
  try {
    await writeFile(join(folder, "a.txt"), "one two\n");
    await writeFile(join(folder, "b.txt"), "two three");
    const phases = new Map<string, [number, number]>();
    const steps = encodeCorpusSteps(folder, { minCount: 1 });
    let next = await steps.next();
    for (; !next.done; next = await steps.next()) phases.set(next.value.phase, [next.value.done, next.value.total]);
    assert.deepEqual(
      [...phases],
      [
        ["read", [17, 17]],
        ["encode", [6, 6]],
      ],
    );
    assert.deepEqual(sentencesOf(next.value), [
      ["one", "two"],
      ["two", "three"],
    ]);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test("one line of any length is one sentence, from a file as from a string", async () => {
  const line = Array.from({ length: 40_000 }, (_, i) => `w${i % 97} é${i % 89} 東京`).join(" ");
  const folder = await mkdtemp(join(tmpdir(), "loci-text-"));
  try {
    await writeFile(join(folder, "line.txt.gz"), gzipSync(line));
    const fromFile = await encodeCorpus(join(folder, "*.gz"));
    const fromText = await encodeCorpus({ texts: [line] });
    assert.equal(fromFile.fingerprint, fromText.fingerprint);
    assert.equal(fromFile.tokens, 120_000);
    assert.equal(fromFile.length, 120_001);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test("standard input is a corpus", async () => {
  const script = `import { encodeCorpus } from ${JSON.stringify(new URL("./corpus.ts", import.meta.url).href)};
    const { vocabulary, tokens } = await encodeCorpus("-", { minCount: 2 });
    console.log(JSON.stringify({ keys: vocabulary.keys, tokens }));`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", script], { stdio: ["pipe", "pipe", "inherit"] });
  child.stdin.write("to be or not ");
  setTimeout(() => child.stdin.end("to be\nthat is"), 20);
  let output = "";
  for await (const piece of child.stdout.setEncoding("utf8")) output += String(piece);
  assert.deepEqual(JSON.parse(output), { keys: ["to", "be"], tokens: 8 });
});
