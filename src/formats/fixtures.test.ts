/**
 * Files made by gensim, fastText, NumPy and safetensors themselves (bench/peers/make-fixtures.py), read here to the bit.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { bytesSource, fileSource } from "../core/index.ts";
import { detectFormat, openVectors, readNpy, readSafetensors, readVectors } from "./index.ts";
import type { VectorFile } from "./index.ts";

const FOLDER = new URL("../../test/fixtures/formats/", import.meta.url).pathname;
const path = (name: string): string => FOLDER + name;
interface FastTextAnswers {
  words: string[];
  vectors: Record<string, number[]>;
  labels: string[];
  output?: number[][];
}
const expected = JSON.parse(readFileSync(path("expected.json"), "utf8")) as {
  gensim: { keys: string[]; vectors: number[][] };
  npy: Record<"f4" | "f8" | "f2", number[][]>;
} & Record<string, FastTextAnswers>;

for (const [name, format] of [
  ["gensim.txt", "word2vec-text"],
  ["gensim.txt.gz", "word2vec-text"],
  ["gensim.bin", "word2vec-binary"],
  ["glove.txt", "glove-text"],
] as const) {
  test(`${name}, as gensim saved it, reads as the same keys and bits`, async () => {
    const source = await fileSource(path(name));
    assert.equal(await detectFormat(source), format);
    const file = await readVectors(source);
    assert.deepEqual(file.keys, expected.gensim.keys);
    assert.deepEqual(file.matrix.data, Float32Array.from(expected.gensim.vectors.flat()));
    assert.deepEqual(file.notes, []);
  });
}

test("a fastText .vec reads as its five digits say", async () => {
  const file = await openVectors(path("fasttext.vec"));
  assert.equal(file.format, "fasttext-vec");
  const answers = expected["fasttext.bin"]!;
  assert.deepEqual(file.keys, answers.words);
  file.keys.forEach((key, row) => {
    const rounded = answers.vectors[key]!.map((x) => Math.fround(Number(x.toPrecision(5))));
    assert.deepEqual([...file.matrix.row(row)], rounded, key);
  });
});

/** fastText's hash of an n-gram: FNV-1a over bytes taken as signed. */
function hash(text: string): number {
  let h = 2166136261;
  for (const byte of new TextEncoder().encode(text)) h = Math.imul(h ^ ((byte << 24) >> 24), 16777619);
  return h >>> 0;
}

/** fastText's vector of a word from rows as read: own row if it has one, n-gram rows in order, their mean, in float32. */
function fastTextVector(file: VectorFile, word: string): Float32Array {
  const { minN, maxN, bucketCount, buckets, pruned } = file.subwords!;
  const rows: Float32Array[] = [];
  const id = file.keys.indexOf(word);
  if (id >= 0) rows.push(file.matrix.row(id));
  const characters = word === "</s>" ? [] : Array.from(`<${word}>`); // the end of a sentence has no n-grams
  for (let from = 0; from < characters.length; from++) {
    for (let n = 1; n <= maxN && from + n <= characters.length; n++) {
      if (n < minN || (n === 1 && (from === 0 || from + n === characters.length))) continue;
      const bucket = hash(characters.slice(from, from + n).join("")) % bucketCount;
      const row = pruned ? pruned.get(bucket) : bucket;
      if (row !== undefined) rows.push(buckets.row(row));
    }
  }
  const sum = new Float32Array(file.matrix.dim);
  for (const row of rows) row.forEach((x, i) => (sum[i]! += x));
  const share = rows.length > 0 ? Math.fround(1 / rows.length) : 1;
  return sum.map((x) => x * share);
}

for (const name of [
  "fasttext.bin",
  "fasttext-words-only.bin",
  "fasttext-classifier.bin",
  "fasttext-quantized.ftz",
  "fasttext-pruned.ftz",
]) {
  test(`${name}: vectors of its words and of unseen words are fastText's own, to the bit`, async () => {
    const file = await openVectors(path(name));
    const answers = expected[name]!;
    assert.equal(file.format, "fasttext-bin");
    assert.deepEqual(file.keys, answers.words);
    assert.deepEqual(file.labels?.keys ?? [], answers.labels);
    const words = Object.keys(answers.vectors);
    assert.ok(words.includes("日本語") && !file.keys.includes("日本語"), "an unseen word is among them");
    for (const word of words) {
      assert.deepEqual(fastTextVector(file, word), Float32Array.from(answers.vectors[word]!), word);
    }
  });
}

test("fasttext.bin: counts fall, its output rows are fastText's, and its settings have our names", async () => {
  const file = await openVectors(path("fasttext.bin"));
  const { output } = expected["fasttext.bin"]!;
  output!.forEach((row, r) => assert.deepEqual([...file.output!.row(r)], row));
  assert.equal(file.output!.rows, file.keys.length);
  assert.ok(file.counts!.every((count, i) => i === 0 || count <= file.counts![i - 1]!));
  assert.equal(file.metadata!["architecture"], "skipgram");
  assert.equal(file.metadata!["loss"], "negative-sampling");
  assert.equal(file.metadata!["epochs"], 3);
  assert.equal(file.metadata!["subsample"], 1e-4);
});

test("fasttext.bin: output is left out on request, and a limit keeps the first words and all n-grams", async () => {
  const whole = await openVectors(path("fasttext.bin"));
  const part = await openVectors(path("fasttext.bin"), { output: false, limit: 7 });
  assert.equal(part.output, undefined);
  assert.deepEqual(part.keys, whole.keys.slice(0, 7));
  assert.deepEqual(part.matrix.data, whole.matrix.data.slice(0, 7 * 8));
  assert.deepEqual(part.subwords!.buckets.data, whole.subwords!.buckets.data);
  const both = await openVectors(path("fasttext.bin"), { limit: 7 });
  assert.deepEqual(both.output!.data, whole.output!.data.slice(0, 7 * 8));
});

test("a pruned .ftz tells which buckets it kept, and a model with hierarchical softmax has no output vectors", async () => {
  const pruned = await openVectors(path("fasttext-pruned.ftz"));
  assert.equal(pruned.subwords!.pruned!.size, pruned.subwords!.buckets.rows);
  assert.ok(pruned.subwords!.pruned!.size < 400);
  assert.ok(pruned.output!.rows === 2);
  assert.equal((await openVectors(path("fasttext-words-only.bin"))).output, undefined);
});

test("every binary fixture reads the same through gzip, where sizes are not known", async () => {
  const { gzipSync } = await import("node:zlib");
  for (const name of [
    "gensim.bin",
    "fasttext.bin",
    "fasttext-pruned.ftz",
    "f8.npy",
    "fortran.npy",
    "half.safetensors",
  ]) {
    const plain = await openVectors(path(name));
    const packed = await readVectors(bytesSource(`${name}.gz`, gzipSync(readFileSync(path(name)))));
    assert.deepEqual(packed, plain);
  }
});

for (const kind of ["f4", "f8", "f2"] as const) {
  test(`${kind}.npy reads as NumPy's numbers rounded to float32`, async () => {
    const matrix = await readNpy(await fileSource(path(`${kind}.npy`)));
    assert.deepEqual([matrix.rows, matrix.dim], [5, 7]);
    assert.deepEqual(matrix.data, Float32Array.from(expected.npy[kind].flat()));
  });
}

test("Fortran order reads as the same matrix, and a vector as one row", async () => {
  const matrix = await readNpy(await fileSource(path("fortran.npy")));
  assert.deepEqual(matrix.data, Float32Array.from(expected.npy.f4.flat()));
  const row = await readNpy(await fileSource(path("row.npy")));
  assert.deepEqual([row.rows, row.dim, ...row.data], [1, 7, ...expected.npy.f4[0]!]);
});

for (const [name, says] of [
  ["big-endian.npy", /byte 10: expected numbers of type <f4, <f8 or <f2; found ">f4"/],
  ["cube.npy", /byte 10: expected a shape of rows × dim, dim at least 1; found \(5, 7, 1\)/],
] as const) {
  test(`${name} is refused with the place and the reason`, async () => {
    await assert.rejects(readNpy(await fileSource(path(name))), says);
  });
}

test("tensors that Python's safetensors wrote read with types, shapes and metadata", async () => {
  const { tensors, metadata } = await readSafetensors(await fileSource(path("python.safetensors")), {
    exact: ({ name }) => name === "ids" || name === "double",
  });
  assert.deepEqual(metadata, { "made by": "safetensors" });
  const flat = (kind: "f4" | "f8" | "f2"): number[] => expected.npy[kind].flat();
  assert.deepEqual([...tensors.get("embeddings")!.data], flat("f4"));
  assert.deepEqual([...tensors.get("half")!.data], flat("f2"));
  assert.deepEqual([...tensors.get("double")!.data].map(Math.fround), flat("f8"));
  assert.deepEqual([...tensors.get("ids")!.data], [0, 2 ** 40, 2 ** 41, 3 * 2 ** 40]);
  assert.deepEqual([...tensors.get("bytes")!.data], [0, 1, 2, 3, 4, 5]);
  assert.deepEqual([tensors.get("scalar")!.shape, [...tensors.get("scalar")!.data]], [[], [2.5]]);
});

test("the table of vectors in a safetensors file is found by its usual name or by being the only one", async () => {
  for (const name of ["python.safetensors", "half.safetensors"]) {
    const file = await openVectors(path(name));
    assert.deepEqual(file.keys, ["0", "1", "2", "3", "4"]);
    assert.deepEqual([...file.matrix.data], expected.npy[name.startsWith("half") ? "f2" : "f4"].flat());
  }
});
