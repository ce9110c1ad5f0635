import assert from "node:assert/strict";
import { test } from "node:test";
import { Vocabulary, Matrix } from "../core/index.ts";
import { type Encoder, HashingEncoder, StaticEncoder } from "../embed/index.ts";
import { Embedding } from "../table/index.ts";
import { Collection } from "./collection.ts";
import type { CollectionOptions } from "./collection-types.ts";
import { MemoryStore } from "./memory-store.ts";
import type { MigrationComparison } from "./migrate.ts";

const before = new HashingEncoder({ seed: 1 });
const after = new HashingEncoder({ seed: 2 }); // of the same width: only its fingerprint tells

const WORDS = ["red", "green", "blue", "apple", "pear", "plum", "house", "tree", "road"];
const documents = Array.from({ length: 700 }, (_, i) => ({
  id: `${i}`,
  text: `${WORDS[i % 9]} ${WORDS[(i * 5 + 3) % 9]} number${i}`,
}));

async function filled(
  options: CollectionOptions = {},
  count = documents.length,
): Promise<{ store: MemoryStore; docs: Collection }> {
  const store = new MemoryStore();
  store.close = async () => {};
  const docs = await Collection.open({ store, encoder: before, ...options });
  await docs.add(documents.slice(0, count));
  return { store, docs };
}

/** An encoder that fails once it has embedded so many texts. */
function failingAfter(texts: number, of: Encoder): Encoder & { embedded: number } {
  return {
    name: of.name,
    dim: of.dim,
    fingerprint: of.fingerprint,
    embedded: 0,
    async embed(given, options) {
      if (this.embedded + given.length > texts) throw new Error("the server is gone");
      this.embedded += given.length;
      return of.embed(given, options);
    },
  };
}

const best = async (docs: Collection, text: string): Promise<string> =>
  (await docs.search(text, { k: 1, mode: "vector" })).hits[0]!.id;

test("after a migration the collection answers in the new space, and refuses the old encoder", async () => {
  const { store, docs } = await filled();
  assert.equal(await best(docs, documents[33]!.text), "33");
  const { switched, comparison, version } = await docs.migrate(after, { samples: 50 });
  assert.equal(switched, true);
  assert.equal(version, 2);
  assert.equal(comparison.chunks, 700);
  assert.equal(comparison.samples, 50);
  // Many texts share their two words, and which ten of them come first is chance; all of chance would be 0.01.
  assert.ok(comparison.neighborOverlap! > 0.05 && comparison.neighborOverlap! < 1);
  assert.deepEqual([comparison.from!.name, comparison.to.name], [before.name, after.name]);
  assert.equal(docs.encoder, after);
  assert.equal(await best(docs, documents[33]!.text), "33");
  assert.deepEqual(await docs.verify(), []);
  const reopened = await Collection.open({ store, encoder: after });
  assert.equal(await best(reopened, documents[61]!.text), "61");
  await assert.rejects(Collection.open({ store, encoder: before }), { code: "wrong-space" });
  await assert.rejects(docs.migrate(after), { code: "bad-argument", message: /already/ });
});

test("the same space compared with itself under another name agrees on all neighbours", async () => {
  const { docs } = await filled();
  const twin: Encoder = {
    name: "twin",
    dim: before.dim,
    fingerprint: "twin",
    embed: (texts, options) => before.embed(texts, options),
  };
  const { comparison } = await docs.migrate(twin, { samples: 30 });
  assert.equal(comparison.neighborOverlap, 1);
});

test("a migration that failed goes on where it was, and the old space answers all the while", async () => {
  const { store, docs } = await filled();
  const failing = failingAfter(600, after);
  await assert.rejects(docs.migrate(failing), { message: "the server is gone" });
  assert.equal(await best(docs, documents[5]!.text), "5");
  assert.deepEqual((await docs.info()).migration, {
    space: { ...docs.space!, name: after.name, fingerprint: after.fingerprint },
    written: 512,
    missing: 188,
  });

  // Another process: it knows only what lies in the store.
  const again = await Collection.open({ store, encoder: before });
  await again.add([{ id: "late", text: "a late newcomer" }]);
  await again.remove(["0"]);
  const counted = failingAfter(189 + 400, after);
  await again.migrate(counted, { samples: 0 });
  assert.equal(counted.embedded, 188 + 1);
  assert.equal(await best(again, "a late newcomer"), "late");
  assert.deepEqual(await again.verify(), []);
});

test("what is written while the migration runs is in the new space too", async () => {
  const { docs } = await filled();
  let turns = 0;
  const busy: Encoder = {
    name: after.name,
    dim: after.dim,
    fingerprint: after.fingerprint,
    async embed(texts, options) {
      turns++;
      if (turns === 2)
        await docs.upsert([
          { id: "1", text: "rewritten meanwhile" },
          { id: "new", text: "brand new" },
        ]);
      if (turns === 4) await docs.remove(["2", "3"]);
      return after.embed(texts, options);
    },
  };
  const during: string[] = [];
  await docs.migrate(busy, {
    samples: 5,
    accept: async () => {
      during.push(await best(docs, "brand new"));
      await docs.add([{ id: "last", text: "at the last moment" }]);
      await docs.remove(["9"]);
      return true;
    },
  });
  assert.ok(turns >= 4);
  assert.deepEqual(during, ["new"]);
  for (const [text, id] of [
    ["rewritten meanwhile", "1"],
    ["brand new", "new"],
    ["at the last moment", "last"],
  ] as const)
    assert.equal(await best(docs, text), id);
  assert.equal(await docs.count(), 699);
  assert.deepEqual(await docs.verify(), []);
});

test("an add that was embedded before the switch and arrives after it is embedded anew", async () => {
  const { docs } = await filled();
  let release!: () => void;
  const held = new Promise<void>((resolve) => (release = resolve));
  const slow: Encoder = {
    name: before.name,
    dim: before.dim,
    fingerprint: before.fingerprint,
    async embed(texts, options) {
      const rows = await before.embed(texts, options);
      if (options?.purpose === "document") await held;
      return rows;
    },
  };
  const { store } = await filled();
  const own = await Collection.open({ store, encoder: slow });
  const adding = own.add([{ id: "between", text: "between the spaces" }]);
  await new Promise((resolve) => setTimeout(resolve, 20)); // the add is inside the encoder now
  await own.migrate(after, { samples: 0 });
  release();
  await adding;
  assert.equal(await best(own, "between the spaces"), "between");
  const chunk = (await own.chunksOf("between"))[0]!.chunk;
  assert.deepEqual((await store.vectorsOf([chunk])).data, (await after.embed(["between the spaces"])).data);
  await docs.close();
});

test("a question that was embedded before the switch and asked after it is embedded anew", async () => {
  const { store } = await filled();
  let release!: () => void;
  let begun!: () => void;
  const held = new Promise<void>((resolve) => (release = resolve));
  const inside = new Promise<void>((resolve) => (begun = resolve));
  const slow: Encoder = {
    name: before.name,
    dim: before.dim,
    fingerprint: before.fingerprint,
    async embed(texts, options) {
      begun();
      await held;
      return before.embed(texts, options);
    },
  };
  const docs = await Collection.open({ store, encoder: slow });
  const asked = docs.search(documents[44]!.text, { k: 1, mode: "vector" });
  await inside;
  await docs.migrate(after, { samples: 0 });
  release();
  const [hit] = (await asked).hits;
  assert.deepEqual([hit!.id, Math.round(hit!.score * 1e6)], ["44", 1e6]);
});

test("whoever does not like the comparison keeps the old space", async () => {
  const { store, docs } = await filled();
  let seen: MigrationComparison | undefined;
  const judged = documents.slice(0, 20).map(({ id, text }) => ({ text, relevant: new Map([[id, 1]]) }));
  const { switched } = await docs.migrate(after, {
    judged,
    samples: 10,
    accept: (comparison) => ((seen = comparison), false),
  });
  assert.equal(switched, false);
  assert.equal(seen!.judged!.questions, 20);
  assert.equal(seen!.judged!.from!.hybrid["ndcg@10"], 1);
  assert.equal(seen!.judged!.to.vector.mrr, 1);
  assert.equal(await store.migration(), undefined);
  assert.equal(docs.encoder, before);
  assert.equal(await best(docs, documents[7]!.text), "7");
});

test("a collection of words alone gets vectors by migrating", async () => {
  const store = new MemoryStore();
  const docs = await Collection.open({ store });
  await docs.add(documents.slice(0, 50));
  await assert.rejects(
    Collection.open({ store, encoder: after }).then((opened) => opened.add([{ id: "x", text: "y" }])),
    { code: "wrong-space" },
  );
  const { comparison } = await docs.migrate(after);
  assert.deepEqual([comparison.from, comparison.neighborOverlap], [undefined, undefined]);
  assert.equal((await docs.search("number7")).mode, "hybrid");
  assert.equal(await best(docs, documents[7]!.text), "7");
});

test("a graph index is saved in the new space before the switch, and the old one goes", async () => {
  const { store, docs } = await filled({ index: { kind: "hnsw", graphFrom: 64, workers: 0 } }, 120);
  await docs.prepare();
  await docs.migrate(after, { samples: 0 });
  assert.equal(await store.snapshot(`index-${before.fingerprint}`), undefined);
  const { version } = (await store.snapshot(`index-${after.fingerprint}`))!;
  assert.equal(version, await store.version());
  assert.equal(await best(docs, documents[100]!.text), "100");
});

test("an encoder kept in the collection opens with it, and goes with the space when it migrates", async () => {
  const words = (seed: number) =>
    StaticEncoder.from(
      new Embedding({
        vocabulary: new Vocabulary(WORDS),
        matrix: Matrix.of(WORDS.map((_, i) => WORDS.map((_, j) => (i === j ? 1 : ((i * 7 + j * 3 + seed) % 5) / 10)))),
      }),
    );
  const [first, second] = [await words(1), await words(2)];
  const store = new MemoryStore();
  store.close = async () => {};
  const docs = await Collection.open({ store, encoder: first, keepEncoder: true });
  await docs.add(documents.slice(0, 30));
  const reader = await Collection.open({ store, keptEncoder: true, readOnly: true });
  assert.equal(reader.encoder!.fingerprint, first.fingerprint);
  assert.deepEqual((await reader.search("red apple")).hits, (await docs.search("red apple")).hits);
  await docs.migrate(second);
  const migrated = await Collection.open({ store, keptEncoder: true });
  assert.equal(migrated.encoder!.fingerprint, second.fingerprint);
  const bare = await Collection.open({ store: new MemoryStore(), keptEncoder: true });
  assert.equal(bare.encoder, undefined);
  await assert.rejects(Collection.open({ store: new MemoryStore(), encoder: before, keepEncoder: true }), {
    code: "not-supported",
  });
});
