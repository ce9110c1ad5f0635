import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { encodeCorpus, type Corpus } from "./corpus.ts";
import { LINE_END } from "./draft.ts";
import { PairTable } from "./pair-table.ts";
import { Phrases, learnPhrases, type Phrase } from "./phrases.ts";

interface Settings {
  threshold: number;
  minCount: number;
  passes: number;
}

/** The oracle: word2phrase's formula over Maps, sentence by sentence. */
function learnPlainly(sentences: string[][], { threshold, minCount, passes }: Settings): Phrase[][] {
  let text = sentences;
  const learnt: Phrase[][] = [];
  for (let pass = 0; pass < passes; pass++) {
    const words = new Map<string, number>();
    const pairs = new Map<string, number>();
    const count = (map: Map<string, number>, key: string) => void map.set(key, (map.get(key) ?? 0) + 1);
    for (const sentence of text) {
      for (const [i, word] of sentence.entries()) {
        count(words, word);
        if (i > 0) count(pairs, `${sentence[i - 1]} ${word}`);
      }
    }
    const total = text.flat().length;
    const found: Phrase[] = [];
    for (const [pair, n] of pairs) {
      const [a, b] = pair.split(" ") as [string, string];
      if (words.get(a)! < minCount || words.get(b)! < minCount) continue;
      const score = ((n - minCount) / (words.get(a)! * words.get(b)!)) * total;
      if (score > threshold) found.push([a, b, score]);
    }
    const order = (x: string, y: string): number => (x < y ? -1 : x > y ? 1 : 0);
    learnt.push(found.sort((x, y) => y[2] - x[2] || order(x[0], y[0]) || order(x[1], y[1])));
    text = text.map((sentence) => new Phrases([learnt[pass]!]).join(sentence));
  }
  return learnt;
}

function sentencesOf(corpus: Corpus): string[][] {
  const ids = new Uint32Array(corpus.length);
  corpus.read(0, ids);
  const sentences: string[][] = [[]];
  for (const id of ids) {
    if (id === LINE_END) sentences.push([]);
    else sentences.at(-1)!.push(corpus.vocabulary.keyOf(id));
  }
  return sentences.slice(0, -1);
}

const someSentences = fc.array(fc.array(fc.constantFrom("a", "b", "c", "d"), { minLength: 1, maxLength: 12 }), {
  minLength: 1,
  maxLength: 12,
});

test("phrases are those of word2phrase's formula, in every pass, and a corpus holds them joined", async () => {
  let joins = 0;
  await fc.assert(
    fc.asyncProperty(
      someSentences,
      fc.integer({ min: 1, max: 2 }),
      fc.integer({ min: 1, max: 3 }),
      async (sentences, minCount, passes) => {
        const settings = { threshold: 0.6, minCount, passes };
        const phrases = await learnPhrases({ tokens: sentences }, settings);
        assert.deepEqual(phrases.passes, learnPlainly(sentences, settings));
        const joined = sentences.map((sentence) => phrases.join(sentence));
        joins += joined.flat().filter((token) => token.includes("_")).length;
        for (const option of [settings, phrases]) {
          const corpus = await encodeCorpus({ tokens: sentences }, { minCount: 1, phrases: option });
          assert.deepEqual(sentencesOf(corpus), joined);
          assert.equal(corpus.tokens, joined.flat().length);
          for (const [id, key] of corpus.vocabulary.keys.entries()) {
            assert.equal(corpus.vocabulary.counts[id], joined.flat().filter((token) => token === key).length);
          }
          assert.deepEqual(corpus.phrases?.passes, phrases.passes);
        }
      },
    ),
    { seed: 10, numRuns: 60 },
  );
  assert.ok(joins > 50, "the cases hold phrases");
});

test("new york times becomes one word in two passes, also where words were forgotten before", async () => {
  const filler = Array.from({ length: 400 }, (_, i) => `the f${i % 40} read g${i % 37} of h${i}`);
  const texts = filler.map((line, i) => (i % 8 === 0 ? `${line} in the New York Times` : line));
  for (const maxDistinct of [1000, 200]) {
    const corpus = await encodeCorpus({ texts }, { minCount: 5, maxDistinct, phrases: { threshold: 20 } });
    assert.equal(corpus.vocabulary.counts[corpus.vocabulary.requireId("new_york_times")], 50);
    assert.equal(corpus.vocabulary.has("new"), false);
    assert.equal(corpus.vocabulary.has("of_the"), false);
  }
});

test("a word goes into the first phrase it can, and phrases do not cross sentences", () => {
  const phrases = new Phrases([
    [
      ["a", "b", 2],
      ["b", "c", 3],
    ],
    [["a_b", "c", 1]],
  ]);
  assert.deepEqual(phrases.join(["a", "b", "c", "b", "c"]), ["a_b_c", "b_c"]);
  assert.deepEqual(phrases.join(["a"]), ["a"]);
  assert.deepEqual(phrases.join([]), []);
});

test("phrases survive JSON, and other JSON is refused", () => {
  const phrases = new Phrases([[["new", "york", 3.5]], []]);
  assert.deepEqual(Phrases.fromJSON(JSON.parse(JSON.stringify(phrases))).passes, phrases.passes);
  for (const json of [
    null,
    3,
    {},
    { format: "loci-phrases", version: 2, passes: [] },
    { format: "loci-phrases", version: 1, passes: [[["a", 1, "b"]]] },
  ]) {
    assert.throws(() => Phrases.fromJSON(json), { code: "bad-file" });
  }
});

test("counting pairs stays within its bound and keeps what is frequent", async () => {
  const tokens = Array.from({ length: 3000 }, (_, i) => [`x${i % 71}`, `y${(i * 7) % 67}`, "san", "jose"]);
  const phrases = await learnPhrases({ tokens }, { threshold: 2, passes: 1, maxPairs: 64 });
  assert.deepEqual(
    phrases.passes[0]!.map(([a, b]) => `${a} ${b}`),
    ["san jose"],
  );
});

test("settings of phrases out of their range are refused", async () => {
  await assert.rejects(learnPhrases({ texts: ["a"] }, { passes: 5 }), { code: "bad-argument" });
  await assert.rejects(encodeCorpus({ texts: ["a"] }, { phrases: { threshold: -1 } }), { code: "bad-argument" });
});

test("a table of pairs counts like a Map, and forgets what is at most the bar", () => {
  const pair = fc.tuple(fc.nat(20), fc.nat(20));
  fc.assert(
    fc.property(fc.array(pair, { maxLength: 300 }), fc.nat(3), (pairs, bar) => {
      const table = new PairTable(16);
      const oracle = new Map<string, number>();
      for (const [a, b] of pairs) {
        table.add(a, b, 1);
        oracle.set(`${a} ${b}`, (oracle.get(`${a} ${b}`) ?? 0) + 1);
      }
      table.forgetUpTo(bar);
      const kept = [...oracle].filter(([, n]) => n > bar);
      assert.equal(table.size, kept.length);
      for (const [key, n] of oracle)
        assert.equal(table.get(...(key.split(" ").map(Number) as [number, number])), n > bar ? n : 0);
      const seen: string[] = [];
      table.forEach((a, b, n) => seen.push(`${a} ${b} ${n}`));
      assert.deepEqual(seen.sort(), kept.map(([key, n]) => `${key} ${n}`).sort());
    }),
    { seed: 11, numRuns: 60 },
  );
});
