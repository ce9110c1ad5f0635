import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { WordTokenizer, type WordTokenizerOptions } from "./words.ts";

/** Text made of what is hard: marks, joiners, digits, scripts without spaces, emoji, half surrogates. */
// prettier-ignore
const PIECES = [
  "a", "B", "ß", "é", "e\u0301", "İ", "Å", "\u0301", "'", "’", "_", "-", ".", " ", "\n", "\t", "\0", "1", "٣", "½", "ﬁ",
  "東京", "です", "が", "か\u3099", "カード", "ー", "ไทย", "ลาว", "😀", "👩‍💻", "1️⃣", "\u00ad", "\u200c", "\u200d", "한", "\u1112\u1161\u11ab",
  "हि", "्", "Ω", "\ud800", "\ufeff", "<\u0338",
];
const hardText = fc.array(fc.constantFrom(...PIECES), { maxLength: 14 }).map((pieces) => pieces.join(""));

// prettier-ignore
const cases: [why: string, text: string, tokens: string[], options?: WordTokenizerOptions][] = [
  ["case and punctuation", "The cat, the CAT; the Cat!", ["the", "cat", "the", "cat", "the", "cat"]],
  ["case kept", "The CAT", ["The", "CAT"], { case: "keep" }],
  ["apostrophes inside words", "don't l'été 'quoted' dogs' rock'n'roll", ["don't", "l'été", "quoted", "dogs", "rock'n'roll"]],
  ["typographic apostrophes", "don’t ‘quoted’", ["don't", "quoted"]],
  ["two apostrophes part words", "a''b", ["a", "b"]],
  ["connectors inside words", "new_york __init__ a__b _x", ["new_york", "init", "a__b", "x"]],
  ["hyphens", "mother-in-law -x- 1990-2000 well–known", ["mother", "in", "law", "x", "1990", "2000", "well", "known"]],
  ["numbers", "3.14 1,000 42nd v2", ["3", "14", "1", "000", "42nd", "v2"]],
  ["emoji stand between words", "so😀happy 👩‍💻 code", ["so", "happy", "code"]],
  ["combining marks", "cafe\u0301 CAFE\u0301 café", ["café", "café", "café"]],
  ["a mark with nothing to sit on", "\u0301 x", ["x"]],
  ["soft hyphens", "Donau\u00addampf\u00adschiff \u00ad", ["donaudampfschiff"]],
  ["Persian joiners", "می\u200cخواهم", ["می\u200cخواهم"]],
  ["Devanagari", "हिन्दी में लिखा।", ["हिन्दी", "में", "लिखा"]],
  ["Arabic with vowels", "كِتَابٌ، جديد", ["كِتَابٌ", "جديد"]],
  ["Korean", "안녕하세요 세계", ["안녕하세요", "세계"]],
  ["Korean, decomposed", "안녕 ".normalize("NFD"), ["안녕"]],
  ["final sigma", "ΟΔΟΣ", ["οδος"]],
  ["Chinese", "我爱北京天安门。", ["我", "爱", "北京", "天安门"]],
  ["Chinese between Latin", "用iPhone手机 in 2024年", ["用", "iphone", "手机", "in", "2024", "年"]],
  ["Japanese", "東京はカードです", ["東京", "は", "カード", "です"]],
  ["Thai", "ภาษาไทยง่าย", ["ภาษา", "ไทย", "ง่าย"]],
  ["digits spelt", "route 66b, ٣", ["route", "six", "six", "b", "three"], { digits: "spell" }],
  ["digits spelt inside a word", "a1'b", ["a", "one", "b"], { digits: "spell" }],
  ["digits to zero", "In 1984, 2nd ٣", ["in", "0000", "0nd", "0"], { digits: "zero" }],
  ["digits dropped", "covid19 in 2020 b2b", ["covid", "in", "b", "b"], { digits: "drop" }],
  ["compatibility forms", "ﬁne ＡＢＣ ①", ["fine", "abc", "1"], { normalization: "NFKC" }],
  ["no normalization", "cafe\u0301", ["cafe\u0301"], { normalization: "none" }],
  ["space mode", "Don't stop, U.S.  e\u0301\u00a0x\ty\u000bz", ["Don't", "stop,", "U.S.", "e\u0301\u00a0x", "y", "z"], { mode: "space" }],
  ["space mode in lower case", "A-B ÉÉ", ["a-b", "éé"], { mode: "space", case: "lower" }],
  ["no words", " ,.–😀 ", []],
  ["empty", "", []],
];

for (const [why, text, tokens, options] of cases) {
  test(`words: ${why}`, () => assert.deepEqual(new WordTokenizer(options).tokenize(text), tokens));
}

const ALL_OPTIONS: WordTokenizerOptions[] = [
  {},
  { case: "keep", digits: "spell" },
  { digits: "drop", normalization: "NFKC" },
  { digits: "zero", normalization: "none" },
  { mode: "space" },
  { mode: "space", digits: "spell", normalization: "NFC", case: "lower" },
];

test("token ranges and the gaps between them tile the text, and the tokens are those of tokenize", () => {
  for (const options of ALL_OPTIONS) {
    const tokenizer = new WordTokenizer(options);
    fc.assert(
      fc.property(hardText, (text) => {
        const ranged = tokenizer.tokenizeWithRanges(text);
        let tiled = "";
        let last = 0;
        for (const { start, end } of ranged) {
          assert.ok(last <= start && start <= end && end <= text.length, `${last} ${start} ${end}`);
          tiled += text.slice(last, start) + text.slice(start, end);
          last = end;
        }
        assert.equal(tiled + text.slice(last), text);
        assert.deepEqual(
          ranged.map(({ token }) => token),
          tokenizer.tokenize(text),
        );
      }),
      { seed: 1, numRuns: 150 },
    );
  }
});

test("a range is the text its token was made of, also where normalization moved everything", () => {
  const text = "e\u0301te\u0301, cafe\u0301 ﬁn x½";
  const ranges = new WordTokenizer({ normalization: "NFKC" }).tokenizeWithRanges(text);
  assert.deepEqual(
    ranges.map(({ token, start, end }) => [token, text.slice(start, end)]),
    [
      ["été", "e\u0301te\u0301"],
      ["café", "cafe\u0301"],
      ["fin", "ﬁn"],
      ["x1", "x½"],
      ["2", ""],
    ],
  );
});

test("composed and decomposed text have the same tokens", () => {
  const tokenizer = new WordTokenizer();
  fc.assert(
    fc.property(hardText, (text) => {
      assert.deepEqual(tokenizer.tokenize(text.normalize("NFD")), tokenizer.tokenize(text.normalize("NFC")));
    }),
    { seed: 2, numRuns: 300 },
  );
});

test("a word of absurd length is cut to 256 units, never through a character", () => {
  assert.deepEqual(new WordTokenizer().tokenize("x".repeat(1000)), ["x".repeat(256)]);
  assert.deepEqual(new WordTokenizer().tokenize(`x${"𝒳".repeat(1000)}`), [`x${"𝒳".repeat(127)}`]);
});

test("an option that is no word of the list is refused, naming the list", () => {
  assert.throws(() => new WordTokenizer({ case: "upper" as "lower" }), {
    code: "bad-argument",
    message: 'Expected `case` to be "lower" or "keep", got "upper".',
  });
});
