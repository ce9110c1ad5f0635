import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { encoderCases } from "../../test/conformance/encoder.ts";
import { Matrix, Rng, Vocabulary, bytesSource } from "../core/index.ts";
import { cosine, dot, norm } from "../math/index.ts";
import { Embedding, Subwords } from "../table/index.ts";
import { StaticEncoder } from "./index.ts";

const folder = mkdtempSync(join(tmpdir(), "loci-static-"));
after(() => rmSync(folder, { recursive: true }));

const KEYS = "the and a in cat dog red house water fire".split(" ");
const COUNTS = [500, 300, 100, 50, 20, 10, 8, 6, 4, 2];

/** Ten words with vectors of chance around a common part, as word vectors have one. */
function words({
  dim = 8,
  counts = COUNTS,
  subwords,
}: { dim?: number; counts?: number[] | null; subwords?: Subwords | undefined } = {}): Embedding {
  const matrix = Matrix.zeros(KEYS.length, dim);
  new Rng(5).fillNormal(matrix.data);
  for (let r = 0; r < matrix.rows; r++) matrix.row(r)[0]! += 2;
  return new Embedding({
    vocabulary: new Vocabulary(KEYS, counts ?? undefined),
    matrix,
    ...(subwords && { subwords }),
  });
}

/** The formula, plainly. */
function byHand(embedding: Embedding, tokens: readonly string[], a = 1e-3): Float64Array {
  const sum = new Float64Array(embedding.dim);
  for (const token of tokens) {
    const weight = a / (a + COUNTS[KEYS.indexOf(token)]! / 1000);
    embedding.vector(token).forEach((value, i) => (sum[i]! += (weight * value) / tokens.length));
  }
  return sum;
}

const near = (actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance = 1e-6) =>
  Array.from(expected, (value, i) =>
    assert.ok(Math.abs(actual[i]! - value) <= tolerance, `number ${i}: ${actual[i]} ≠ ${value}`),
  );

for (const one of encoderCases(() => StaticEncoder.from(words()))) test(`static: ${one.name}`, () => one.run());

test("a row is the mean of the words' vectors by smooth inverse frequency; unknown words are passed over", async () => {
  const embedding = words();
  const encoder = await StaticEncoder.from(embedding, { components: 0, unitLength: false });
  const rows = await encoder.embed(["The red, red HOUSE!", "unheard-of fire"]);
  near(rows.row(0), byHand(embedding, ["the", "red", "red", "house"]));
  near(rows.row(1), byHand(embedding, ["fire"]));
});

test("an infinite smoothing is the plain mean", async () => {
  const encoder = await StaticEncoder.from(words(), { components: 0, unitLength: false, smoothing: Infinity });
  const [the, red] = [words().vector("the"), words().vector("red")];
  near(
    (await encoder.embed(["the red"])).row(0),
    the.map((value, i) => (value + red[i]!) / 2),
  );
});

test("rows are one long and at a right angle to the direction that the sample's texts have in common", async () => {
  const sample = [
    "the cat and the dog",
    "a red house",
    "water and fire",
    "a dog in the red house",
    "fire in the house",
  ];
  const plain = await StaticEncoder.from(words(), { components: 0, unitLength: false });
  const encoder = await StaticEncoder.from(words(), { sample });
  const [common] = encoder.settings.components as [number[]];
  assert.ok(Math.abs(norm(common) - 1) < 1e-12);
  for (const row of rowsOf(await encoder.embed(sample))) {
    assert.ok(Math.abs(norm(row) - 1) < 1e-6);
    assert.ok(Math.abs(dot(row, common)) < 1e-6);
  }
  // It is the direction of largest second moment: no other has more, and its own image points the same way.
  const rows = rowsOf(await plain.embed(sample));
  const moment = (u: ArrayLike<number>) => rows.reduce((sum, row) => sum + dot(row, u) ** 2, 0);
  const image = common.map((_, i) => rows.reduce((sum, row) => sum + dot(row, common) * row[i]!, 0));
  assert.ok(Math.abs(cosine(image, common) - 1) < 1e-9);
  const rng = new Rng(3);
  for (let n = 0; n < 200; n++) {
    const other = Float64Array.from({ length: 8 }, () => rng.nextNormal());
    assert.ok(moment(other) / dot(other, other) <= moment(common) + 1e-9);
  }
});

test("two components are two directions at a right angle, and both are gone from every row", async () => {
  const encoder = await StaticEncoder.from(words(), {
    components: 2,
    sample: ["the cat", "a red dog", "water in the house", "fire"],
  });
  const [a, b] = encoder.settings.components as [number[], number[]];
  assert.ok(Math.abs(dot(a, b)) < 1e-9);
  for (const row of rowsOf(await encoder.embed(["cat water", "house and fire"])))
    assert.ok(Math.abs(dot(row, b)) + Math.abs(dot(row, a)) < 1e-6);
});

test("without a sample the common direction is that of texts drawn by frequency", async () => {
  const rng = new Rng(9);
  const drawn = Array.from({ length: 4000 }, () =>
    Array.from({ length: 20 }, () => {
      let at = rng.nextBelow(1000);
      return KEYS[COUNTS.findIndex((count) => (at -= count) < 0)]!;
    }).join(" "),
  );
  const [sampled] = (await StaticEncoder.from(words(), { sample: drawn })).settings.components;
  const [expected] = (await StaticEncoder.from(words())).settings.components;
  assert.ok(Math.abs(cosine(sampled!, expected!)) > 0.999);
});

test("vectors without counts are weighted by rank, the first words least", async () => {
  const embedding = words({ counts: null });
  const encoder = await StaticEncoder.from(embedding, { components: 0, unitLength: false });
  const [first, last] = [(await encoder.embed(["the"])).row(0), (await encoder.embed(["fire"])).row(0)];
  const weights = [norm(first) / norm(embedding.vector("the")), norm(last) / norm(embedding.vector("fire"))];
  const total = KEYS.reduce((sum, _, rank) => sum + 1 / (rank + 2.7), 0);
  near(weights, [1e-3 / (1e-3 + 1 / 2.7 / total), 1e-3 / (1e-3 + 1 / 11.7 / total)]);
});

test("unknown words are made of their subwords where the vectors have them, and count like the rarest", async () => {
  const buckets = Matrix.zeros(50, 8);
  new Rng(6).fillNormal(buckets.data);
  const embedding = words({ subwords: new Subwords({ minN: 3, maxN: 4, buckets }) });
  const encoder = await StaticEncoder.from(embedding, { components: 0, unitLength: false });
  near((await encoder.embed(["Housecat"])).row(0), embedding.vector("housecat"));
});

test("a vocabulary with capitals is asked for the word as it is written, then for its lower case", async () => {
  const matrix = Matrix.of([
    [1, 0],
    [0, 1],
    [1, 1],
  ]);
  const embedding = new Embedding({ vocabulary: new Vocabulary(["Paris", "paris", "the"]), matrix });
  const encoder = await StaticEncoder.from(embedding, { components: 0 });
  assert.deepEqual([...(await encoder.embed(["Paris"])).row(0)], [1, 0]);
  assert.deepEqual([...(await encoder.embed(["PARIS"])).row(0)], [0, 1]);
});

test("a text of any length gives the row of all its words, wherever it is cut", async () => {
  const encoder = await StaticEncoder.from(words());
  const long = "cat dog  red\n".repeat(9_000); // 117,000 characters, in many parts
  assert.ok(cosine((await encoder.embed([long])).row(0), (await encoder.embed(["cat dog red"])).row(0)) > 1 - 1e-9);
});

test("what is saved opens again: same rows, same fingerprint, and as word vectors too", async () => {
  const buckets = Matrix.zeros(20, 8);
  new Rng(6).fillNormal(buckets.data);
  for (const subwords of [undefined, new Subwords({ minN: 3, maxN: 4, buckets })]) {
    const path = join(folder, `saved-${subwords ? "subwords" : "plain"}.loci`);
    const encoder = await StaticEncoder.from(words({ subwords }), {
      name: "ten words",
      smoothing: 2e-3,
      tokenizer: { digits: "zero" },
    });
    await encoder.save(path);
    const files = Object.fromEntries(
      Object.entries(encoder.files()).map(([name, pieces]) => [name, bytesSource(name, Buffer.concat([...pieces]))]),
    );
    for (const again of [await StaticEncoder.open(path), await StaticEncoder.read(files)]) {
      assert.deepEqual(
        [again.name, again.settings, again.fingerprint],
        ["ten words", encoder.settings, encoder.fingerprint],
      );
      const texts = ["the cat and a housecat", "red water 42"];
      assert.deepEqual((await again.embed(texts)).data, (await encoder.embed(texts)).data);
    }
    assert.deepEqual((await Embedding.open(path)).vector("cat"), words({ subwords }).vector("cat"));
    await assert.rejects(StaticEncoder.open(path, { smoothing: 1 }), /settings of its own/);
  }
});

test("any file of word vectors opens as an encoder, named after it", async () => {
  await words().save(join(folder, "plain.vec"));
  await words().save(join(folder, "model.loci"));
  const [file, directory] = [
    await StaticEncoder.open(join(folder, "plain.vec")),
    await StaticEncoder.open(join(folder, "model.loci"), { components: 0 }),
  ];
  assert.deepEqual([file.name, directory.name], ["plain", "model"]);
  assert.deepEqual([file.settings.components.length, directory.settings.components.length], [1, 0]);
});

test("a directory whose settings are damaged is refused", async () => {
  const files = (await StaticEncoder.from(words())).files();
  const broken = (text: string) => text.replace('"smoothing": 0.001', '"smoothing": -1');
  const sources = Object.fromEntries(
    Object.entries(files).map(([name, pieces]) => {
      const bytes = Buffer.concat([...pieces]);
      return [name, bytesSource(name, name === "loci.json" ? Buffer.from(broken(bytes.toString())) : bytes)];
    }),
  );
  await assert.rejects(StaticEncoder.read(sources), { code: "bad-file", message: /smoothing/ });
});

test("whatever changes the vectors changes the fingerprint; the name does not", async () => {
  const print = async (embedding: Embedding, options = {}) =>
    (await StaticEncoder.from(embedding, options)).fingerprint;
  const base = await print(words());
  assert.match(base, /^[0-9a-f]{32}$/);
  assert.equal(await print(words(), { name: "other" }), base);
  const buckets = Matrix.zeros(4, 8);
  const others = [
    await print(words({ counts: null })),
    await print(words({ subwords: new Subwords({ minN: 3, maxN: 4, buckets }) })),
    await print(words(), { smoothing: 1e-4 }),
    await print(words(), { components: 0 }),
    await print(words(), { unitLength: false }),
    await print(words(), { tokenizer: { case: "keep" } }),
    await print(words(), { sample: ["cat", "dog in water"] }),
  ];
  assert.equal(new Set([base, ...others]).size, 8);
});

test("the event loop has its turn while many texts are embedded", async () => {
  const encoder = await StaticEncoder.from(words());
  const texts = Array.from(
    { length: 20_000 },
    (_, i) => `the cat ${KEYS[i % 10]} and the dog in a red house by the water`,
  );
  let turns = 0;
  const timer = setInterval(() => turns++, 1);
  await encoder.embed(texts);
  clearInterval(timer);
  assert.ok(turns >= 3, `${turns} turns`);
});

test("settings that make no sense are refused by name", async () => {
  await assert.rejects(StaticEncoder.from(words(), { smoothing: 0 }), /smoothing/);
  await assert.rejects(StaticEncoder.from(words(), { components: 8 }), /components/);
  assert.throws(
    () => new StaticEncoder(words(), { name: "x", tokenizer: {}, smoothing: 1, unitLength: true, components: [[1]] }),
    { code: "dim-mismatch" },
  );
});

const rowsOf = (matrix: Matrix): Float32Array[] => Array.from({ length: matrix.rows }, (_, r) => matrix.row(r));
