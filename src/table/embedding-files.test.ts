/** Saving and opening: what comes back, in which format, and what is refused. */
import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { LociError, Matrix, Rng, Vocabulary, bytesSource } from "../core/index.ts";
import { modelDirectoryFiles } from "../formats/index.ts";
import { Embedding, type SaveFormat, Subwords, saveFormatOf } from "./index.ts";

const folder = mkdtempSync(join(tmpdir(), "loci-embedding-"));
after(() => rmSync(folder, { recursive: true }));
const coded = (code: string) => (error: unknown) => error instanceof LociError && error.code === code;

function random(rows: number, dim: number, seed: number): Matrix {
  const matrix = Matrix.zeros(rows, dim);
  new Rng(seed).fillNormal(matrix.data);
  return matrix;
}

const words = ["the", "king", "queen", "日本", "new_york"];
const subwords = () => new Subwords({ minN: 3, maxN: 5, buckets: random(50, 8, 2) });
const own = () => random(5, 8, 1);
const full = () =>
  new Embedding({
    vocabulary: new Vocabulary(words, [900, 30, 20, 5, 5]),
    matrix: subwords().composeAll(words, own()),
    output: random(5, 8, 3),
    subwords: subwords(),
    provenance: { learner: "fasttext", seed: 1, nested: { list: [1, "two"] } },
  });

test("a model directory keeps everything: keys, counts, vectors, context vectors, subwords, provenance", async () => {
  const path = join(folder, "model.loci");
  const before = full();
  await before.save(path);
  const opened = await Embedding.open(path);
  assert.deepEqual(opened.vocabulary.keys, words);
  assert.deepEqual([...opened.vocabulary.counts], [900, 30, 20, 5, 5]);
  assert.deepEqual(opened.matrix.data, before.matrix.data);
  assert.deepEqual(opened.output!.data, before.output!.data);
  assert.deepEqual(opened.provenance, before.provenance);
  assert.equal(opened.fingerprint, before.fingerprint);
  assert.deepEqual(opened.vector("kingdom"), before.vector("kingdom"));
  assert.equal(opened.origin("kingdom"), "subwords");
  await opened.save(path); // over itself
  assert.equal((await Embedding.open(path)).fingerprint, before.fingerprint);
  assert.deepEqual(readdirSync(folder), ["model.loci"]); // and nothing temporary is left
});

const formats: { name: string; format?: SaveFormat; keys?: string[] }[] = [
  { name: "plain" },
  { name: "vectors.vec" },
  { name: "vectors.txt" },
  { name: "vectors.bin" },
  { name: "glove", format: "glove-text" },
  { name: "my-vectors.tsv" },
  { name: "projector", format: "projector-tsv" },
  { name: "vectors.npy", keys: ["0", "1", "2", "3", "4"] },
  { name: "vectors.safetensors", keys: ["0", "1", "2", "3", "4"] },
];
for (const { name, format, keys = words } of formats) {
  test(`vectors saved as ${name}${format ? ` (${format})` : ""} come back to the bit`, async () => {
    const path = join(folder, name);
    const before = full();
    await before.save(path, format && { format });
    const opened = await Embedding.open(path);
    assert.deepEqual(opened.vocabulary.keys, keys);
    assert.deepEqual(opened.matrix.data, before.matrix.data);
    if (keys === words) assert.equal(opened.fingerprint, before.fingerprint);
  });
}

test("the ending of a path tells its format; an unknown one is refused with those that are known", () => {
  assert.equal(saveFormatOf("a/b.c/model"), "model-directory");
  assert.equal(saveFormatOf("king.loci/"), "model-directory");
  assert.equal(saveFormatOf("x.VEC"), "fasttext-vec");
  assert.equal(saveFormatOf("x-vectors.tsv"), "projector-tsv");
  assert.throws(() => saveFormatOf("vectors.pdf"), /\.loci, \.vec, \.txt, \.bin/);
  assert.throws(() => full().files({ format: "pdf" as SaveFormat }), coded("bad-argument"));
});

test("the files of a format can be had as bytes and read again, where there are no paths", async () => {
  const join = (pieces: Iterable<Uint8Array>) => Buffer.concat([...pieces]);
  const before = full();
  const sources = Object.entries(before.files()).map(
    ([name, pieces]) => [name, bytesSource(name, join(pieces))] as const,
  );
  const model = await Embedding.read(Object.fromEntries(sources));
  assert.equal(model.fingerprint, before.fingerprint);
  assert.deepEqual(model.vector("unseen"), before.vector("unseen"));
  const [[name, pieces]] = Object.entries(before.files({ format: "word2vec-binary" })) as [
    [string, Iterable<Uint8Array>],
  ];
  assert.equal(name, "vectors.bin");
  assert.equal((await Embedding.read(bytesSource(name, join(pieces)))).fingerprint, before.fingerprint);
});

test("a model whose rows are the words' own is composed when it is opened, as fastText does", async () => {
  const files = modelDirectoryFiles({ keys: words, matrix: own(), subwords: subwords() });
  const sources = Object.entries(files).map(
    ([name, pieces]) => [name, bytesSource(name, Buffer.concat([...pieces]))] as const,
  );
  const opened = await Embedding.read(Object.fromEntries(sources));
  const right = full();
  assert.deepEqual(opened.vector("king"), right.vector("king")); // one by one, before all are composed
  assert.deepEqual(opened.matrix.data, right.matrix.data);
  assert.deepEqual(opened.vector("king"), right.vector("king"));
  assert.deepEqual(opened.neighbors("kings"), right.neighbors("kings"));
  assert.equal(opened.fingerprint, right.fingerprint);
});

test("a limit opens the first keys alone", async () => {
  const path = join(folder, "limited.vec");
  await full().save(path);
  const opened = await Embedding.open(path, { limit: 2 });
  assert.deepEqual(opened.vocabulary.keys, ["the", "king"]);
});

test("what a format cannot hold is refused before anything is written", async () => {
  const spaced = new Embedding({ vocabulary: new Vocabulary(["new york"]), matrix: Matrix.of([[1, 2]]) });
  await assert.rejects(spaced.save(join(folder, "spaced.txt")), /new york/);
  assert.ok(!readdirSync(folder).some((name) => name.includes("spaced")));
  await spaced.save(join(folder, "spaced.txt"), { whitespace: "_" });
  assert.deepEqual((await Embedding.open(join(folder, "spaced.txt"))).vocabulary.keys, ["new_york"]);
  await assert.rejects(full().save(join(folder, "x.tsv"), { format: "projector-tsv" }), coded("bad-argument"));
});

test("a path with nothing there, and a file of something else, are refused by code", async () => {
  await assert.rejects(Embedding.open(join(folder, "absent")), coded("not-found"));
  writeFileSync(join(folder, "noise.bin"), Uint8Array.of(0, 1, 2, 3, 255, 254));
  await assert.rejects(Embedding.open(join(folder, "noise.bin")), coded("bad-file"));
});

test("opening can be aborted, and pulled step by step", async () => {
  const path = join(folder, "steps.vec");
  await full().save(path);
  await assert.rejects(Embedding.open(path, { signal: AbortSignal.abort(new Error("no")) }), /no/);
  const steps = Embedding.openSteps(path);
  let next = await steps.next();
  while (!next.done) next = await steps.next();
  assert.equal(next.value.size, 5);
});

test("saving tells how many bytes are written, and an abort leaves nothing", async () => {
  const path = join(folder, "told.loci");
  const done: number[] = [];
  await full().save(path, { onStep: ({ phase, done: bytes }) => (assert.equal(phase, "write"), done.push(bytes)) });
  assert.ok(done.length > 2 && done.every((bytes, i) => i === 0 || bytes >= done[i - 1]!));
  const controller = new AbortController();
  const reason = new Error("enough");
  const stopped = join(folder, "stopped.loci");
  const saving = full().save(stopped, { signal: controller.signal, onStep: () => controller.abort(reason) });
  await assert.rejects(saving, (error) => error === reason);
  assert.ok(readdirSync(folder).every((name) => !name.includes("stopped")));
});

test("what a reader had to decide stands in the embedding's notes", async () => {
  const text = bytesSource("two.txt", new TextEncoder().encode("3 2\na 1 2\nb 3 4\na 5 6\n"));
  const { notes, size } = await Embedding.read(text);
  assert.equal(size, 2);
  assert.match(notes.join(" "), /1 rows were dropped, since their keys had come before \(first: "a"/);
  assert.deepEqual(full().notes, []);
});
