import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { gzipSync } from "node:zlib";
import { bytesSource } from "../core/index.ts";
import {
  type JudgedQuery,
  type RetrievalMeasure,
  compareRetrieval,
  evaluateRetrieval,
  openRetrievalSet,
  parseRetrievalPairs,
} from "./index.ts";

const query = (id: string, relevant: Record<string, number>): JudgedQuery => ({
  id,
  text: `question ${id}`,
  relevant: new Map(Object.entries(relevant)),
});

/** Answers by a table of rankings. */
const searching = (rankings: Record<string, string[]>) => (asked: JudgedQuery) => rankings[asked.id]!;

const near = (actual: number | undefined, expected: number) =>
  assert.ok(Math.abs(actual! - expected) < 1e-12, `${actual}`);

test("the worked example: two queries, every figure by hand", async () => {
  const queries = [query("1", { a: 2, b: 1, c: 0 }), query("2", { x: 1 })];
  const measures: RetrievalMeasure[] = [
    "ndcg@2",
    "ndcg@3",
    "recall@1",
    "recall@3",
    "precision@2",
    "mrr",
    "mrr@1",
    "map",
  ];
  const search = searching({ "1": ["c", "b", "a"], "2": ["y", "x"] });
  const { figures, count, rankings, intervals } = await evaluateRetrieval({ queries, search, measures });
  assert.equal(count, 2);
  assert.equal(intervals, undefined);
  const ideal = 2 + 1 / Math.log2(3);
  near(rankings[0]!.figures["ndcg@2"], 1 / Math.log2(3) / ideal);
  near(rankings[0]!.figures["ndcg@3"], (1 / Math.log2(3) + 2 / 2) / ideal);
  near(rankings[1]!.figures["ndcg@3"], 1 / Math.log2(3));
  near(figures["ndcg@2"], (1 / Math.log2(3) / ideal + 1 / Math.log2(3)) / 2);
  near(figures["recall@1"], 0);
  near(figures["recall@3"], 1);
  near(figures["precision@2"], (1 / 2 + 1 / 2) / 2);
  near(figures["mrr"], (1 / 2 + 1 / 2) / 2);
  near(figures["mrr@1"], 0);
  near(figures["map"], ((1 / 2 + 2 / 3) / 2 + 1 / 2) / 2);
});

test("queries for which nothing is relevant do not count, and are named", async () => {
  const queries = [query("1", { a: 1 }), query("2", { a: 0, b: -1 }), query("3", {})];
  const { count, skipped, figures } = await evaluateRetrieval({ queries, search: () => ["a"] });
  assert.deepEqual([count, skipped, figures["ndcg@10"]], [1, ["2", "3"], 1]);
});

test("as many documents are asked for as the measures need, and more than that do not count", async () => {
  const asked: number[] = [];
  const search = (_: JudgedQuery, k: number) => {
    asked.push(k);
    return [...Array.from({ length: 150 }, (_, i) => `no${i}`), "a"];
  };
  const queries = [query("1", { a: 1 })];
  const { figures } = await evaluateRetrieval({ queries, search, measures: ["mrr", "recall@120"] });
  assert.equal(figures["mrr"], 0);
  assert.equal((await evaluateRetrieval({ queries, search, measures: ["recall@200"] })).figures["recall@200"], 1);
  await evaluateRetrieval({ queries, search, measures: ["ndcg@10"] });
  assert.deepEqual(asked, [120, 200, 100]);
});

test("intervals hold the mean, and are the same each time", async () => {
  const queries = Array.from({ length: 40 }, (_, i) => query(String(i), { a: 1 }));
  const search = ({ id }: JudgedQuery) => (Number(id) % 3 ? ["a"] : ["b", "a"]);
  const run = async () => (await evaluateRetrieval({ queries, search, interval: true })).intervals!["mrr"]!;
  const { low, high } = await run();
  const figure = (26 * 1 + 14 / 2) / 40;
  assert.ok(low < figure && figure < high && low > 0.7 && high < 0.95, `${low} ${high}`);
  assert.deepEqual(await run(), { low, high, level: 0.95, resamples: 1000 });
});

test("two set-ups are compared query by query: difference, wins, losses, and the chance of it", async () => {
  const queries = Array.from({ length: 10 }, (_, i) => query(String(i), { a: 1 }));
  const of = (firstPlaces: number) =>
    evaluateRetrieval({
      queries,
      search: ({ id }) => (Number(id) < firstPlaces ? ["a"] : ["b", "a"]),
      measures: ["mrr"],
    });
  const [worse, better] = [await of(2), await of(8)];
  const found = compareRetrieval(worse, better, { measure: "mrr" });
  near(found.a, (2 + 8 / 2) / 10);
  near(found.b, (8 + 2 / 2) / 10);
  near(found.difference, 3 / 10);
  assert.deepEqual([found.better, found.worse, found.equal, found.count], [6, 0, 4, 10]);
  // Six equal differences: only +++++ + and ------ are as far from 0, 2 of 2⁶ signs.
  assert.ok(Math.abs(found.p - 2 / 64) < 0.006, `${found.p}`);
  assert.ok(found.interval.low > 0 && found.interval.high < 0.5);
  const same = compareRetrieval(better, better, { measure: "mrr" });
  assert.deepEqual([same.difference, same.p], [0, 1]);
});

test("results over other queries, and measures that were not taken, are not compared", async () => {
  const [one, other] = [[query("1", { a: 1 })], [query("2", { a: 1 })]];
  const [a, b] = await Promise.all([one, other].map((queries) => evaluateRetrieval({ queries, search: () => ["a"] })));
  assert.throws(() => compareRetrieval(a!, b!), /same queries/);
  assert.throws(() => compareRetrieval(a!, a!, { measure: "ndcg@5" }), /ndcg@5.*measures/);
});

test("a search that gives a document twice, and measures nobody knows, are refused", async () => {
  const queries = [query("1", { a: 1 })];
  await assert.rejects(evaluateRetrieval({ queries, search: () => ["a", "a"] }), /twice for query "1"/);
  for (const measure of ["ndcg", "recall@0", "f1@3", "ndcg@x"]) {
    await assert.rejects(
      evaluateRetrieval({ queries, search: () => [], measures: [measure as RetrievalMeasure] }),
      /ndcg@10/,
      measure,
    );
  }
});

const CORPUS = '{"_id": "a", "title": "Apples", "text": "red fruit"}\n{"_id": 7, "text": "no title"}\n';
const QUERIES =
  '{"_id": "q1", "text": "fruit?"}\n\n{"_id": "q2", "text": "not judged"}\n{"_id": "q3", "text": "seven"}\n';
const QRELS = "query-id\tcorpus-id\tscore\nq1\ta\t2\nq3\t7\t1\nq3\ta\t0\n";

test("a folder in BEIR's layout opens, gzipped or not, and its documents can be read twice", async () => {
  const folder = mkdtempSync(join(tmpdir(), "loci-beir-"));
  after(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, "qrels"));
  writeFileSync(join(folder, "corpus.jsonl.gz"), gzipSync(CORPUS));
  writeFileSync(join(folder, "queries.jsonl"), QUERIES);
  writeFileSync(join(folder, "qrels/test.tsv"), QRELS);
  const { name, queries, documents } = await openRetrievalSet(folder);
  assert.ok(name.startsWith("loci-beir-"));
  assert.deepEqual(
    queries.map(({ id, text, relevant }) => [id, text, [...relevant]]),
    [
      ["q1", "fruit?", [["a", 2]]],
      [
        "q3",
        "seven",
        [
          ["7", 1],
          ["a", 0],
        ],
      ],
    ],
  );
  for (let round = 0; round < 2; round++) {
    assert.deepEqual(await allOf(documents()), [
      { id: "a", title: "Apples", text: "red fruit" },
      { id: "7", title: "", text: "no title" },
    ]);
  }
  await assert.rejects(openRetrievalSet(folder, { split: "dev" }), { code: "not-found", message: /qrels\/dev\.tsv/ });
});

/** A set from texts, as a browser would have it. */
const inMemory = (files: Record<string, string>) =>
  openRetrievalSet(
    Object.fromEntries(
      Object.entries(files).map(([name, text]) => [name, bytesSource(name, new TextEncoder().encode(text))]),
    ),
  );
const sound = { "corpus.jsonl": CORPUS, "queries.jsonl": QUERIES, "qrels/test.tsv": QRELS };

test("TREC's four columns are read, and a first line that is no heading counts", async () => {
  const { queries } = await inMemory({ ...sound, "qrels/test.tsv": "q1 0 a 1\nq3 0 7 2\n" });
  assert.deepEqual(
    queries.map(({ relevant }) => [...relevant.values()]),
    [[1], [2]],
  );
});

for (const [what, files, expected] of [
  ["a judged query that is not there", { "qrels/test.tsv": "q9\ta\t1\n" }, /judges the query "q9"/],
  [
    "a line of queries that is no JSON",
    { "queries.jsonl": '{"_id": "q1"' },
    /queries\.jsonl, line 1: expected one JSON object a line/,
  ],
  [
    "a query twice",
    { "queries.jsonl": `${QUERIES}{"_id": "q1", "text": "again"}` },
    /line 5: expected an id that did not come before/,
  ],
  ["a grade that is no number", { "qrels/test.tsv": `${QRELS}q1\ta\tyes\n` }, /qrels\/test\.tsv, line 5/],
  ["a judgement of two columns", { "qrels/test.tsv": "q1\ta\n" }, /qrels\/test\.tsv, line 1/],
] as const) {
  test(`${what} is refused with its place`, async () => {
    await assert.rejects(inMemory({ ...sound, ...files }), { code: "bad-file", message: expected });
  });
}

test("a document without text is refused with its line", async () => {
  const { documents } = await inMemory({ ...sound, "corpus.jsonl": `${CORPUS}{"_id": "b"}\n` });
  await assert.rejects(allOf(documents()), { code: "bad-file", message: /corpus\.jsonl, line 3/ });
});

test("a pairs file gives one query a question, with grades where they are written", () => {
  const queries = parseRetrievalPairs(
    "# question\tdocument\nhow to log in?\tdoc1\nhow to log in?\tdoc2\t3\r\n\nwhat is it?\tdoc1\n",
  );
  assert.deepEqual(
    queries.map(({ id, text, relevant }) => [id, text, [...relevant]]),
    [
      [
        "1",
        "how to log in?",
        [
          ["doc1", 1],
          ["doc2", 3],
        ],
      ],
      ["2", "what is it?", [["doc1", 1]]],
    ],
  );
  for (const line of ["no tab", "\tdoc", "q\t", "q\tdoc\tmany"])
    assert.throws(() => parseRetrievalPairs(line), { code: "bad-file", message: /Line 1/ });
});

async function allOf<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
