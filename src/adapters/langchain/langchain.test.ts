import assert from "node:assert/strict";
import { test } from "node:test";
import { Document } from "@langchain/core/documents";
import { LociError } from "../../core/index.ts";
import { HashingEncoder } from "../../embed/index.ts";
import { Collection, MemoryStore } from "../../store/index.ts";
import { LociEmbeddings, LociVectorStore } from "./index.ts";

const encoder = new HashingEncoder({ dim: 64 });
const documents = [
  new Document({ pageContent: "how to reset a password", metadata: { lang: "en", page: { first: 1 } } }),
  new Document({ pageContent: "invoices and payments", metadata: { lang: "en" } }),
  new Document({ pageContent: "das Passwort ändern", metadata: { lang: "de" } }),
];

const opened = () => Collection.open({ store: new MemoryStore(), encoder });

test("LangChain embeds with an encoder of Loci's", async () => {
  const embeddings = new LociEmbeddings(encoder);
  const expected = await encoder.embed(["a cat"]);
  assert.deepEqual(await embeddings.embedQuery("a cat"), [...expected.row(0)]);
  assert.deepEqual(await embeddings.embedDocuments(["a cat"]), [[...expected.row(0)]]);
});

test("a retriever of LangChain's finds documents in a collection, metadata unchanged", async () => {
  await using collection = await opened();
  const store = new LociVectorStore(collection);
  await store.addDocuments(documents);
  const [found] = await store.asRetriever({ k: 1 }).invoke("reset a password");
  assert.equal(found!.pageContent, "how to reset a password");
  assert.deepEqual(found!.metadata, { lang: "en", page: { first: 1 } });
});

test("flat metadata can be filtered by", async () => {
  await using collection = await opened();
  const store = new LociVectorStore(collection);
  await store.addDocuments(documents);
  const found = await store.similaritySearchWithScore("reset a password", 3, { lang: "de" });
  assert.deepEqual(
    found.map(([{ pageContent }]) => pageContent),
    ["das Passwort ändern"],
  );
  assert.ok(found[0]![1] <= 1);
});

test("adding a document twice keeps it once, and deleting it by the id it got removes it", async () => {
  await using collection = await opened();
  const store = new LociVectorStore(collection);
  const ids = await store.addDocuments(documents);
  assert.deepEqual(await store.addDocuments(documents), ids);
  assert.equal(await collection.count(), 3);
  await store.delete({ ids: [ids[0]!] });
  assert.equal(await collection.count(), 2);
});

test("vectors that were made elsewhere go in with their documents", async () => {
  await using collection = await opened();
  const store = new LociVectorStore(collection);
  const vectors = await new LociEmbeddings(encoder).embedDocuments(["something else entirely"]);
  await store.addVectors(vectors, [documents[1]!], { ids: ["mine"] });
  const [[found, score]] = (await store.similaritySearchVectorWithScore(vectors[0]!, 1)) as [[Document, number]];
  assert.equal(found.id, "mine");
  assert.ok(Math.abs(score - 1) < 1e-6);
});

test("a collection without an encoder is refused", async () => {
  await using collection = await Collection.open({ store: new MemoryStore() });
  assert.throws(() => new LociVectorStore(collection), LociError);
});
