import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { Rng } from "../../core/index.ts";
import { trainWord2vec } from "../../train/index.ts";
import { runCaught } from "../testing.ts";

const TOPICS = {
  fruit: "apple pear plum cherry grape melon",
  metal: "iron copper zinc gold silver lead",
} as const;

/** Sentences of one topic. */
function sentences(topic: keyof typeof TOPICS, count: number, seed: number): string {
  const rng = new Rng(seed);
  const words = TOPICS[topic].split(" ");
  const word = () => words[rng.nextBelow(words.length)]!;
  return Array.from({ length: count }, () => `${Array.from({ length: 8 }, word).join(" ")}.`).join("\n");
}

let folder: string;
const at = (...names: string[]) => join(folder, ...names);

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "loci-cli-collections-"));
  mkdirSync(at("docs"));
  writeFileSync(
    at("docs", "fruit.md"),
    `# Fruit\n\n## Orchard\n\nThe orchard grows.\n\n${sentences("fruit", 20, 1)}\n`,
  );
  writeFileSync(at("docs", "metal.txt"), `The smelter glows.\n${sentences("metal", 20, 2)}\n`);
  writeFileSync(at("docs", "picture.png"), Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0, 0, 0, 0));
  const words = await trainWord2vec(
    { texts: [sentences("fruit", 1500, 3), sentences("metal", 1500, 4)] },
    { dim: 16, epochs: 3, workers: 0 },
  );
  await words.save(at("words"));
});
after(() => rmSync(folder, { recursive: true }));

interface Hit {
  readonly path: string;
  readonly headings: readonly string[];
  readonly text: string;
}

/** What the commands' JSON may hold. */
interface Answer {
  readonly documents: number;
  readonly chunks: number;
  readonly files: number;
  readonly unchanged: number;
  readonly skipped: readonly { readonly path: string }[];
  readonly hits: readonly Hit[];
  readonly context: string;
  readonly tokens: number;
  readonly citations: readonly object[];
  readonly rows: readonly object[];
  readonly recommended: object;
  readonly because: string;
  readonly switched: boolean;
  readonly differences: readonly string[];
  readonly before: number;
  readonly after: number;
  readonly queries: number;
  readonly modes: Readonly<Record<"keyword" | "vector" | "hybrid", Readonly<Record<string, number>>>>;
}

/** Runs a command that must succeed, and returns its JSON. */
async function answerOf(...argv: string[]): Promise<Answer> {
  const { code, stdout, stderr } = await runCaught([...argv, "--json"]);
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout) as Answer;
}

test("index makes a collection of a folder, and a second run finds everything unchanged", async () => {
  const first = await answerOf("index", at("docs"), "--out", at("docs.db"), "--model", at("words"));
  assert.equal(first.documents, 2);
  assert.ok(first.chunks >= 2);
  assert.deepEqual(
    first.skipped.map(({ path }) => path.split("/").at(-1)),
    ["picture.png"],
  );
  const second = await answerOf("index", at("docs"), "--out", at("docs.db"));
  assert.deepEqual([second.unchanged, second.skipped.length, second.documents], [2, 1, 2]);
});

test("search finds by a word and by its meaning, and says where it stands", async () => {
  const byWord = await answerOf("search", at("docs.db"), "orchard", "-k", "1");
  const [hit] = byWord.hits;
  assert.match(hit!.path, /fruit\.md$/);
  assert.deepEqual(hit!.headings, ["Fruit", "Orchard"]);
  assert.match(hit!.text, /The orchard grows/);
  const meant = await answerOf("search", at("docs.db"), "gold and silver", "--mode", "vector", "-k", "1");
  assert.match(meant.hits[0]!.path, /metal\.txt$/);
  const { stdout } = await runCaught(["search", at("docs.db"), "apple orchard", "--parts"]);
  assert.match(stdout, /fruit\.md:\d+-\d+ {2}Fruit › Orchard/);
  assert.match(stdout, /words \d+\.\d\d, meaning/);
});

test("a condition leaves only what fits", async () => {
  const found = await answerOf("search", at("docs.db"), "apple iron", "--where", "kind=markdown");
  for (const { path } of found.hits) assert.match(path, /\.md$/);
  const { code, stderr } = await runCaught(["search", at("docs.db"), "apple", "--where", "a b c"]);
  assert.equal(code, 2);
  assert.match(stderr, /expected a condition such as/);
});

test("rag prints a context within its budget, with citations", async () => {
  const { context, tokens, citations } = await answerOf(
    "rag",
    at("docs.db"),
    "who grows apple and pear?",
    "--budget",
    "60",
  );
  assert.ok(tokens <= 60 && tokens > 0);
  assert.match(context, /^\[1\] .*fruit\.md/);
  assert.ok(citations.length >= 1);
});

test("compress prints a row for each way to keep vectors, and recommends one", async () => {
  const { rows, recommended, because } = await answerOf("compress", at("words"));
  assert.ok(rows.length >= 4);
  assert.ok(recommended && because);
});

test("migrate compares before it switches, and a dry run changes nothing", async () => {
  const words = await trainWord2vec(
    { texts: [sentences("fruit", 1500, 5), sentences("metal", 1500, 6)] },
    { dim: 12, epochs: 3, workers: 0 },
  );
  await words.save(at("words2"));
  const dry = await answerOf("migrate", at("docs.db"), "--model", at("words2"), "--dry-run");
  assert.equal(dry.switched, false);
  const done = await answerOf("migrate", at("docs.db"), "--model", at("words2"));
  assert.equal(done.switched, true);
  const meant = await answerOf("search", at("docs.db"), "gold and silver", "--mode", "vector", "-k", "1");
  assert.match(meant.hits[0]!.path, /metal\.txt$/);
});

test("a search with a model of another space is refused, with the command that migrates", async () => {
  const { code, stderr } = await runCaught(["search", at("docs.db"), "gold", "--model", at("words")]);
  assert.equal(code, 1);
  assert.match(stderr, /loci migrate/);
});

test("verify finds all well, and compact leaves it so", async () => {
  assert.deepEqual((await answerOf("verify", at("docs.db"))).differences, []);
  const { before: size, after: now } = await answerOf("compact", at("docs.db"));
  assert.ok(now <= size);
  assert.deepEqual((await answerOf("verify", at("docs.db"))).differences, []);
});

test("evaluate retrieval judges words, meaning and both on a folder in BEIR's layout", async () => {
  mkdirSync(at("beir/qrels"), { recursive: true });
  const lines = (rows: readonly object[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join("");
  writeFileSync(
    at("beir/corpus.jsonl"),
    lines([
      { _id: "f", title: "", text: "apple pear plum" },
      { _id: "m", title: "", text: "iron zinc" },
    ]),
  );
  writeFileSync(
    at("beir/queries.jsonl"),
    lines([
      { _id: "1", text: "pear" },
      { _id: "2", text: "gold" },
    ]),
  );
  writeFileSync(at("beir/qrels/test.tsv"), "query-id\tcorpus-id\tscore\n1\tf\t1\n2\tm\t1\n");
  const { modes, queries } = await answerOf("evaluate", "retrieval", at("beir"), "--model", at("words"));
  assert.equal(queries, 2);
  const { keyword, vector, hybrid } = modes;
  assert.equal(keyword.mrr, 0.5, "words alone cannot find gold");
  assert.equal(vector.mrr, 1);
  assert.equal(hybrid["ndcg@10"], 1);
});

test("what is no collection, or is not there, is said with what to do", async () => {
  const missing = await runCaught(["search", at("nowhere.db"), "a"]);
  assert.match(missing.stderr, /There is no collection .*loci index/);
  const other = await runCaught(["search", at("docs", "metal.txt"), "a"]);
  assert.match(other.stderr, /is not a collection/);
  assert.deepEqual([missing.code, other.code], [1, 1]);
});
