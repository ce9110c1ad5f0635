import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { KeywordIndex, type Key, keywordTerms } from "./index.ts";

/** Straight from the formula, over all texts, with the engine's own logarithm. */
function plainly(texts: ReadonlyMap<Key, string>, query: string, k: number, passes: (key: Key) => boolean) {
  const all = [...texts].map(([key, text]) => ({ key, terms: keywordTerms(text) }));
  const average = all.reduce((sum, { terms }) => sum + terms.length, 0) / all.length;
  const scored = all.map(({ key, terms }, order) => {
    let score = 0;
    for (const term of keywordTerms(query)) {
      const n = all.filter((other) => other.terms.includes(term)).length;
      const f = terms.filter((other) => other === term).length;
      if (f === 0) continue;
      const idf = Math.log(1 + (all.length - n + 0.5) / (n + 0.5));
      score += (idf * f * 2.2) / (f + 1.2 * (0.25 + (0.75 * terms.length) / average));
    }
    return { key, score, order };
  });
  const found = scored.filter(({ key, score }) => score > 0 && passes(key));
  return found.sort((a, b) => (Math.abs(a.score - b.score) < 1e-9 ? a.order - b.order : b.score - a.score)).slice(0, k);
}

test("the worked example: three texts, scores by hand", () => {
  const index = new KeywordIndex();
  index.add("a", "red car");
  index.add("b", "red red house by the sea"); // 6 terms
  index.add("c", "blue sky");
  // N = 3, average length (2 + 6 + 2) / 3 = 10/3; "red" is held by 2: idf = ln(1 + 1.5 / 2.5) = 0.470004.
  // a: 0.470004 · 2.2 / (1 + 1.2 (0.25 + 0.75 · 0.6)) = 1.034008 / 1.84 = 0.561961
  // b: 0.470004 · 2 · 2.2 / (2 + 1.2 (0.25 + 0.75 · 1.8)) = 2.068016 / 3.92 = 0.527555
  const hits = index.search("Red!");
  assert.deepEqual(
    hits.map(({ key, score }) => [key, score.toFixed(6)]),
    [
      ["a", "0.561961"],
      ["b", "0.527555"],
    ],
  );
});

test("any sequence of additions, replacements and removals leaves what the formula says of the texts that are there", () => {
  const words = fc.constantFrom("a", "b", "c", "d", "e", "ü", "日本");
  const text = fc.array(words, { maxLength: 6 }).map((list) => list.join(" "));
  const key = fc.oneof(fc.integer({ min: 0, max: 7 }), fc.constantFrom("0", "x"), fc.constantFrom(0n, 1n));
  const change = fc.record({ key, text: fc.option(text, { nil: undefined }) });
  fc.assert(
    fc.property(fc.array(change, { maxLength: 40 }), text, fc.integer({ min: 1, max: 5 }), (changes, query, k) => {
      const index = new KeywordIndex();
      const texts = new Map<Key, string>();
      for (const { key, text } of changes) {
        if (text === undefined) assert.equal(index.remove(key), texts.delete(key));
        else {
          index.add(key, text);
          texts.delete(key);
          texts.set(key, text);
        }
      }
      assert.equal(index.count, texts.size);
      for (const passes of [() => true, (key: Key) => String(key) < "4"]) {
        const hits = index.search(query, { k, filter: passes });
        const expected = plainly(texts, query, k, passes);
        assert.deepEqual(
          hits.map(({ score }) => score.toFixed(9)),
          expected.map(({ score }) => score.toFixed(9)),
        );
      }
    }),
    { seed: 8, numRuns: 300 },
  );
});

test("equal scores come in the order in which the texts came, and a replaced one counts as come last", () => {
  const index = new KeywordIndex<number>();
  for (const key of [5, 3, 9]) index.add(key, "same words");
  const order = () => index.search("words").map(({ key }) => key);
  assert.deepEqual(order(), [5, 3, 9]);
  index.add(5, "same words");
  assert.deepEqual(order(), [3, 9, 5]);
  assert.deepEqual(
    index.search("words", { k: 2 }).map(({ key }) => key),
    [3, 9],
  );
});

test("a filter lets min(k, how many match and pass) answer, however few pass", () => {
  const index = new KeywordIndex<number>();
  for (let key = 0; key < 2000; key++) index.add(key, key % 2 ? "tea" : "tea and cake");
  const only = (keys: number[]) => index.search("tea", { k: 3, filter: (key) => keys.includes(key) });
  assert.deepEqual(
    only([1999, 4]).map(({ key }) => key),
    [1999, 4],
  );
  assert.deepEqual(only([]), []);
});

test("any text is a query: nothing, punctuation, operators, quotes, lone surrogates, a very long one", () => {
  const index = new KeywordIndex<number>();
  index.add(1, 'She said "NEAR(a b)" AND left');
  for (const query of ["", "  ", "?!", '"', "\ud800", "-", "*"]) assert.deepEqual(index.search(query), []);
  for (const query of ['"near', "AND", "a* OR", "(left", "said -she", "left ".repeat(50_000)])
    assert.equal(index.search(query).length, 1, query);
});

test("thousands of removals are swept out, and scores stay those of a fresh index", () => {
  const [churned, fresh] = [new KeywordIndex<number>(), new KeywordIndex<number>()];
  const text = (key: number) => `word${key % 7} word${key % 11} word${key % 3} unique${key}`;
  for (let key = 0; key < 6000; key++) churned.add(key, text(key));
  for (let key = 0; key < 6000; key++) if (key % 10 !== 0) churned.remove(key);
  for (let key = 0; key < 6000; key += 10) fresh.add(key, text(key));
  assert.equal(churned.count, 600);
  assert.equal(churned.documentFrequency("unique1"), 0);
  for (const query of ["word1", "word2 word5 unique40", "unique1"])
    assert.deepEqual(churned.search(query), fresh.search(query));
});

test("stop words count neither in queries nor towards the length of a text", () => {
  const index = new KeywordIndex<string>({ stopWords: ["The", "of"] });
  index.add("a", "the sound of the sea");
  assert.equal(index.averageLength, 2);
  assert.deepEqual(index.search("the of"), []);
  assert.equal(index.search("the sea").length, 1);
});

test("a tokenizer that fails leaves the text that was there", () => {
  const index = new KeywordIndex<string>({
    terms: (text) => {
      if (text === "bad") throw new Error("no");
      return text.split(" ");
    },
  });
  index.add("a", "good text");
  assert.throws(() => index.add("a", "bad"));
  assert.equal(index.search("good").length, 1);
  index.clear();
  assert.deepEqual([index.count, index.search("good")], [0, []]);
});

test("settings and keys that make no sense are refused by name", () => {
  assert.throws(() => new KeywordIndex({ b: 1.5 }), /`b`/);
  assert.throws(() => new KeywordIndex({ k1: -1 }), /`k1`/);
  assert.throws(() => new KeywordIndex().search("x", { k: 0 }), /`k`/);
  assert.throws(() => new KeywordIndex().add(NaN, "x"), /finite/);
});

for (const [text, terms] of [
  ["Don’t stop_me Now, 3.14", ["don", "t", "stop", "me", "now", "3", "14"]],
  ["Ångström ﬁnance Straße ΟΔΟΣ", ["angstrom", "finance", "strasse", "οδοσ"]],
  ["Ёлка ёлка Йод", ["елка", "елка", "йод"]],
  ["co\u00adoperate x²", ["cooperate", "x2"]],
  ["שָׁלוֹם مَرْحَبًا", ["שלום", "مرحبا"]],
  ["हिन्दी 한국어", ["हिन्दी", "한국어"]],
  ["日本語 pdf本", ["日", "日本", "本", "本語", "語", "pdf", "本"]],
  ["ｆｕｌｌ ｶﾞ İstanbul", ["full", "ガ", "istanbul"]],
] as const) {
  test(`the terms of “${text}” are ${terms.join(" · ")}`, () => assert.deepEqual(keywordTerms(text), terms));
}

test("a term holds no ASCII but a-z and 0-9, no white space, and at most 128 units, whatever the text", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 300 }), (text) => {
      for (const term of keywordTerms(text)) assert.match(term, /^(?:[a-z0-9]|[^\0-\x7f\s]){1,128}$/);
    }),
    { seed: 8, numRuns: 100 },
  );
  assert.equal(keywordTerms("x".repeat(1000))[0]!.length, 128);
});
