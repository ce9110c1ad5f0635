/** What an embedding is: its parts, its vectors and where they come from, its fingerprint. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { LociError, Matrix, Rng, Vocabulary } from "../core/index.ts";
import { cosine } from "../math/index.ts";
import { subwordIds } from "../text/index.ts";
import { Embedding, Subwords } from "./index.ts";

const coded = (code: string) => (error: unknown) => error instanceof LociError && error.code === code;
const near = (actual: number, expected: number, tolerance: number) =>
  assert.ok(Math.abs(actual - expected) <= tolerance, `expected ${expected} ± ${tolerance}, got ${actual}`);

const animals = () =>
  new Embedding({
    vocabulary: new Vocabulary(["cat", "dog", "car"]),
    matrix: Matrix.of([
      [1, 0],
      [1, 1],
      [0, 3],
    ]),
  });

function random(rows: number, dim: number, seed: number): Matrix {
  const matrix = Matrix.zeros(rows, dim);
  new Rng(seed).fillNormal(matrix.data);
  return matrix;
}

test("an embedding gives a key's vector as a copy, so that nothing done to it changes the model", () => {
  const embedding = animals();
  assert.deepEqual([embedding.size, embedding.dim], [3, 2]);
  const vector = embedding.vector("dog");
  vector.fill(9);
  assert.deepEqual([...embedding.vector("dog")], [1, 1]);
});

test("an unknown key is refused by code, with close keys to choose from", () => {
  assert.throws(() => animals().vector("cot"), coded("unknown-key"));
  assert.throws(() => animals().neighbors("Dog"), /Did you mean "dog"/);
  assert.throws(() => animals().analogy({ positive: ["cat", "dgo"] }), /Did you mean "dog"/);
});

test("parts that do not fit each other are refused", () => {
  const vocabulary = new Vocabulary(["a", "b"]);
  const matrix = Matrix.zeros(2, 3);
  assert.throws(() => new Embedding({ vocabulary, matrix: Matrix.zeros(3, 3) }), coded("dim-mismatch"));
  assert.throws(() => new Embedding({ vocabulary, matrix, output: Matrix.zeros(2, 4) }), /`output`.*2 × 4/);
  const subwords = new Subwords({ minN: 3, maxN: 6, buckets: Matrix.zeros(10, 4) });
  assert.throws(() => new Embedding({ vocabulary, matrix, subwords }), coded("dim-mismatch"));
});

test("similarity takes keys and vectors and is the cosine; a row of zeros has cosine 0 with everything", () => {
  const embedding = animals();
  near(embedding.similarity("cat", "dog"), Math.SQRT1_2, 1e-15);
  near(embedding.similarity("cat", [5, 5]), Math.SQRT1_2, 1e-15);
  assert.equal(embedding.similarity([1, 2], [1, 2]), 1);
  assert.equal(embedding.similarity("cat", [0, 0]), 0);
});

test("C18: input and output vectors are both kept, and in–out similarity differs from in–in", () => {
  const vocabulary = new Vocabulary(["drink", "coffee", "tea"]);
  const matrix = Matrix.of([
    [1, 0],
    [0.2, 1],
    [0.3, 1],
  ]);
  const output = Matrix.of([
    [0, 1],
    [1, 0.1],
    [1, 0.3],
  ]);
  const embedding = new Embedding({ vocabulary, matrix, output });
  const context = embedding.outputEmbedding();
  assert.equal(context.matrix, output);
  const inIn = embedding.similarity("drink", "coffee");
  const inOut = embedding.similarity("drink", context.vector("coffee"));
  assert.ok(inOut > 0.9 && inIn < 0.3, `${inOut} ${inIn}`);
  assert.throws(() => animals().outputEmbedding(), coded("bad-argument"));
});

test("the odd one out goes least with the others, and every key's mean cosine to them is given", () => {
  const embedding = new Embedding({
    vocabulary: new Vocabulary(["red", "green", "blue", "seven"]),
    matrix: Matrix.of([
      [1, 0.1, 0],
      [1, 0, 0.1],
      [1, 0.1, 0.1],
      [0.1, 1, 1],
    ]),
  });
  const { key, scores } = embedding.oddOneOut(["red", "seven", "green", "blue"]);
  assert.equal(key, "seven");
  assert.deepEqual(
    scores.map((one) => one.key),
    ["red", "seven", "green", "blue"],
  );
  const toOthers = ["red", "green", "blue"].map((other) => embedding.similarity("seven", other));
  near(scores[1]!.score, toOthers.reduce((a, b) => a + b) / 3, 1e-15);
  assert.equal(embedding.oddOneOut(["red", "red", "red"]).key, "red");
  assert.throws(() => embedding.oddOneOut(["red", "blue"]), coded("bad-argument"));
});

/** Words whose vectors are the means of random rows of their n-grams, as fastText would have learnt them. */
function subworded(words: readonly string[], dim = 200): Embedding {
  const subwords = new Subwords({ minN: 3, maxN: 6, buckets: random(4000, dim, 7) });
  const own = random(words.length, dim, 8);
  const matrix = Matrix.of(words.map((word, id) => subwords.compose(word, own.row(id))));
  return new Embedding({ vocabulary: new Vocabulary(words), matrix, subwords });
}

test("H11: a misspelt word's nearest neighbour is the right word, and every vector says how it was made", () => {
  const words = ["beautiful", "keyboard", "september", "understand", "chocolate", "government", "mountain", "umbrella"];
  const embedding = subworded(words);
  for (const [misspelt, right] of [
    ["beatiful", "beautiful"],
    ["keybaord", "keyboard"],
    ["septembre", "september"],
    ["undrestand", "understand"],
    ["goverment", "government"],
  ] as const) {
    assert.equal(embedding.neighbors(misspelt, { k: 1 })[0]!.key, right);
    assert.equal(embedding.origin(misspelt), "subwords");
    assert.equal(embedding.origin(right), "row");
  }
  assert.equal(animals().origin("cat"), "row");
  assert.equal(animals().origin("cot"), undefined);
});

test("an unseen word's vector is the mean of its n-gram rows; a known word's counts its own row too", () => {
  const buckets = random(50, 3, 1);
  const subwords = new Subwords({ minN: 3, maxN: 4, buckets });
  const ids = [...subwordIds("cats", { minN: 3, maxN: 4, buckets: 50 })];
  assert.equal(ids.length, 4 + 3); // <ca cat ats ts>, <cat cats ats>
  const mean = (rows: Float32Array[]) =>
    [0, 1, 2].map((i) => rows.reduce((sum, row) => sum + row[i]!, 0) / rows.length);
  const rows = ids.map((id) => buckets.row(id));
  subwords.compose("cats").forEach((x, i) => near(x, mean(rows)[i]!, 1e-7));
  const own = Float32Array.of(1, 2, 3);
  subwords.compose("cats", own).forEach((x, i) => near(x, mean([own, ...rows])[i]!, 1e-7));
});

test("a word without a single n-gram has a vector of zeros and no origin, as in fastText", () => {
  const embedding = subworded(["chocolate"]);
  assert.deepEqual(
    [...embedding.vector("")],
    Array.from({ length: 200 }, () => 0),
  );
  assert.equal(embedding.origin(""), undefined);
  assert.equal(embedding.origin("</s>"), undefined);
  assert.equal(embedding.similarity("", "chocolate"), 0);
});

test("in a pruned model the n-grams that were dropped count for nothing", () => {
  const all = new Subwords({ minN: 3, maxN: 3, buckets: random(40, 4, 2) });
  const kept = [...new Set(all.rowsOf("tree"))].slice(1);
  const pruned = new Map(kept.map((bucket, row) => [bucket, row]));
  const buckets = Matrix.of(kept.map((bucket) => all.buckets.row(bucket)));
  const small = new Subwords({ minN: 3, maxN: 3, buckets, bucketCount: 40, pruned });
  assert.deepEqual(
    small.rowsOf("tree"),
    all.rowsOf("tree").flatMap((bucket) => pruned.get(bucket) ?? []),
  );
  assert.ok(small.rowsOf("tree").length < all.rowsOf("tree").length);
  assert.throws(() => new Subwords({ minN: 3, maxN: 3, buckets, bucketCount: 40 }), coded("bad-argument"));
  assert.throws(
    () => new Subwords({ minN: 3, maxN: 3, buckets, bucketCount: 40, pruned: new Map([[0, 99]]) }),
    coded("id-out-of-range"),
  );
});

test("a fingerprint stands for keys and numbers: the same for equal ones, another for any change", () => {
  const { fingerprint } = animals();
  assert.match(fingerprint, /^[0-9a-f]{32}$/);
  assert.equal(animals().fingerprint, fingerprint);
  const changed = (keys: string[], rows: number[][]) =>
    new Embedding({ vocabulary: new Vocabulary(keys), matrix: Matrix.of(rows) }).fingerprint;
  const others = [
    changed(
      ["cat", "dog", "cab"],
      [
        [1, 0],
        [1, 1],
        [0, 3],
      ],
    ),
    changed(
      ["cat", "do", "gcar"],
      [
        [1, 0],
        [1, 1],
        [0, 3],
      ],
    ),
    changed(
      ["dog", "cat", "car"],
      [
        [1, 0],
        [1, 1],
        [0, 3],
      ],
    ),
    changed(
      ["cat", "dog", "car"],
      [
        [1, -0],
        [1, 1],
        [0, 3],
      ],
    ),
    changed(
      ["cat", "dog", "car"],
      [
        [1, 0],
        [1, 1],
        [3, 0],
      ],
    ),
    changed(
      ["cat", "dog", "car"],
      [
        [1, 0],
        [1, 1 + 2 ** -23],
        [0, 3],
      ],
    ),
    changed(["cat", "dog", "car"], [[1], [0], [1]]),
  ];
  assert.equal(new Set([fingerprint, ...others]).size, others.length + 1);
});

test("the fingerprint is this one on every platform and in every version that keeps to the scheme", () => {
  assert.equal(animals().fingerprint, "32f4f69fceff06ab997918185d98c8f0");
  const embedding = new Embedding({ vocabulary: new Vocabulary(["é", "日本", "🙂"]), matrix: random(3, 5, 1) });
  assert.equal(embedding.fingerprint, "6a1de85038fa78cbdb3ef46608ccfc54");
});

test("fingerprints of spaces that differ in one bit differ in about half their bits", () => {
  const matrix = random(20, 8, 3);
  const vocabulary = new Vocabulary(Array.from({ length: 20 }, (_, id) => `k${id}`));
  const bitsOf = (m: Matrix) =>
    Array.from(new Embedding({ vocabulary, matrix: m }).fingerprint)
      .map((digit) => parseInt(digit, 16).toString(2).padStart(4, "0"))
      .join("");
  const before = bitsOf(matrix);
  let differing = 0;
  for (let i = 0; i < matrix.data.length; i++) {
    const changed = matrix.copy();
    new Uint32Array(changed.data.buffer)[i]! ^= 1 << (i % 23);
    const after = bitsOf(changed);
    differing += Array.from(after).filter((bit, at) => bit !== before[at]).length;
  }
  near(differing / matrix.data.length, 64, 3); // the mean of 160 counts of 128 fair coins: deviation 0.45
});

test("B18: a space turned at random keeps its answers, and alignTo turns it back with a residual below 1e-5", () => {
  const keys = Array.from({ length: 120 }, (_, id) => `k${id}`);
  const space = new Embedding({ vocabulary: new Vocabulary(keys), matrix: random(120, 12, 1) });
  // Any orthogonal matrix will do; aligning to a stranger gives one.
  const stranger = new Embedding({ vocabulary: new Vocabulary(keys), matrix: random(120, 12, 2) });
  const { aligned: turned, residual: apart } = space.alignTo(stranger);
  assert.ok(apart > 0.5);
  for (const key of keys.slice(0, 20)) {
    const [before, after] = [space.neighbors(key, { k: 5 }), turned.neighbors(key, { k: 5 })];
    assert.deepEqual(
      after.map((one) => one.key),
      before.map((one) => one.key),
    );
    after.forEach(({ score }, i) => near(score, before[i]!.score, 1e-5));
  }
  assert.ok(cosine(space.vector("k0"), turned.vector("k0")) < 0.9);

  const back = turned.alignTo(space);
  assert.ok(back.residual < 1e-5, `${back.residual}`);
  assert.equal(back.shared, 120);
  for (const key of keys) near(back.aligned.similarity(key, space.vector(key)), 1, 1e-10);
});

test("B18: spaces that share only some keys, with noise, are aligned over those, and the residual tells the noise", () => {
  const rng = new Rng(5);
  const base = random(80, 6, 3);
  const embedding = (from: number, to: number, noise: number) =>
    new Embedding({
      vocabulary: new Vocabulary(Array.from({ length: to - from }, (_, i) => `k${from + i}`)),
      matrix: new Matrix(
        base.data.slice(from * 6, to * 6).map((x) => x + noise * rng.nextNormal()),
        6,
      ),
      output: new Matrix(base.data.slice(from * 6, to * 6), 6),
    });
  const [a, b] = [embedding(0, 60, 0), embedding(20, 80, 0.1)];
  const { shared, residual, rotation, aligned } = a.alignTo(b);
  assert.equal(shared, 40);
  near(residual, 0.1, 0.02); // noise of 0.1 on numbers of size 1, less what 15 angles can fit
  assert.deepEqual([rotation.rows, rotation.dim], [6, 6]);
  near(aligned.outputEmbedding().similarity("k0", aligned.vector("k0")), 1, 1e-10);
  assert.equal(a.alignTo(b, { keys: ["k30", "k31", "k31", "absent"] }).shared, 2);
  assert.throws(() => a.alignTo(b, { keys: ["k0"] }), coded("bad-argument"));
  assert.throws(() => a.alignTo(animals()), coded("dim-mismatch"));
});

test("an aligned model turns its subwords too, so unseen words move with the seen ones", () => {
  const words = ["beautiful", "keyboard", "september", "understand", "chocolate", "government", "mountain", "umbrella"];
  const space = subworded(words, 16);
  const other = new Embedding({ vocabulary: new Vocabulary(words), matrix: random(8, 16, 9) });
  const { aligned } = space.alignTo(other);
  near(aligned.similarity("keybord", "keyboard"), space.similarity("keybord", "keyboard"), 1e-6);
});
