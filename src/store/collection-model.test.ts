/**
 * A collection against a Map: whatever is written, closed and opened again, the answers are those that looking at everything gives.
 */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { HashingEncoder } from "../embed/index.ts";
import { cosine } from "../math/index.ts";
import { Collection } from "./collection.ts";
import type { CollectionOptions, NewDocument } from "./collection-types.ts";
import { MemoryStore } from "./memory-store.ts";

const encoder = new HashingEncoder({ dim: 16 });

interface Plain extends NewDocument {
  readonly meta: { readonly color: string };
}

type Operation =
  | { readonly kind: "upsert"; readonly documents: readonly Plain[] }
  | { readonly kind: "add"; readonly documents: readonly Plain[] }
  | { readonly kind: "remove"; readonly ids: readonly string[] }
  | { readonly kind: "search"; readonly text: string; readonly k: number; readonly color: string | undefined }
  | { readonly kind: "reopen" }
  | { readonly kind: "prepare" };

const id = fc.constantFrom("a", "b", "c", "d", "e", "f");
const word = fc.constantFrom("red", "green", "apple", "pear", "house", "x");
const text = fc.array(word, { maxLength: 6 }).map((words) => words.join(" "));
const color = fc.constantFrom("red", "blue");
const document = fc.record({ id, text, color }).map(({ id, text, color }): Plain => ({ id, text, meta: { color } }));
const documents = fc.uniqueArray(document, { selector: (one) => one.id, minLength: 1, maxLength: 4 });
const operation: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 4, arbitrary: documents.map((documents) => ({ kind: "upsert" as const, documents })) },
  { weight: 2, arbitrary: documents.map((documents) => ({ kind: "add" as const, documents })) },
  { weight: 2, arbitrary: fc.array(id, { maxLength: 3 }).map((ids) => ({ kind: "remove" as const, ids })) },
  {
    weight: 5,
    arbitrary: fc
      .record({ text, k: fc.integer({ min: 1, max: 8 }), color: fc.constantFrom(undefined, "red", "blue") })
      .map((asked) => ({ kind: "search" as const, ...asked })),
  },
  { weight: 1, arbitrary: fc.constant({ kind: "reopen" as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: "prepare" as const }) },
);

interface World {
  docs: Collection;
  /** Insertion order is the order of chunk numbers, which breaks ties: a replaced document goes to the end. */
  readonly model: Map<string, Plain>;
  readonly reopen: () => Promise<Collection>;
}

async function apply(world: World, operation: Operation): Promise<void> {
  const { docs, model } = world;
  const put = (document: Plain): void => {
    model.delete(document.id);
    model.set(document.id, document);
  };
  switch (operation.kind) {
    case "upsert":
      await docs.upsert(operation.documents);
      operation.documents.forEach(put);
      return;
    case "add":
      if (operation.documents.some((one) => model.has(one.id))) {
        await assert.rejects(docs.add(operation.documents), { code: "bad-argument" });
        return;
      }
      await docs.add(operation.documents);
      operation.documents.forEach(put);
      return;
    case "remove":
      assert.equal(await docs.remove(operation.ids), new Set(operation.ids.filter((one) => model.has(one))).size);
      operation.ids.forEach((one) => model.delete(one));
      return;
    case "search":
      return searchLike(world, operation);
    case "reopen":
      await docs.close();
      world.docs = await world.reopen();
      return;
    case "prepare":
      return docs.prepare();
  }
}

async function searchLike({ docs, model }: World, { text, k, color }: Operation & { kind: "search" }): Promise<void> {
  const filter = color === undefined ? {} : { filter: { color } };
  const passing = [...model].filter(
    ([, one]) => (color === undefined || one.meta.color === color) && one.text.trim() !== "",
  );
  const rows = await encoder.embed([text, ...passing.map(([, one]) => one.text)]);
  const scored = passing.map(([id], i) => ({ id, score: cosine(rows.row(0), rows.row(i + 1)), place: i }));
  const expected = scored.sort((a, b) => b.score - a.score || a.place - b.place).slice(0, k);
  const { hits, exact } = await docs.search(text, { k, mode: "vector", ...filter });
  assert.deepEqual(
    hits.map(({ id, score }) => ({ id, score })),
    expected.map(({ id, score }) => ({ id, score })),
  );
  assert.equal(exact, true);

  const words = new Set(text.split(" ").filter(Boolean));
  const sharing = passing.filter(([, one]) => one.text.split(" ").some((word) => words.has(word))).map(([id]) => id);
  const byWords = await docs.search(text, { k: 8, mode: "keyword", ...filter });
  assert.deepEqual(byWords.hits.map(({ id }) => id).sort(), sharing.sort());

  const hybrid = await docs.search(text, { k, ...filter });
  // Words alone decide where the question points nowhere.
  const enough = words.size > 0 ? passing.length : 0;
  assert.equal(hybrid.hits.length, Math.min(k, enough));
  assert.equal(
    await docs.count(filter.filter),
    [...model.values()].filter((one) => color === undefined || one.meta.color === color).length,
  );
}

async function holds(open: () => Promise<Collection>, operations: readonly Operation[]): Promise<void> {
  const world: World = { docs: await open(), model: new Map(), reopen: open };
  try {
    for (const one of operations) await apply(world, one);
    assert.deepEqual(await world.docs.verify(), []);
    for (const id of ["a", "b", "c", "d", "e", "f"])
      assert.equal((await world.docs.get(id))?.text, world.model.get(id)?.text);
  } finally {
    await world.docs.close();
  }
}

const program = fc.array(operation, { minLength: 1, maxLength: 25 });

for (const [name, options] of [
  ["an index that looks at everything", {}],
  ["a graph index, saved and opened", { index: { kind: "hnsw", workers: 0 } }],
] satisfies [string, CollectionOptions][]) {
  test(`in memory, with ${name}, a collection does what a Map does`, async () => {
    await fc.assert(
      fc.asyncProperty(program, async (operations) => {
        const store = new MemoryStore();
        store.close = async () => {}; // what "reopen" opens again
        await holds(() => Collection.open({ store, encoder, ...options }), operations);
      }),
      { seed: 11, numRuns: 35 },
    );
  });
}

test("in a file, closed and opened again in between, a collection does what a Map does", async () => {
  const folder = mkdtempSync(join(tmpdir(), "loci-collection-"));
  let number = 0;
  try {
    await fc.assert(
      fc.asyncProperty(program, async (operations) => {
        const path = join(folder, `${number++}.db`);
        await holds(
          () => Collection.open(path, { encoder, index: { kind: number % 2 === 0 ? "hnsw" : "flat", workers: 0 } }),
          operations,
        );
      }),
      { seed: 12, numRuns: 5 },
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});
