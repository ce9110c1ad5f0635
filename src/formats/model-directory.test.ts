import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import fc from "fast-check";
import { LociError, Matrix, bytesSource } from "../core/index.ts";
import type { ByteSource } from "../core/index.ts";
import { modelDirectoryFiles, openVectors, readModelDirectory, readSafetensors, writeModelDirectory } from "./index.ts";
import type { ModelToWrite, ModelWriteOptions } from "./index.ts";

const joined = (pieces: Iterable<Uint8Array>): Uint8Array => new Uint8Array(Buffer.concat([...pieces]));
const fixture = (name: string): string => new URL(`../../test/fixtures/formats/${name}`, import.meta.url).pathname;

function sources(model: ModelToWrite, options?: ModelWriteOptions): Record<string, ByteSource> {
  const files = Object.entries(modelDirectoryFiles(model, options));
  return Object.fromEntries(files.map(([name, pieces]) => [name, bytesSource(name, joined(pieces))]));
}

const small: ModelToWrite = {
  keys: ["a", "b", "c"],
  matrix: Matrix.of([
    [1, 2],
    [3, 4],
    [5, 6],
  ]),
};

test("a model directory gives back any keys at all, and its vectors to the bit", async () => {
  const key = fc.string({
    unit: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)),
    maxLength: 6,
  });
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(key, { maxLength: 20 }), async (keys) => {
      const matrix = new Matrix(Float32Array.from(keys.flatMap((_, i) => [i / 3, -0])), 2);
      const back = await readModelDirectory(sources({ keys, matrix }));
      assert.deepEqual(back.keys, keys);
      assert.deepEqual(back.matrix, matrix);
    }),
    { seed: 5, numRuns: 200 },
  );
});

test("counts, output, pruned n-grams, labels, kind, fingerprint and metadata come back as they were", async () => {
  const model: ModelToWrite = {
    ...small,
    counts: Float64Array.of(2 ** 52 + 1, 2, 1),
    output: Matrix.of([
      [0.5, 1],
      [2, 3],
      [4, 5],
    ]),
    subwords: {
      minN: 3,
      maxN: 6,
      bucketCount: 10,
      buckets: Matrix.of([
        [1, 1],
        [2, 2],
      ]),
      pruned: new Map([
        [7, 1],
        [3, 0],
      ]),
    },
    labels: { keys: ["x", "y\n"], counts: Float64Array.of(5, 6) },
    metadata: { epochs: 5, corpus: { name: "ü", files: [1, 2] } },
  };
  const { config, ...back } = await readModelDirectory(sources(model, { kind: "items", fingerprint: "abc" }));
  assert.deepEqual(back, { ...model, format: "model-directory", notes: [] });
  assert.deepEqual(
    [config.kind, config.fingerprint, config.version, config.rows, config.dim],
    ["items", "abc", 1, 3, 2],
  );
  const first = await readModelDirectory(sources(model), { limit: 2, output: false });
  assert.deepEqual(
    [first.keys, [...first.matrix.data], [...first.counts!]],
    [
      ["a", "b"],
      [1, 2, 3, 4],
      [2 ** 52 + 1, 2],
    ],
  );
  assert.equal(first.output, undefined);
  assert.deepEqual(first.subwords, model.subwords);
});

for (const name of ["fasttext.bin", "fasttext-classifier.bin", "fasttext-pruned.ftz", "gensim.bin"]) {
  test(`${name} saved as a model directory on disk is the same model`, async () => {
    const folder = mkdtempSync(join(tmpdir(), "loci-model-"));
    try {
      const file = await openVectors(fixture(name));
      await writeModelDirectory(join(folder, "model"), file);
      assert.deepEqual(readdirSync(folder), ["model"]);
      const { format, ...rest } = await openVectors(`${folder}/model/`);
      const { config, ...back } = rest as typeof rest & { config?: unknown };
      assert.equal(format, "model-directory");
      assert.ok(config);
      const { format: _, ...original } = file;
      assert.deepEqual(back, original);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
}

test("the tensors of a model are plain safetensors, and the keys plain JSON", async () => {
  const files = sources({ ...small, counts: Float64Array.of(3, 2, 1) });
  const { tensors } = await readSafetensors(files["model.safetensors"]!);
  assert.deepEqual([...tensors.keys()], ["counts", "vectors"]);
  const text = new TextDecoder().decode(joined(modelDirectoryFiles(small)["vocabulary.json"]!));
  assert.equal(text, '[\n"a",\n"b",\n"c"\n]\n');
});

const spoil = (name: string, text: string): Record<string, ByteSource> => ({
  ...sources({ ...small, subwords: { minN: 3, maxN: 3, bucketCount: 1, buckets: Matrix.of([[0, 0]]) } }),
  [name]: bytesSource(name, new TextEncoder().encode(text)),
});
const config = (more: Record<string, unknown>): string =>
  JSON.stringify({ format: "loci-model", version: 1, kind: "words", rows: 3, dim: 2, ...more });

for (const [what, files, says] of [
  [
    "another JSON file",
    spoil("loci.json", '{"name": "x"}'),
    /loci\.json: its object: expected an object with "format": "loci-model"; found an object of "name"/,
  ],
  [
    "a newer version",
    spoil("loci.json", config({ version: 2 })),
    /expected "version" 1 to 1; found 2\. A newer Loci wrote it: update/,
  ],
  ["no sizes", spoil("loci.json", config({ rows: -1 })), /expected "kind", "rows" and "dim"/],
  [
    "odd subwords",
    spoil("loci.json", config({ subwords: null })),
    /expected "subwords" with minN, maxN and bucketCount; found null/,
  ],
  ["cut JSON", spoil("vocabulary.json", '["a", "b"'), /vocabulary\.json: its text: expected JSON in UTF-8; found/],
  ["too few keys", spoil("vocabulary.json", '["a", "b"]'), /expected 3 keys, as loci\.json promises; found 2/],
  ["a key that is no string", spoil("vocabulary.json", '["a", "b", 3]'), /item 2: expected a string; found 3/],
  [
    "a key that comes twice",
    spoil("vocabulary.json", '["a", "b", "a"]'),
    /item 2: expected a key that did not come before; found "a"/,
  ],
  [
    "other sizes",
    spoil("loci.json", config({ dim: 3 })),
    /the tensor "vectors": expected shape \[3, 3\]; found \[3, 2\]/,
  ],
  [
    "n-grams that are missing",
    spoil("loci.json", config({ subwords: { minN: 3, maxN: 3, bucketCount: 2 } })),
    /the tensor "buckets": expected shape \[2, 2\]; found \[1, 2\]/,
  ],
] as const) {
  test(`a model directory with ${what} is refused with the place`, async () => {
    await assert.rejects(readModelDirectory(files), (error) => {
      assert.ok(error instanceof LociError && error.code === "bad-file");
      assert.match(error.message, says);
      return true;
    });
  });
}

test("a folder that is no model, and a model with a file missing, say what is missing", async () => {
  const { "vocabulary.json": _, ...rest } = sources(small);
  await assert.rejects(
    readModelDirectory(rest),
    /The model has no file "vocabulary\.json"; it has "loci\.json", "model\.safetensors"/,
  );
  await assert.rejects(
    openVectors(fixture("")),
    /holds neither a Loci model \(loci\.json\) nor a projector's vectors\.tsv/,
  );
  await assert.rejects(openVectors(fixture("nothing")), { code: "not-found" });
});

test("what does not fit together is not written", () => {
  const refused = (more: Partial<ModelToWrite>, says: RegExp): void => {
    assert.throws(() => modelDirectoryFiles({ ...small, ...more }), says);
  };
  refused({ keys: ["a"] }, /Expected one key a row \(3\), got 1/);
  refused({ keys: ["a", "a", "b"] }, /Expected keys that differ/);
  refused({ counts: Float64Array.of(1) }, /Expected one count a key \(3\), got 1/);
  refused({ output: Matrix.of([[1]]) }, /The output have dim 1; the vectors have 2/);
  const subwords = { minN: 1, maxN: 2, bucketCount: 5, buckets: Matrix.of([[1, 1]]) };
  refused({ subwords }, /Expected a row a bucket \(5\), got 1/);
  refused({ subwords: { ...subwords, pruned: new Map() } }, /Expected a bucket for each of 1 rows, got 0/);
});
