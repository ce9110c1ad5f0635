/** What holds of HnswIndex beyond the contract of indexes (test/conformance/index.ts). */
import assert from "node:assert/strict";
import { test } from "node:test";
import { LociError, Matrix, Rng, bytesSource } from "../core/index.ts";
import { HnswIndex, type HnswIndexOptions, type IndexAnswer, type Key } from "./index.ts";
import { SectionFile } from "./section-file.ts";

const DIM = 24;

/** Rows around thirty places, in few directions. */
function rowsOf(seed: number, rows: number, dim = DIM): Matrix {
  const places = new Float32Array(30 * dim);
  new Rng(1).fillNormal(places);
  const out = Matrix.zeros(rows, dim);
  const rng = new Rng(seed);
  rng.fillNormal(out.data);
  for (let r = 0; r < rows; r++) {
    const place = rng.nextBelow(30) * dim;
    const row = out.row(r);
    for (let i = 0; i < dim; i++) row[i] = (2 * places[place + i]! + 0.6 * row[i]!) / (1 + i / 8);
  }
  return out;
}

const numbered = (from: number, count: number): number[] => Array.from({ length: count }, (_, i) => from + i);

async function bytesOf(index: HnswIndex): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for await (const piece of index.pieces()) pieces.push(piece.slice());
  return new Uint8Array(await new Blob(pieces as Uint8Array<ArrayBuffer>[]).arrayBuffer());
}

/** An index of 3,000 rows that lived a little: replaced, removed, mended and added to. */
async function lived(options: Partial<HnswIndexOptions>): Promise<HnswIndex> {
  const index = new HnswIndex({ dim: DIM, metric: "cosine", efConstruction: 60, ...options });
  await index.add(numbered(0, 2500), rowsOf(2, 2500));
  await index.remove(numbered(100, 400));
  await index.add(numbered(50, 60), rowsOf(3, 60));
  await index.add(numbered(9000, 700), rowsOf(4, 700));
  return index;
}

function sharedWith(answers: readonly IndexAnswer[], truth: readonly IndexAnswer[]): number {
  let found = 0;
  let wanted = 0;
  for (const [q, { hits }] of truth.entries()) {
    const keys = new Set<Key>(hits.map(({ key }) => key));
    found += answers[q]!.hits.filter(({ key }) => keys.has(key)).length;
    wanted += hits.length;
  }
  return found / wanted;
}

test("the same operations give the same bytes, on this thread or on 1, 2 or 3 workers, with either build of the kernels", async () => {
  let first: Uint8Array | undefined;
  for (const options of [
    { workers: 0 },
    { workers: 1, variant: "plain" },
    { workers: 2 },
    { workers: 3, variant: "plain" },
  ] as const) {
    await using index = await lived(options);
    const bytes = await bytesOf(index);
    first ??= bytes;
    assert.ok(Buffer.from(bytes.buffer).equals(Buffer.from(first.buffer)), JSON.stringify(options));
  }
});

test("workers and this thread give the same answers, one by one or many", async () => {
  await using one = await lived({ workers: 0 });
  await using two = await lived({ workers: 2 });
  const queries = rowsOf(5, 300);
  const answers = await one.searchMany(queries, { recall: 0.9 });
  assert.deepEqual(await two.searchMany(queries, { recall: 0.9 }), answers);
  for (let q = 0; q < 20; q++) assert.deepEqual(await two.search(queries.row(q), { recall: 0.9 }), answers[q]);
  assert.ok(answers.every(({ exact, recall }) => !exact && recall >= 0.9));
});

test("recall is within 0.01 of a fresh build after a fifth was deleted, mended around, and filled again", async () => {
  const rows = rowsOf(6, 4000);
  const queries = rowsOf(7, 250);
  const options = { dim: DIM, metric: "euclidean", efConstruction: 80, workers: 0 } as const;
  const wide = { efSearch: 24, rerank: 20 };
  const shareOf = async (index: HnswIndex): Promise<number> =>
    sharedWith(await index.searchMany(queries, wide), await index.searchMany(queries, { exact: true }));
  await using fresh = new HnswIndex(options);
  await fresh.add(numbered(0, 4000), rows);
  const anew = await shareOf(fresh);
  await using index = new HnswIndex(options);
  await index.add(numbered(0, 4000), rows);
  const gone = new Rng(8).shuffle(numbered(0, 4000)).slice(0, 800);
  await index.remove(gone);
  assert.ok((await shareOf(index)) >= anew - 0.01, "after the mending");
  await index.add(gone, Matrix.of(gone.map((r) => rows.row(r))));
  assert.equal(index.slots, 4000, "slots are used again");
  assert.ok((await shareOf(index)) >= anew - 0.01, "after filling up");
  for (let r = 0; r < 4000; r += 97) assert.deepEqual(index.get(r), rows.row(r));
});

test("compact leaves nothing of what was removed in the file, not even its code", async () => {
  await using index = new HnswIndex({ dim: DIM, metric: "euclidean", workers: 0, efConstruction: 40 });
  const rows = rowsOf(9, 2200);
  await index.add(numbered(0, 2200), rows);
  await index.remove([77]);
  const section = async (name: string): Promise<Uint8Array> =>
    (await SectionFile.open(bytesSource("index", await bytesOf(index)))).read(name);
  const secret = new Uint8Array(rows.data.buffer, 77 * 4 * DIM, 4 * DIM);
  const holds = (bytes: Uint8Array): boolean => Buffer.from(bytes.buffer).includes(Buffer.from(secret));
  assert.equal(holds(await bytesOf(index)), false, "the vector is gone at once");
  await index.compact();
  const codes = await section("codes");
  const stride = codes.length / index.slots;
  assert.ok(
    codes.subarray(77 * stride, 78 * stride).every((byte) => byte === 0),
    "the code is gone",
  );
  assert.ok(!new Uint32Array((await section("links")).buffer).includes(77), "nothing leads there");
});

test("a damaged section of what can be derived is made again; damaged keys or vectors are refused with the place", async () => {
  await using index = await lived({ workers: 0 });
  const bytes = await bytesOf(index);
  const queries = rowsOf(10, 100);
  const truth = await index.searchMany(queries, { exact: true });
  const file = await SectionFile.open(bytesSource("index", bytes));
  for (const name of [
    "mean",
    "projection",
    "codes",
    "biases",
    "errors",
    "squares",
    "links",
    "upper",
    "keys",
    "rows 0",
  ]) {
    const whole = Buffer.from(await file.read(name));
    const at = Buffer.from(bytes.buffer).indexOf(whole);
    const damaged = bytes.slice();
    damaged[at + (whole.length >> 1)]! ^= 4;
    const open = HnswIndex.open(bytesSource("damaged", damaged), { workers: 0 });
    if (name === "keys" || name === "rows 0") {
      await assert.rejects(
        open,
        (error) => error instanceof LociError && error.code === "bad-file" && error.message.includes(`"${name}"`),
      );
      continue;
    }
    await using again = await open;
    assert.deepEqual(await again.searchMany(queries, { exact: true }), truth, name);
    assert.ok(sharedWith(await again.searchMany(queries, { recall: 0.95 }), truth) >= 0.92, name);
  }
});

test("an opened index goes on as the saved one would have, with more workers or fewer", async () => {
  await using index = await lived({ workers: 0 });
  await using again = await HnswIndex.open(bytesSource("index", await bytesOf(index)), { workers: 1 });
  for (const one of [index, again]) {
    await one.add(numbered(20_000, 900), rowsOf(11, 900));
    await one.remove(numbered(600, 500));
  }
  assert.deepEqual(await bytesOf(again), await bytesOf(index));
});

test("queries far from everything are answered exactly, and far vectors are found", async () => {
  await using index = new HnswIndex({ dim: DIM, metric: "euclidean", workers: 0, efConstruction: 40 });
  await index.add(numbered(0, 2500), rowsOf(12, 2500));
  const far = rowsOf(13, 6);
  for (let i = 0; i < far.data.length; i++) far.data[i] = far.data[i]! * 10 ** (1 + (i % 3) * 5);
  const truth = await index.searchMany(far, { exact: true });
  const answers = await index.searchMany(far);
  answers.forEach(({ hits, exact }, q) => assert.deepEqual([hits, exact], [truth[q]!.hits, true], `query ${q}`));
  await index.add(["a", "b", "c", "d", "e", "f"], far);
  for (let q = 0; q < 6; q++) {
    const { hits } = await index.search(far.row(q), { k: 1 });
    assert.equal(hits[0]!.key, "abcdef"[q]);
  }
  await assert.rejects(
    index.searchMany(Matrix.of([new Float32Array(DIM), new Float32Array(DIM).fill(NaN)])),
    /Query 1 holds NaN/,
  );
});

test("three thousand equal vectors neither hide each other nor what lies beside them", async () => {
  await using index = new HnswIndex({ dim: 8, metric: "euclidean", workers: 0, efConstruction: 40 });
  const rows = rowsOf(14, 4000, 8);
  for (let r = 500; r < 3500; r++) rows.row(r).set(rows.row(0));
  await index.add(numbered(0, 4000), rows);
  const same = await index.search(rows.row(0), { k: 50 });
  assert.ok(same.hits.every(({ score }) => score === 0));
  const others = Matrix.of(numbered(3500, 200).map((r) => rows.row(r)));
  const truth = await index.searchMany(others, { exact: true });
  assert.ok(sharedWith(await index.searchMany(others), truth) >= 0.93);
});

test("searches while vectors are being added see all of a call or nothing of it", async () => {
  await using index = new HnswIndex({ dim: DIM, metric: "cosine", workers: 1, efConstruction: 60 });
  await index.add(numbered(0, 2500), rowsOf(15, 2500));
  const added = rowsOf(16, 2500);
  const state = { whole: false };
  const adding = index.add(numbered(5000, 2500), added).then(() => (state.whole = true));
  let before = 0;
  for (let q = 0; !state.whole; q = (q + 1) % 2500) {
    const { hits } = await index.search(added.row(q), { k: 1 });
    const seen = hits[0]!.key === 5000 + q;
    assert.ok(!seen || index.count === 5000, "a vector of a call that is not whole yet");
    if (!seen) before++;
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await adding;
  assert.ok(before > 0, "no search came in between");
  assert.equal((await index.search(added.row(7), { k: 1 })).hits[0]!.key, 5007);
});

test("exact searches while the index moves to a larger memory are exact", async () => {
  await using index = new HnswIndex({ dim: DIM, metric: "dot", workers: 0, efConstruction: 20 });
  await index.add(numbered(0, 2500), rowsOf(18, 2500));
  const queries = rowsOf(19, 40);
  const before = await index.searchMany(queries, { exact: true });
  const state = { whole: false };
  const adding = index.add(numbered(9000, 1500), rowsOf(20, 1500)).then(() => (state.whole = true));
  for (let q = 0; !state.whole; q = (q + 1) % 40) {
    const answer = await index.search(queries.row(q), { exact: true });
    if (index.count === 2500) assert.deepEqual(answer, before[q]);
  }
  await adding;
});

test("scores of nearly exact answers are those of exact ones, to the rounding of float32", async () => {
  for (const metric of ["cosine", "dot", "euclidean"] as const) {
    for (const dim of [DIM, 37]) {
      await using index = new HnswIndex({ dim, metric, workers: 0, efConstruction: 20, graphFrom: 500 });
      await index.add(numbered(0, 600), rowsOf(21, 600, dim));
      const queries = rowsOf(22, 30, dim);
      const near = await index.searchMany(queries, { efSearch: 600, rerank: 600 });
      const truth = await index.searchMany(queries, { exact: true });
      for (const [q, { hits, exact }] of near.entries()) {
        assert.equal(exact, false);
        hits.forEach(({ score }, i) => {
          const size = metric === "cosine" ? 1 : 40; // no product of lengths is larger
          assert.ok(Math.abs(score - truth[q]!.hits[i]!.score) <= (dim + 4) * 2 ** -24 * size, `${metric}, hit ${i}`);
        });
      }
    }
  }
});

test("settings by hand take the place of calibrated ones", async () => {
  await using index = await lived({ workers: 0 });
  const queries = rowsOf(17, 200);
  const truth = await index.searchMany(queries, { exact: true });
  const narrow = await index.searchMany(queries, { efSearch: 10, rerank: 10 });
  const wide = await index.searchMany(queries, { efSearch: 300, rerank: 60 });
  assert.ok(sharedWith(narrow, truth) < sharedWith(wide, truth));
  assert.ok(sharedWith(wide, truth) > 0.99);
  assert.ok(narrow[0]!.recall < wide[0]!.recall);
});

test("options out of their range are refused by name", () => {
  for (const [name, value] of [
    ["M", 3],
    ["efConstruction", 1.5],
    ["workers", -1],
    ["graphFrom", 0],
  ] as const) {
    assert.throws(
      () => new HnswIndex({ dim: 4, [name]: value }),
      (error) => error instanceof LociError && error.message.includes(name),
    );
  }
});
