/**
 * Keyword search: BM25 (Robertson et al. 1994; k1 1.2, b 0.75) over FTS5.
 *
 * FTS5 counts and measures, and its `rank` of one term is BM25 times an inverse document frequency of its own: ln of
 * (N − n + ½) / (n + ½), and one millionth where that is not positive, so that in a small collection a word in half of the
 * chunks weighs nothing. We ask term by term, take that factor out and put Lucene's in, ln(1 + (N − n + ½) / (n + ½)): the
 * scores are those of the keyword index in memory, a term counting as often as the query says it. Terms come from the same
 * analysis and go in as one quoted string each, so nothing of FTS5's query language can be reached from a query.
 *
 * Rare terms come first. Most of a question is words such as "the", in nearly every chunk, that decide nothing: once the k best
 * by the rarer terms are ahead by more than all common ones could add (MaxScore; Turtle & Flood 1995), only chunks already
 * seen can win, and of those the common terms are counted in the text, best first, until no other can catch up. The answer is
 * the same as without.
 */
import { keywordTerms } from "../../index/index.ts";
import { reference } from "../../kernels/index.ts";
import type { Condition } from "../condition.ts";
import type { ScoredChunk } from "../store.ts";
import type { Connection } from "./database.ts";
import { chunksAt, rangesMatching } from "./read.ts";
import { stateOf } from "./state.ts";

const K1 = 1.2;
const B = 0.75;

interface Term {
  readonly term: string;
  /** In how many chunks it stands. */
  readonly having: number;
  /** What its part of BM25 is multiplied by: how often the query says it, times idf. */
  readonly weight: number;
}

/** When to look into texts: lists shorter than `list` are read whole, and at most `texts` texts are read before the next list is. */
export interface KeywordLimits {
  readonly list: number;
  readonly texts: number;
}

/** A row of a list takes some 2 µs, a text some 80. */
const LIMITS: KeywordLimits = { list: 12_000, texts: 300 };

/** The best k chunks, of documents that meet the condition where one is given. */
export function keywordSearch(
  connection: Connection,
  { query, k, condition }: { query: string; k: number; condition: Condition | undefined },
  limits = LIMITS,
): ScoredChunk[] {
  return connection.transaction("DEFERRED", () => {
    const chunks = stateOf(connection, "chunks");
    const allowed = condition && (rangesMatching(connection, condition) as unknown as [number, number][]);
    const terms = termsOfQuery(connection, query, chunks);
    const scores = new Map<number, number>();
    for (const [i, term] of terms.entries()) {
      const rest = terms.slice(i);
      if (i > 0 && term.having > limits.list) {
        const best = bestByText(connection, scores, rest, k, limits.texts);
        if (best) return best;
      }
      const rows = connection.all("SELECT rowid, rank FROM words WHERE words MATCH ?", `"${term.term}"`) as unknown as [
        number,
        number,
      ][];
      const factor = term.weight / -idfOfFts5(chunks, term.having);
      for (const [chunk, rank] of allowed ? within(rows, allowed) : rows)
        scores.set(chunk, (scores.get(chunk) ?? 0) + rank * factor);
    }
    return sorted(scores).slice(0, k);
  });
}

/** The query's terms that stand anywhere, the rarest first. */
function termsOfQuery(connection: Connection, query: string, chunks: number): Term[] {
  const asked = new Map<string, number>();
  for (const term of keywordTerms(query)) asked.set(term, (asked.get(term) ?? 0) + 1);
  const counts = countsOf(connection);
  return [...asked]
    .map(([term, times]) => {
      const having = counts(term);
      return { term, having, weight: times * idf(chunks, having) };
    })
    .filter(({ having }) => having > 0)
    .sort((a, b) => a.having - b.having);
}

/** Counting a common word takes long, and they are the same in all queries: counts are kept for the version they are of. */
const kept = new WeakMap<Connection, { version: number; counts: Map<string, number> }>();

function countsOf(connection: Connection): (term: string) => number {
  const version = stateOf(connection, "version");
  let found = kept.get(connection);
  if (!found) connection.exec("CREATE VIRTUAL TABLE IF NOT EXISTS temp.vocabulary USING fts5vocab (main, words, row)");
  if (found?.version !== version || found.counts.size > 10_000)
    kept.set(connection, (found = { version, counts: new Map() }));
  const { counts } = found;
  return (term) => {
    let count = counts.get(term);
    if (count === undefined)
      counts.set(
        term,
        (count = (connection.get("SELECT doc FROM vocabulary WHERE term = ?", term)?.[0] as number) ?? 0),
      );
    return count;
  };
}

/**
 * The best k, if chunks that were not seen cannot be among them and few enough texts tell which of the seen ones are. `rest`:
 * the terms whose lists were not read.
 */
function bestByText(
  connection: Connection,
  scores: ReadonlyMap<number, number>,
  rest: readonly Term[],
  k: number,
  texts: number,
): ScoredChunk[] | undefined {
  const most = rest.reduce((sum, { weight }) => sum + weight * (K1 + 1), 0);
  const seen = sorted(scores);
  const last = seen[k - 1];
  if (!last || last.score <= most) return undefined;
  const mean = meanLength(connection);
  const best: ScoredChunk[] = [];
  for (const [i, { chunk, score }] of seen.entries()) {
    if (best.length === k && score + most < best[k - 1]!.score) return best;
    if (i === texts) return undefined;
    best.push({ chunk, score: score + scoreOfText(connection, chunk, rest, mean) });
    best.sort(byScore);
    best.length = Math.min(best.length, k);
  }
  return best;
}

function scoreOfText(connection: Connection, chunk: number, terms: readonly Term[], mean: number): number {
  const [found] = chunksAt(connection, [chunk]);
  const there = keywordTerms(found!.text);
  return terms.reduce((sum, { term, weight }) => {
    const count = there.reduce((count, one) => count + Number(one === term), 0);
    return sum + (weight * count * (K1 + 1)) / (count + K1 * (1 - B + (B * there.length) / mean));
  }, 0);
}

/** How many terms a chunk has, on average: FTS5's first record holds how many rows and terms there are. */
function meanLength(connection: Connection): number {
  const [record] = connection.get("SELECT block FROM words_data WHERE id = 1")! as readonly [Uint8Array];
  const numbers: number[] = [];
  let value = 0;
  for (const byte of record) {
    value = value * 128 + (byte & 127);
    if (byte >= 128) continue;
    numbers.push(value);
    value = 0;
  }
  return numbers[1]! / numbers[0]!;
}

function idf(chunks: number, having: number): number {
  return reference.log(1 + (chunks - having + 0.5) / (having + 0.5));
}

function idfOfFts5(chunks: number, having: number): number {
  const idf = reference.log((chunks - having + 0.5) / (having + 0.5));
  return idf <= 0 ? 1e-6 : idf;
}

function sorted(scores: ReadonlyMap<number, number>): ScoredChunk[] {
  return Array.from(scores, ([chunk, score]) => ({ chunk, score })).sort(byScore);
}

const byScore = (a: ScoredChunk, b: ScoredChunk): number => b.score - a.score || a.chunk - b.chunk;

/** The rows whose chunks lie in one of the ranges; both ascend. */
function* within(rows: readonly [number, number][], ranges: readonly [number, number][]): Generator<[number, number]> {
  let at = 0;
  for (const row of rows) {
    while (at < ranges.length && ranges[at]![0] + ranges[at]![1] <= row[0]) at++;
    if (at === ranges.length) return;
    if (row[0] >= ranges[at]![0]) yield row;
  }
}
