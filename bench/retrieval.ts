/**
 * `npm run bench -- retrieval FOLDER…`: keyword, vector and hybrid search on judged collections in BEIR's layout.
 *
 * The vectors are word vectors learnt from the collection's own documents (and, with --words, any others besides), made into
 * a `StaticEncoder`; hybrid is 0.7 · bm25 / best + 0.3 · (cosine − lowest) / (best − lowest) over all documents, the
 * weights having been chosen on SciFact's training claims. Nothing is tuned on what is printed.
 */
import { parseArgs } from "node:util";
import { StaticEncoder } from "../src/embed/index.ts";
import {
  type JudgedQuery,
  type RetrievalResult,
  compareRetrieval,
  evaluateRetrieval,
  openRetrievalSet,
} from "../src/evaluate/index.ts";
import { FlatIndex, KeywordIndex } from "../src/index/index.ts";
import { Embedding } from "../src/table/index.ts";
import { trainWord2vec } from "../src/train/index.ts";

const HELP = `npm run bench -- retrieval FOLDER… [options]

  --words MODEL   word vectors of other texts, beside those learnt from the collection
  --split NAME    which judgements: qrels/NAME.tsv (default test)
  --weight W      how much keywords count in hybrid search (default 0.7)
  --stop          leave 33 English function words out of the keyword index
  --dim D         width of the vectors that are learnt (default 100)
  --json          one JSON document on standard output`;

const STOP_WORDS =
  "a an and are as at be but by for if in into is it no not of on or such that the their then there these they this to was will with".split(
    " ",
  );

/** One row of the table. */
interface Row {
  readonly set: string;
  readonly mode: string;
  readonly result: RetrievalResult;
  /** Against keyword search; undefined for that itself. */
  readonly gain: ReturnType<typeof compareRetrieval> | undefined;
}

export async function run(args: string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      words: { type: "string" },
      split: { type: "string", default: "test" },
      weight: { type: "string", default: "0.7" },
      dim: { type: "string", default: "100" },
      stop: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help || positionals.length === 0) {
    console.log(HELP);
    process.exitCode = values.help ? 0 : 2;
    return;
  }
  const rows: Row[] = [];
  if (!values.json) console.log(`${"".padEnd(30)}ndcg@10  [95 % interval]   recall@100     mrr   over keyword (p)`);
  for (const folder of positionals) {
    const setting = { ...values, weight: Number(values.weight), dim: Number(values.dim) };
    for await (const row of measured(folder, setting)) {
      rows.push(row);
      if (!values.json) console.log(line(row));
    }
  }
  if (values.json) {
    const out = rows.map(({ set, mode, result: { figures, intervals, count }, gain }) => ({
      set,
      mode,
      figures,
      intervals,
      count,
      gain,
    }));
    console.log(JSON.stringify(out, undefined, 2));
  }
}

async function* measured(
  folder: string,
  setting: { words?: string | undefined; split: string; weight: number; dim: number; stop: boolean },
): AsyncGenerator<Row> {
  const { name: set, queries, documents } = await openRetrievalSet(folder, { split: setting.split });
  const keyword = new KeywordIndex<number>(setting.stop ? { stopWords: STOP_WORDS } : {});
  const ids: string[] = [];
  const texts: string[] = [];
  for await (const { id, title, text } of documents()) {
    texts.push(title === "" ? text : `${title}. ${text}`);
    keyword.add(ids.length, texts.at(-1)!);
    ids.push(id);
  }
  const judge = (search: (query: JudgedQuery, k: number) => number[] | Promise<number[]>) =>
    evaluateRetrieval({
      queries,
      search: async (query, k) => (await search(query, k)).map((n) => ids[n]!),
      interval: true,
    });
  const base = await judge((query, k) => keyword.search(query.text, { k }).map(({ key }) => key));
  yield { set, mode: "keyword", result: base, gain: undefined };

  const models: [string, Embedding][] = [["own words", await learnt(texts, setting.dim)]];
  if (setting.words !== undefined) models.push(["given words", await Embedding.open(setting.words)]);
  for (const [label, embedding] of models) {
    const encoder = await StaticEncoder.from(embedding, { sample: texts });
    const index = new FlatIndex({ dim: encoder.dim });
    await index.add([...ids.keys()], await encoder.embed(texts));
    /** The cosine of each document with a query. */
    const scores = async (query: JudgedQuery) => {
      const [vector] = [(await encoder.embed([query.text], { purpose: "query" })).row(0)];
      const { hits } = await index.search(vector, { k: ids.length });
      return new Map(hits.map(({ key, score }) => [key as number, score]));
    };
    const vector = await judge(async (query, k) => [...(await scores(query)).keys()].slice(0, k));
    yield { set, mode: `vector, ${label}`, result: vector, gain: compareRetrieval(base, vector) };
    const hybrid = await judge(async (query, k) => {
      const words = keyword.search(query.text, { k: ids.length });
      return fused(await scores(query), new Map(words.map(({ key, score }) => [key, score])), setting.weight).slice(
        0,
        k,
      );
    });
    yield { set, mode: `hybrid, ${label}`, result: hybrid, gain: compareRetrieval(base, hybrid) };
    await index.close();
  }
}

/** Word vectors of these texts, as the command line learns them (src/cli/learnt-encoder.ts says why so). */
function learnt(texts: readonly string[], dim: number): Promise<Embedding> {
  const characters = texts.reduce((sum, text) => sum + text.length, 0);
  const epochs = Math.max(5, Math.min(50, Math.round(1.5e8 / characters)));
  return trainWord2vec({ texts }, { dim, epochs, window: 10, learningRate: 0.02, minCount: 2, seed: 1 });
}

function fused(vector: ReadonlyMap<number, number>, keyword: ReadonlyMap<number, number>, weight: number): number[] {
  const [best, lowest] = [Math.max(...vector.values()), Math.min(...vector.values())];
  const most = Math.max(0, ...keyword.values());
  const score = (n: number): number =>
    (most > 0 ? (weight * (keyword.get(n) ?? 0)) / most : 0) +
    (best > lowest ? ((1 - weight) * (vector.get(n)! - lowest)) / (best - lowest) : 0);
  const scored = [...vector.keys()].map((n) => ({ n, score: score(n) }));
  return scored.sort((a, b) => b.score - a.score || a.n - b.n).map(({ n }) => n);
}

function line({ set, mode, result: { figures, intervals }, gain }: Row): string {
  const three = (value: number): string => value.toFixed(3);
  const { low, high } = intervals!["ndcg@10"]!;
  const over = gain ? `${gain.difference >= 0 ? "+" : ""}${gain.difference.toFixed(4)} (${three(gain.p)})` : "";
  return `${set.padEnd(11)}${mode.padEnd(19)}  ${three(figures["ndcg@10"]!)}  [${three(low)}, ${three(high)}]        ${three(figures["recall@100"]!)}   ${three(figures["mrr"]!)}   ${over}`;
}
