import assert from "node:assert/strict";
import { test } from "node:test";
import { Matrix, Rng } from "../core/index.ts";
import { Collection } from "./collection.ts";
import { CollectionIndex } from "./collection-index.ts";
import { searchOnce } from "./collection-search.ts";
import type { Filter } from "./filter.ts";
import { MemoryStore } from "./memory-store.ts";
import type { Store } from "./store.ts";

const DIM = 8;
const space = { name: "points", dim: DIM };
const index = { kind: "hnsw", graphFrom: 64, workers: 0 } as const;

function points(count: number, seed: number): Matrix {
  const matrix = Matrix.zeros(count, DIM);
  new Rng(seed).fillNormal(matrix.data);
  return matrix;
}

const documentsOf = (vectors: Matrix, from = 0) =>
  Array.from({ length: vectors.rows }, (_, r) => ({
    id: `${from + r}`,
    text: `point ${from + r}`,
    meta: { even: r % 2 === 0 },
    vectors: new Matrix(vectors.row(r).slice(), DIM),
  }));

/** A store that stays open, and counts what is read of it. */
class Watched extends MemoryStore {
  reads = 0;
  saved = 0;
  override close = async (): Promise<void> => {};
  override vectors(after?: number) {
    this.reads++;
    return super.vectors(after);
  }
  override saveSnapshot(...given: Parameters<Store["saveSnapshot"]>) {
    this.saved++;
    return super.saveSnapshot(...given);
  }
}

const open = (store: Store, readOnly = false): Promise<Collection> =>
  Collection.open({ store, space, index, readOnly });

async function nearestTo(docs: Collection, vector: Float32Array): Promise<string> {
  return (await docs.search({ vector }, { k: 1, recall: 0.99 })).hits[0]!.id;
}

test("the index is saved when the collection closes, and opened without reading the vectors again", async () => {
  const store = new Watched();
  const vectors = points(160, 1);
  const docs = await open(store);
  await docs.add(documentsOf(vectors));
  assert.equal(await nearestTo(docs, vectors.row(17)), "17");
  assert.equal((await docs.info()).index, "hnsw");
  await docs.close();
  assert.equal(store.saved, 1);
  const { reads } = store;

  const again = await open(store);
  assert.equal((await again.info()).index, undefined); // nothing was asked, so nothing was opened
  for (const r of [0, 99, 159]) assert.equal(await nearestTo(again, vectors.row(r)), `${r}`);
  assert.equal(store.reads, reads);
  await again.close();
  assert.equal(store.saved, 1); // nothing had changed
});

test("a saved index is caught up with what was written since, by whomever", async () => {
  const store = new Watched();
  const vectors = points(160, 2);
  const docs = await open(store);
  await docs.add(documentsOf(vectors));
  await docs.prepare();
  const late = points(20, 3);
  const other = await Collection.open({ store, space, index: { kind: "flat" } });
  await other.add(documentsOf(late, 160));
  await other.remove(["5", "6"]);
  const { reads } = store;

  const reader = await open(store, true);
  for (const collection of [reader, docs]) {
    assert.equal(await nearestTo(collection, late.row(4)), "164");
    assert.notEqual(await nearestTo(collection, vectors.row(5)), "5");
    assert.equal((await collection.search({ vector: vectors.row(0) }, { k: 500 })).hits.length, 178);
  }
  assert.equal(store.reads, reads);
  for (const collection of [reader, docs]) assert.deepEqual(await collection.verify(), []);
});

test("a damaged saved index is built anew from the vectors", async () => {
  const store = new Watched();
  const vectors = points(100, 4);
  const docs = await open(store);
  await docs.add(documentsOf(vectors));
  await docs.prepare();
  const { fingerprint } = docs.space!;
  const { source, version } = (await store.snapshot(`index-${fingerprint}`))!;
  const bytes = new Uint8Array(source.bytes!);
  await source.readAt(0, bytes);
  for (const damage of [
    bytes.subarray(0, 100),
    new Uint8Array(500),
    flipped(bytes, bytes.length >> 1),
    flipped(bytes, 9),
  ]) {
    await MemoryStore.prototype.saveSnapshot.call(store, `index-${fingerprint}`, version, one(damage));
    const again = await open(store, true);
    for (const r of [3, 90]) assert.equal(await nearestTo(again, vectors.row(r)), `${r}`);
    assert.deepEqual(await again.verify(), []);
  }
});

test("where the store no longer knows what was written since, the index is built anew", async () => {
  const store = new Watched();
  const vectors = points(100, 5);
  const docs = await open(store);
  await docs.add(documentsOf(vectors));
  assert.equal(await nearestTo(docs, vectors.row(7)), "7");
  store.changes = async () => undefined;
  const other = await open(store);
  await other.remove(["7"]);
  assert.notEqual(await nearestTo(docs, vectors.row(7)), "7");
});

test("compact saves an index without what was removed; a collection without a saved one gets none", async () => {
  const store = new Watched();
  const docs = await open(store);
  await docs.add(documentsOf(points(200, 6)));
  await docs.compact();
  assert.equal(store.saved, 0);
  await docs.prepare();
  await docs.remove(Array.from({ length: 100 }, (_, i) => `${i}`));
  await docs.compact();
  assert.equal(store.saved, 2);
  const { index: held } = await new CollectionIndex(store, docs.space!, index).at(await store.version());
  assert.equal(held.count, 100);
  assert.deepEqual(
    [...held.keys()].filter((key) => (key as number) <= 100),
    [],
  );
});

test("verify tells of an index that holds other vectors than the store", async () => {
  const store = new Watched();
  const docs = await open(store);
  await docs.add(documentsOf(points(80, 7)));
  await docs.prepare();
  const whole = store.vectors.bind(store);
  store.vectors = async function* (after?: number) {
    for await (const { chunks, vectors } of whole(after)) {
      vectors.row(3)[0]! += 1;
      yield { chunks, vectors };
    }
  };
  assert.deepEqual(await docs.verify(), ["The vector index lacks 1 of 80 vectors, or holds others in their place."]);
});

test("a write between the filter and the search costs no hit: the question is asked again", async () => {
  const store = new Watched();
  const docs = await Collection.open({ store, space, index: { kind: "flat" } });
  const vectors = points(40, 10);
  await docs.add(documentsOf(vectors));
  const matching = (filter: Filter) => MemoryStore.prototype.matching.call(store, filter);
  let meddle = true;
  store.matching = async (filter) => {
    const chunks = await matching(filter);
    if (meddle) {
      meddle = false;
      await docs.remove(["0"]);
      await docs.add([{ ...documentsOf(vectors)[2]!, id: "late" }]);
      await docs.search({ vector: vectors.row(0) }, { k: 1 }); // brings the index up to now
    }
    return chunks;
  };
  const { hits } = await docs.search({ vector: vectors.row(0) }, { k: 40, filter: { even: true } });
  assert.equal(hits.length, 20);
  assert.ok(hits.some(({ id }) => id === "late"));
});

test("a hit that no longer passes the filter is never shown", async () => {
  const store = new Watched();
  const docs = await open(store);
  await docs.add(documentsOf(points(10, 11)));
  const sources = await docs.sources("vector");
  // What an index says whose slots were given to others since the filter was looked up.
  const side = {
    ...sources.side!,
    nearest: async () => ({ hits: [1, 2, 3].map((chunk) => ({ chunk, score: 1 })), exact: true, recall: 1 }),
  };
  const question = { mode: "vector", text: undefined, vector: points(1, 1).row(0) } as const;
  const options = { k: 3, filter: { even: true } };
  assert.equal(await searchOnce({ ...sources, side }, question, options), undefined);
  const settled = await searchOnce({ ...sources, side }, question, options, true);
  assert.deepEqual(
    settled!.hits.map(({ chunk }) => chunk),
    [1, 3],
  );
});

test("searches with filters while others write never bring up what does not match", async () => {
  const store = new Watched();
  const docs = await open(store);
  await docs.add(documentsOf(points(90, 8)));
  const vectors = points(200, 9);
  const now = { writing: true };
  const writes = (async () => {
    for (let turn = 0; turn < 20; turn++) {
      const at = (turn * 3) % 90;
      await docs.remove([`${at}`, `${at + 1}`]);
      await docs.add(
        documentsOf(new Matrix(vectors.data.subarray(turn * 2 * DIM, (turn * 2 + 2) * DIM), DIM), 1000 + 2 * turn),
      );
    }
    now.writing = false;
  })();
  let searches = 0;
  for (let turn = 0; now.writing; turn++) {
    const { hits } = await docs.search({ vector: vectors.row(turn % 200) }, { k: 7, filter: { even: true } });
    assert.equal(hits.length, 7);
    assert.ok(hits.every(({ meta }) => meta.even === true));
    searches++;
  }
  await writes;
  assert.ok(searches > 5);
  assert.deepEqual(await docs.verify(), []);
});

function flipped(bytes: Uint8Array, at: number): Uint8Array {
  const damaged = bytes.slice();
  damaged[at]! ^= 0x55;
  return damaged;
}

async function* one(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, void> {
  yield bytes;
}
