import assert from "node:assert/strict";
import { test } from "node:test";
import { Matrix, bytesSource } from "../core/index.ts";
import { HashingEncoder } from "../embed/index.ts";
import { cosine } from "../math/index.ts";
import { Collection } from "./collection.ts";
import type { CollectionOptions } from "./collection-types.ts";
import type { Filter } from "./filter.ts";
import { MemoryStore } from "./memory-store.ts";

const encoder = new HashingEncoder();

const open = (options: CollectionOptions = {}): Promise<Collection> =>
  Collection.open({ store: new MemoryStore(), encoder, ...options });

const HELP = [
  { id: "reset", text: "How to reset a password", meta: { lang: "en", year: 2021 } },
  { id: "hours", text: "The office opens at nine and closes at five", meta: { lang: "en", year: 2019 } },
  { id: "oeffnung", text: "Das Büro öffnet um neun", meta: { lang: "de", year: 2022 } },
  { id: "lost", text: "What to do with a lost password card", meta: { lang: "en", year: 2022 } },
];

const ids = ({ hits }: { readonly hits: readonly { readonly id: string }[] }): string[] => hits.map(({ id }) => id);

test("what was added is found by its words, with its document, its place and what each side said", async () => {
  await using docs = await open();
  assert.deepEqual(await docs.add(HELP), { documents: 4, chunks: 4, version: 1 });
  const { hits, mode, exact, recall } = await docs.search("reset my password", { k: 1 });
  assert.deepEqual([mode, exact, recall], ["hybrid", true, 1]);
  const [hit] = hits;
  assert.equal(hit!.id, "reset");
  assert.equal(hit!.text, "How to reset a password");
  assert.deepEqual(hit!.range, { start: 0, end: 23 });
  assert.deepEqual(hit!.meta, { lang: "en", year: 2021 });
  assert.equal(hit!.score, 1); // best on both sides
  const rows = await encoder.embed(["reset my password", "How to reset a password"]);
  assert.equal(hit!.parts.vector, cosine(rows.row(0), rows.row(1)));
  assert.ok(hit!.parts.keyword! > 0);
  assert.equal(hit!.percentile, undefined); // 6 pairs are too few to speak of per cent
});

test("with enough to compare with, a hit says how unusual its closeness is, the same in every process", async () => {
  const store = new MemoryStore();
  const docs = await Collection.open({ store, encoder });
  await docs.add([
    ...HELP,
    ...Array.from({ length: 60 }, (_, i) => ({ id: `${i}`, text: `page ${i} of ${i % 7} and ${i % 5}` })),
  ]);
  const { hits } = await docs.search("How to reset a password", { k: 64, mode: "vector" });
  assert.equal(hits[0]!.percentile, 100);
  assert.ok(hits.every(({ percentile }, i) => i === 0 || percentile! <= hits[i - 1]!.percentile!));
  assert.ok(hits.at(-1)!.percentile! < 50);
  await docs.add([{ id: "one more", text: "one more" }]);
  const reader = await Collection.open({ store, encoder, readOnly: true });
  const again = await reader.search("How to reset a password", {
    k: 64,
    mode: "vector",
    filter: { lang: { exists: true } },
  });
  for (const { id, percentile } of again.hits) assert.equal(percentile, hits.find((hit) => hit.id === id)!.percentile);
});

test("a filter lets through as many hits as match, up to k, however far they are from the question", async () => {
  await using docs = await open();
  await docs.add(HELP);
  assert.deepEqual(ids(await docs.search("reset my password", { k: 3, filter: { lang: "de" } })), ["oeffnung"]);
  const recent = await docs.search("reset my password", { k: 2, filter: { year: { gte: 2022 } }, mode: "vector" });
  assert.deepEqual(ids(recent).sort(), ["lost", "oeffnung"]);
  assert.deepEqual(ids(await docs.search("password", { filter: { lang: "fr" } })), []);
});

test("each mode scores in its own way", async () => {
  await using docs = await open();
  await docs.add(HELP);
  const vector = await docs.search("password", { mode: "vector" });
  assert.deepEqual(
    vector.hits.map(({ score }) => score),
    vector.hits.map(({ parts }) => parts.vector),
  );
  assert.equal(vector.hits.length, 4);
  const keyword = await docs.search("password", { mode: "keyword" });
  assert.deepEqual(
    keyword.hits.map(({ score }) => score),
    keyword.hits.map(({ parts }) => parts.keyword),
  );
  assert.deepEqual(ids(keyword).sort(), ["lost", "reset"]);
  assert.ok(keyword.hits.every(({ parts, percentile }) => parts.vector === undefined && percentile === undefined));
  const ranks = await docs.search("password", { fusion: "reciprocal-rank", k: 1 });
  assert.ok(ranks.hits[0]!.score <= 2 / 61);
  const words = await docs.search("password", { weights: { keyword: 1, vector: 0 } });
  assert.deepEqual(ids(words).slice(0, 2), ids(keyword));
});

test("what only words found gets its closeness too, however many lie closer", async () => {
  await using docs = await open();
  const near = Array.from({ length: 500 }, (_, i) => ({ id: `near${i}`, text: `alpha beta gamma ${i}` }));
  await docs.add([...near, { id: "far", text: `omega ${"other words that pull it away ".repeat(5)}` }]);
  const { hits } = await docs.search("alpha beta gamma omega", { k: 10 });
  const [first] = hits;
  assert.equal(first!.id, "far"); // the only one with the rare word
  const rows = await encoder.embed(["alpha beta gamma omega", first!.text]);
  assert.equal(first!.parts.vector, cosine(rows.row(0), rows.row(1)));
});

test("a vector of one's own asks too, alone or beside a text", async () => {
  await using docs = await open();
  await docs.add(HELP);
  const vector = (await encoder.embed(["Das Büro öffnet um neun"])).row(0);
  assert.equal((await docs.search({ vector }, { k: 1 })).hits[0]!.id, "oeffnung");
  const both = await docs.search({ text: "password", vector }, { k: 4 });
  assert.equal(both.mode, "hybrid");
  assert.equal(both.hits.length, 4);
  await assert.rejects(docs.search({ vector: [1, 2] }), { code: "dim-mismatch" });
  await assert.rejects(docs.search({ vector: vector.map(() => NaN) }), { code: "bad-argument" });
  await assert.rejects(docs.search({ vector }, { mode: "hybrid" }), { code: "bad-argument", message: /needs a text/ });
});

test("adding an id that is there is refused, and nothing of the batch is written", async () => {
  await using docs = await open();
  await docs.add(HELP);
  const more = [
    { id: "new", text: "New" },
    { id: "reset", text: "Again" },
  ];
  await assert.rejects(docs.add(more), {
    code: "bad-argument",
    message: /"reset" is in this collection already.*upsert/,
  });
  assert.equal(await docs.count(), 4);
  assert.equal((await docs.upsert(more)).documents, 2);
  assert.equal((await docs.get("reset"))!.text, "Again");
  assert.equal(await docs.count(), 5);
  assert.deepEqual(ids(await docs.search("reset", { mode: "keyword" })), []);
});

test("what is removed is not found any more", async () => {
  await using docs = await open();
  await docs.add(HELP);
  assert.ok(ids(await docs.search("password")).includes("reset"));
  assert.equal(await docs.remove(["reset", "nobody"]), 1);
  assert.deepEqual(ids(await docs.search("password")).sort(), ["hours", "lost", "oeffnung"]);
  assert.equal(await docs.get("reset"), undefined);
  assert.equal(await docs.count({ lang: "en" }), 2);
});

test("a chunker cuts texts, and each chunk is found with its range; one hit a document where that is asked for", async () => {
  const lines = (text: string) =>
    [...text.matchAll(/[^\n]+/g)].map(({ index, 0: line }) => ({ start: index, end: index + line.length }));
  await using docs = await open({ chunk: lines });
  await docs.add([
    { id: "menu", text: "pizza with cheese\npizza with ham\npizza with tuna" },
    { id: "list", text: "cheese\nham" },
  ]);
  const { hits } = await docs.search("pizza with ham", { k: 3 });
  assert.equal(hits[0]!.text, "pizza with ham");
  assert.deepEqual(hits[0]!.range, { start: 18, end: 32 });
  const apart = await docs.search("pizza with ham", { k: 2, perDocument: 1 });
  assert.deepEqual(ids(apart), ["menu", "list"]);
  assert.equal((await docs.chunksOf("menu")).length, 3);
});

test("one hit a document reaches past any number of chunks of the best document", async () => {
  await using docs = await open();
  const text = "apple ".repeat(300);
  const chunks = Array.from({ length: 300 }, (_, i) => ({ start: 6 * i, end: 6 * i + 5 }));
  await docs.add([
    { id: "orchard", text, chunks },
    { id: "pear", text: "pear" },
    { id: "plum", text: "plum" },
  ]);
  for (const mode of ["vector", "hybrid"] as const) {
    assert.deepEqual(ids(await docs.search("apple", { k: 3, perDocument: 1, mode })).sort(), [
      "orchard",
      "pear",
      "plum",
    ]);
  }
});

test("diversity puts something else before a twin of the first hit", async () => {
  await using docs = await open();
  await docs.add([
    { id: "a", text: "reset the password of your account" },
    { id: "twin", text: "reset the password of your account" },
    { id: "other", text: "password rules for guests and other people" },
  ]);
  const search = async (diversity: number) =>
    ids(await docs.search("reset password", { k: 2, mode: "vector", diversity }));
  assert.deepEqual(await search(0), ["a", "twin"]);
  assert.deepEqual(await search(0.8), ["a", "other"]);
});

test("without an encoder there is keyword search, and vectors that come with the documents", async () => {
  await using words = await open({ encoder: undefined as never });
  await words.add([{ id: "a", text: "red apple" }]);
  const answer = await words.search("apple");
  assert.deepEqual([answer.mode, ids(answer)], ["keyword", ["a"]]);
  await assert.rejects(words.search("apple", { mode: "hybrid" }), {
    code: "bad-argument",
    message: /needs an encoder/,
  });

  await using own = await Collection.open({ store: new MemoryStore(), space: { name: "mine", dim: 2 } });
  await own.add([
    { id: "x", text: "east", vectors: Matrix.of([[1, 0]]) },
    { id: "y", text: "north", vectors: Matrix.of([[0, 2]]) },
  ]);
  assert.deepEqual(ids(await own.search({ vector: [0.1, 1] })), ["y", "x"]);
  await assert.rejects(own.add([{ id: "z", text: "west" }]), { code: "bad-argument", message: /"z" has none/ });
});

test("another encoder is refused even at equal width, with both names and the command that migrates", async () => {
  const store = new MemoryStore();
  const docs = await Collection.open({ store, encoder });
  await docs.add(HELP);
  const other = new HashingEncoder({ seed: 2 });
  await assert.rejects(Collection.open({ store: keptOpen(store), encoder: other }), {
    code: "wrong-space",
    message: /"hashing-64-1".*"hashing-64-2".*loci migrate/s,
  });
  await assert.rejects(Collection.open({ store: keptOpen(store), encoder, metric: "dot" }), { code: "wrong-space" });
});

test("a collection opened for reading refuses to write, and still answers", async () => {
  const store = new MemoryStore();
  const docs = await Collection.open({ store, encoder });
  await docs.add(HELP);
  const reader = await Collection.open({ store, encoder, readOnly: true });
  assert.deepEqual(ids(await reader.search("reset", { k: 1 })), ["reset"]);
  for (const write of [
    reader.add([]),
    reader.upsert(HELP),
    reader.remove(["reset"]),
    reader.compact(),
    reader.migrate(encoder),
  ])
    await assert.rejects(write, { code: "read-only" });
});

test("documents may come as a stream; each group that was written stays when a later one fails", async () => {
  await using docs = await open();
  async function* stream() {
    for (let i = 0; i < 600; i++) yield { id: `${i}`, text: `number ${i}` };
    throw new Error("the line broke");
  }
  await assert.rejects(docs.add(stream()), { message: "the line broke" });
  assert.equal(await docs.count(), 512);
});

test("an aborted add of an array leaves nothing, and steps tell how far it is", async () => {
  await using docs = await open();
  const many = Array.from({ length: 1000 }, (_, i) => ({ id: `${i}`, text: `number ${i} of many` }));
  const abort = new AbortController();
  const phases: string[] = [];
  const onStep = ({ phase, done }: { phase: string; done: number }) => {
    phases.push(phase);
    if (done >= 256) abort.abort();
  };
  await assert.rejects(docs.add(many, { signal: abort.signal, onStep }), { name: "AbortError" });
  assert.ok(phases.includes("embed"));
  assert.equal(await docs.count(), 0);
  assert.equal((await docs.add(many)).documents, 1000);
});

test("writes that are asked for at once do not mix, and one of two adds of one id is refused", async () => {
  await using docs = await open();
  const settled = await Promise.allSettled([
    docs.add([{ id: "a", text: "first" }]),
    docs.add([{ id: "a", text: "second" }]),
    ...Array.from({ length: 20 }, (_, i) => docs.upsert([{ id: `${i % 5}`, text: `turn ${i}` }])),
    docs.search("turn"),
  ]);
  assert.equal(settled.filter(({ status }) => status === "rejected").length, 1);
  assert.equal(await docs.count(), 6);
  assert.equal((await docs.search("turn", { k: 10 })).hits.length, 6);
  assert.deepEqual(await docs.verify(), []);
});

test("an empty collection and an empty text answer with nothing", async () => {
  await using docs = await open();
  for (const mode of ["hybrid", "vector", "keyword"] as const)
    assert.deepEqual((await docs.search("x", { mode })).hits, []);
  await docs.add([{ id: "empty", text: "  " }]);
  assert.deepEqual((await docs.search("x")).hits, []);
  assert.equal(await docs.count(), 1);
  await docs.add([{ id: "full", text: "words" }]);
  // A question in which the encoder finds nothing points nowhere: words alone decide, and there are none.
  assert.equal((await docs.search("")).hits.length, 0);
});

test("options out of their range are refused by name", async () => {
  await using docs = await open();
  await docs.add(HELP);
  for (const options of [
    { k: 0 },
    { diversity: 2 },
    { perDocument: 0 },
    { mode: "magic" as never },
    { fusion: "sum" as never },
  ])
    await assert.rejects(docs.search("x", options), { code: "bad-argument" });
  await assert.rejects(docs.add([{ id: "", text: "x" }]), { code: "bad-argument" });
  await assert.rejects(docs.add([{ id: "x", text: 5 as never }]), { code: "bad-argument" });
  await assert.rejects(docs.add([{ id: "x", text: "abc", chunks: [{ start: 0, end: 9 }] }]), { code: "bad-argument" });
});

test("over a store that searches vectors itself the answers are the store's, with the recall that prepare measured", async () => {
  const store = new MemoryStore();
  const own = await Collection.open({ store, encoder });
  await own.add(
    Array.from({ length: 120 }, (_, i) => ({
      id: `${i}`,
      text: `page ${i} on ${i % 7} and ${i % 5}`,
      meta: { odd: i % 2 === 1 },
    })),
  );
  // A server that forgets every third neighbour, unless it is asked to look at everything.
  const index = await own.sources("vector");
  const asked: unknown[] = [];
  const server = new Proxy(store, {
    get: (target, name) => {
      if (name === "nearest")
        return async (
          query: Float32Array,
          { k, filter, exact = false }: { k: number; filter?: Filter; exact?: boolean },
        ) => {
          asked.push({ k, filter, exact });
          const { hits } = await index.side!.nearest(query, { k: exact ? k : 2 * k, filter });
          return exact ? hits : hits.filter((_, i) => i % 3 !== 2).slice(0, k);
        };
      const value = Reflect.get(target, name, target) as unknown;
      return typeof value === "function" ? (value.bind(target) as unknown) : value;
    },
  });
  const docs = await Collection.open({ store: server, encoder });
  const before = await docs.search("page 7 on 0 and 2", { k: 3, filter: { odd: true } });
  assert.equal(before.hits[0]!.id, "7");
  assert.deepEqual([before.exact, before.recall], [false, NaN]);
  assert.deepEqual(asked, [{ k: 100, filter: { odd: true }, exact: false }]);
  await docs.prepare();
  const after = await docs.search("page 7 on 0 and 2", { mode: "vector" });
  assert.ok(after.recall > 0.6 && after.recall < 0.8); // 7 of 10
  const exact = await docs.search("page 7 on 0 and 2", { mode: "vector", exact: true });
  assert.deepEqual([exact.exact, exact.recall], [true, 1]);
  assert.deepEqual(exact.hits, (await own.search("page 7 on 0 and 2", { mode: "vector" })).hits);
  assert.equal((await docs.info()).index, "store");
  assert.equal((await docs.nearDuplicates({ threshold: 0.999 })).pairs.length, 0);
});

test("weights fitted to judged questions are kept with the collection, and used", async () => {
  const store = new MemoryStore();
  const docs = await Collection.open({ store, encoder });
  // Words mislead here: what is asked for shares none with the question, and lies at its very vector.
  const topics = Array.from({ length: 10 }, (_, i) => ({ question: `question${i} of the day`, right: `answer${i}` }));
  const rows = await encoder.embed(topics.map(({ question }) => question));
  await docs.add(
    topics.flatMap(({ question, right }, i) => [
      { id: right, text: `${right} is it`, vectors: new Matrix(rows.row(i).slice(), encoder.dim) },
      { id: `wrong${i}`, text: question },
      { id: `worse${i}`, text: `${question} again` },
    ]),
  );
  const judged = topics.map(({ question, right }) => ({ text: question, relevant: new Map([[right, 1]]) }));
  const looked = await docs.fitWeights(judged, { keep: false });
  assert.deepEqual((await docs.info()).weights, { keyword: 0.6, vector: 0.4 });
  const fitted = await docs.fitWeights(judged);
  assert.deepEqual(fitted, looked);
  assert.equal(fitted.kept, true);
  assert.ok(fitted.weights.vector > 0.5);
  assert.ok(fitted.ndcg.crossValidated > fitted.ndcg.default && fitted.ndcg.vector > fitted.ndcg.keyword);
  const again = await Collection.open({ store, encoder });
  assert.deepEqual((await again.info()).weights, fitted.weights);
  await assert.rejects(docs.fitWeights([]), { code: "bad-argument" });
});

test("near-duplicates are found among documents, not within one, and grouped", async () => {
  await using docs = await open();
  await docs.add([
    { id: "a", text: "the cat sat on the mat" },
    { id: "b", text: "the cat sat on the mat." },
    { id: "c", text: "quite another thing" },
    {
      id: "d",
      text: "twice twice",
      chunks: [
        { start: 0, end: 5 },
        { start: 6, end: 11 },
      ],
    },
  ]);
  const { pairs, groups } = await docs.nearDuplicates({ threshold: 0.99 });
  assert.deepEqual(
    pairs.map(({ a, b }) => [a.id, b.id]),
    [["a", "b"]],
  );
  assert.deepEqual(
    groups.map((group) => group.map(({ id }) => id)),
    [["a", "b"]],
  );
  const within = await docs.nearDuplicates({ threshold: 0.99, withinDocuments: true });
  assert.equal(within.pairs.length, 2);
});

test("an export, imported elsewhere, answers alike, without embedding anything anew", async () => {
  await using docs = await open();
  await docs.add([
    ...HELP,
    { id: "dated", text: "a day", meta: { day: new Date(5), tags: ["x", new Date(7), null] } },
    { id: "none", text: "" },
  ]);
  let text = "";
  for await (const line of docs.export()) text += line;
  const source = () => bytesSource("export.jsonl", new TextEncoder().encode(text));
  let embedded = 0;
  const counting = {
    ...plain(encoder),
    embed: (...given: Parameters<typeof encoder.embed>) => ((embedded += given[0].length), encoder.embed(...given)),
  };
  await using copy = await Collection.open({ store: new MemoryStore(), encoder: counting });
  assert.equal((await copy.import(source())).documents, 6);
  assert.equal(embedded, 0);
  for (const { id } of [...HELP, { id: "dated" }, { id: "none" }])
    assert.deepEqual(await copy.get(id), await docs.get(id));
  // Chunks get numbers of their own; all else is the same.
  const answers = async (of: Collection) =>
    (await of.search("password office")).hits.map((hit) => ({ ...hit, chunk: 0 }));
  assert.deepEqual(await answers(copy), await answers(docs));

  // Into a collection without an encoder: it takes over the space. Into another space: embedded anew.
  await using bare = await Collection.open({ store: new MemoryStore() });
  await bare.import(source());
  assert.equal(bare.space!.name, encoder.name);
  await using other = await Collection.open({ store: new MemoryStore(), encoder: new HashingEncoder({ dim: 8 }) });
  await other.import(source());
  assert.equal((await other.search("password", { mode: "vector" })).hits.length, 5);
});

test("an import that is not whole is refused with the line", async () => {
  await using docs = await open();
  await docs.add(HELP);
  const lines: string[] = [];
  for await (const line of docs.export()) lines.push(line);
  const refused = async (text: string, message: RegExp): Promise<void> => {
    await using into = await open();
    await assert.rejects(into.import(bytesSource("x.jsonl", new TextEncoder().encode(text))), {
      code: "bad-file",
      message,
    });
  };
  await refused("", /x\.jsonl is empty/);
  await refused("{}\n", /line 1 is not the first line/);
  await refused(lines.join("").slice(0, -30), /line 5 is not JSON/);
  await refused(`${lines[0]}${lines[1]!.replace(/"chunks":\[\[0/, '"chunks":[["0"')}`, /line 2: expected/);
  await refused(
    `${lines[0]}${lines[1]!.replace(/"vectors":"..../, '"vectors":"')}`,
    /line 2: expected 1 vectors of dim 64/,
  );
  await refused(
    `${lines[0]}${lines[1]!.replace(/"vectors":"/, '"vectors":"?')}`,
    /line 2: expected 1 vectors of dim 64.*something else/,
  );
});

/** A store that outlives the collection that is refused it. */
function keptOpen(store: MemoryStore): MemoryStore {
  return new Proxy(store, {
    get: (target, name) => {
      if (name === "close") return async () => {};
      const value = Reflect.get(target, name, target) as unknown;
      return typeof value === "function" ? (value.bind(target) as unknown) : value;
    },
  });
}

const plain = ({ name, dim, fingerprint }: HashingEncoder) => ({ name, dim, fingerprint });
