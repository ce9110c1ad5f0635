import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { gzipSync } from "node:zlib";
import { Matrix, Vocabulary } from "../../core/index.ts";
import { Embedding, Subwords } from "../../table/index.ts";
import { runCaught } from "../testing.ts";

/** Royalty along one axis, gender along another, fruit along a third. */
const ROWS: Record<string, number[]> = {
  king: [1, 1, 0.1],
  queen: [1, -1, 0],
  man: [0.1, 1, 0],
  woman: [0.1, -1, 0.1],
  apple: [0, 0, 1],
  pear: [0, 0.1, 1],
};

let folder: string;
const at = (name: string) => join(folder, name);
before(async () => {
  folder = mkdtempSync(join(tmpdir(), "loci-answers-"));
  const keys = Object.keys(ROWS);
  const vocabulary = new Vocabulary(
    keys,
    keys.map((_, id) => 60 - 10 * id),
  );
  const matrix = Matrix.of(Object.values(ROWS));
  const provenance = { learner: "hand", tokenizer: { mode: "words", case: "keep" } };
  await new Embedding({ vocabulary, matrix, provenance }).save(at("royal"));
  const buckets = Matrix.of(Array.from({ length: 50 }, (_, i) => [1, i % 3, 1]));
  await new Embedding({ vocabulary, matrix, subwords: new Subwords({ minN: 3, maxN: 6, buckets }) }).save(
    at("royal-subwords"),
  );
});
after(() => rmSync(folder, { recursive: true }));

const json = async (...argv: string[]) => {
  const { code, stdout, stderr } = await runCaught([...argv, "--json"]);
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout);
};

test("near gives keys with scores, nearest first, as lines and as JSON", async () => {
  const found = await json("near", at("royal"), "apple", "-k", "2");
  assert.deepEqual([found.length, found[0].key], [2, "pear"]);
  assert.ok(found[0].score > 0.99 && found[0].score < 1);
  const { stdout } = await runCaught(["near", at("royal"), "apple", "-k1"]);
  assert.equal(stdout, "0.9950  pear\n");
  const limited = await json("near", at("royal"), "apple", "--limit", "4", "--exclude", "king,man");
  assert.deepEqual(new Set(limited.map(({ key }: { key: string }) => key)), new Set(["queen", "woman"]));
});

test("an unknown key is a failure that names close ones; with subwords it has neighbours", async () => {
  const { code, stderr } = await runCaught(["near", at("royal"), "quen"]);
  assert.equal(code, 1);
  assert.match(stderr, /does not hold "quen". Did you mean "queen"\?/);
  const composed = await runCaught(["near", at("royal-subwords"), "quen", "-k1"]);
  assert.equal(composed.code, 0, composed.stderr);
  assert.match(composed.stderr, /"quen" is made of its subwords/);
});

test("king - man + woman is queen, with the inputs left out and, when asked, with them", async () => {
  for (const words of [["king", "-", "man", "+", "woman"], ["king - man + woman"]]) {
    assert.equal((await json("analogy", at("royal"), ...words))[0].key, "queen");
  }
  const withInputs = await json("analogy", at("royal"), "king - man + woman", "--show-inputs");
  assert.equal(withInputs.length, 6);
  const { stdout } = await runCaught(["analogy", at("royal"), "king", "-", "man", "+", "woman", "--show-inputs"]);
  assert.match(stdout, /woman {2}\(input\)/);
  assert.equal((await json("analogy", at("royal"), "king - man + woman", "--method", "3CosMul"))[0].key, "queen");
  const bad = await runCaught(["analogy", at("royal"), "king", "man"]);
  assert.equal(bad.code, 2);
  assert.match(bad.stderr, /no \+ or - before "man"/);
});

test("similarity comes with the share of random pairs that are less similar", async () => {
  const close = await json("similarity", at("royal"), "apple", "pear");
  assert.ok(Math.abs(close.score - 0.995) < 0.001);
  // 1 of the 15 pairs is apple and pear: 14/15 lie below, and the pair itself counts half.
  assert.ok(Math.abs(close.percentile - (100 * 14.5) / 15) < 1.5, close.percentile);
  assert.deepEqual(await json("similarity", at("royal"), "apple", "pear"), close);
  const far = await json("similarity", at("royal"), "man", "woman");
  assert.ok(far.percentile < 10, far.percentile);
});

test("evaluate words tells pairs from analogies, counts what is unknown, and reports both", async () => {
  writeFileSync(at("pairs.tsv"), "# people say\nking\tqueen\t8\napple\tpear\t9\nman\tapple\t1\nking\tunicorn\t5\n");
  writeFileSync(
    at("questions.txt"),
    ": family\nman king woman queen\nwoman queen man king\n: none\nman king unicorn pegasus\n",
  );
  const { pairs, analogies } = await json("evaluate", "words", at("royal"), at("questions.txt"), at("pairs.tsv"));
  assert.equal(pairs.length, 1);
  assert.equal(pairs[0].file, at("pairs.tsv"));
  assert.deepEqual([pairs[0].found, pairs[0].total], [3, 4]);
  assert.ok(pairs[0].spearman >= -1 && pairs[0].spearman <= 1);
  assert.deepEqual([analogies.accuracy, analogies.found, analogies.total], [1, 2, 3]);
  assert.deepEqual(
    analogies.sections.map(({ name }: { name: string }) => name),
    ["family", "none"],
  );
  const { stdout } = await runCaught(["evaluate", "words", at("royal"), "--pairs", at("pairs.tsv"), "--intervals"]);
  assert.match(stdout, /pairs\.tsv +-?\d\.\d{4} +-?\d\.\d+ to -?\d\.\d+ +3 of 4/);
  assert.equal((await json("evaluate", "words", at("royal"), at("pairs.tsv"))).analogies, null);
});

test("a file that is no test set is refused by name, and a broken line by its number", async () => {
  writeFileSync(at("prose.txt"), "This is a line of prose.\n");
  const prose = await runCaught(["evaluate", "words", at("royal"), at("prose.txt")]);
  assert.equal(prose.code, 1);
  assert.match(prose.stderr, /prose\.txt: neither pairs .* nor analogies/);
  writeFileSync(at("broken.tsv"), "king\tqueen\t8\nking\tqueen\n");
  const broken = await runCaught(["evaluate", "words", at("royal"), at("broken.tsv")]);
  assert.equal(broken.code, 1);
  assert.match(broken.stderr, /broken\.tsv: Line 2/);
});

test("inspect says what a model is", async () => {
  const told = await json("inspect", at("royal-subwords"), "--keys", "2");
  assert.equal(told.format, "model-directory");
  assert.deepEqual([told.keys, told.dim, told.memoryBytes], [6, 3, 72]);
  assert.deepEqual(told.first, [
    { key: "king", count: 60 },
    { key: "queen", count: 50 },
  ]);
  assert.deepEqual(told.subwords, { minN: 3, maxN: 6, buckets: 50 });
  assert.ok(Math.abs(told.norms.max - Math.hypot(1, 1, 0.1)) < 1e-6);
  assert.match(told.fingerprint, /^[0-9a-f]{32}$/);
  assert.ok(told.bytes > 72);
  assert.equal((await json("inspect", at("royal"))).metadata.learner, "hand");
});

test("convert writes every format by its name, and each opens again with the same vectors", async () => {
  const { fingerprint } = await json("inspect", at("royal"));
  for (const [name, format] of [
    ["out.bin", "word2vec-binary"],
    ["out.txt", "word2vec-text"],
    ["out.vec", "fasttext-vec"],
    ["projector-vectors.tsv", "projector-tsv"],
    ["again", "model-directory"],
  ] as const) {
    const done = await json("convert", at("royal"), at(name));
    assert.deepEqual(done, { from: "model-directory", to: format, keys: 6, dim: 3 }, name);
    const told = await json("inspect", at(name));
    assert.equal(told.fingerprint, fingerprint, name);
    assert.equal(told.format, format, name);
  }
  assert.ok(readdirSync(folder).includes("projector-metadata.tsv"));
  assert.equal((await json("convert", at("out.txt"), at("glove"), "--to", "glove-text", "--limit", "2")).keys, 2);
  assert.equal(readFileSync(at("glove"), "utf8").split("\n")[0], "king 1 1 0.1");
  writeFileSync(at("packed.gz"), gzipSync(readFileSync(at("out.txt"))));
  assert.equal((await json("inspect", at("packed.gz"))).fingerprint, fingerprint);
});

test("convert says what a format cannot hold, refuses names that say nothing, and folders of other things", async () => {
  const numbers = await runCaught(["convert", at("royal-subwords"), at("out.npy")]);
  assert.match(numbers.stderr, /keys are left out[^]*no subwords/);
  const odd = await runCaught(["convert", at("royal"), at("out.xyz")]);
  assert.equal(odd.code, 2);
  const named = await runCaught(["convert", at("royal"), at("out.bin"), "--to", "word2vec-binry"]);
  assert.match(named.stderr, /Did you mean word2vec-binary/);
  const other = mkdtempSync(join(folder, "other-"));
  writeFileSync(join(other, "letter.txt"), "dear");
  const refused = await runCaught(["convert", at("royal"), other, "--to", "model-directory"]);
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /holds other things \(letter\.txt\)/);
  assert.deepEqual(readdirSync(other), ["letter.txt"]);
});

test("trace with a model uses its tokenizer and its rows, and says what is unknown", async () => {
  const { stages } = await json("trace", "king KING", "--model", at("royal"));
  const byName = Object.fromEntries(stages.map((stage: { stage: string }) => [stage.stage, stage]));
  assert.deepEqual(byName.ids.ids, [0, null]);
  assert.deepEqual(byName.vectors.vectors, [[1, 1, Math.fround(0.1)]]);
  assert.deepEqual(byName["one-hot"].shape, [1, 6]);
});

test("a model that is not there is named, with what was looked for and how to make one", async () => {
  const { code, stderr } = await runCaught(["near", at("nowhere"), "king"]);
  assert.equal(code, 1);
  assert.match(stderr, /There is no model ".*nowhere": looked for a model folder or a file of vectors/);
  assert.match(stderr, /loci train words CORPUS --out .*loci demo --out/);
});

test("what the library refuses is said in the words of the command line", async () => {
  for (const [argv, says] of [
    [["near", at("royal"), "king", "-k", "0"], /Expected -k to be a whole number of at least 1, got 0/],
    [["near", at("royal"), "king", "--count", "0"], /Expected -k to be/],
    [["size", "-5", "3"], /Expected V to be a whole number of at least 0, got -5/],
    [["size", "5", "-3"], /Expected d to be a whole number/],
    [["near", at("royal"), "king", "--limti", "3"], /no option --limti\. Did you mean --limit\?/],
  ] as const) {
    const { code, stderr } = await runCaught(argv);
    assert.equal(code, 2, stderr);
    assert.match(stderr, says);
  }
});

test("similarity tells people what random pairs have, and says when a model has hardly been trained", async () => {
  const { stdout } = await runCaught(["similarity", at("royal"), "apple", "pear"]);
  assert.match(stdout, /random pairs of keys are less similar \(theirs are -?0\.\d\d ± 0\.\d\d\)\n$/);
  const alike = Matrix.of([
    [1, 0.1],
    [1, 0.2],
    [1, 0.15],
  ]);
  await new Embedding({ vocabulary: new Vocabulary(["a", "b", "c"]), matrix: alike }).save(at("alike"));
  const said = await runCaught(["similarity", at("alike"), "a", "c"]);
  assert.match(said.stdout, /All keys are nearly alike in this model.*--epochs/);
});

test("what a reader had to decide about a file is told on standard error", async () => {
  writeFileSync(at("twice.txt"), "3 2\na 1 2\nb 3 4\na 5 6\n");
  const { code, stderr } = await runCaught(["near", at("twice.txt"), "a", "-k1"]);
  assert.equal(code, 0, stderr);
  assert.match(stderr, /1 rows were dropped/);
});
