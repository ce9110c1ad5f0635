/**
 * BM25 (Robertson and Zaragoza 2009) in PostgreSQL, k1 1.2 and b 0.75, with our own postings.
 *
 * PostgreSQL's full text search ranks without document frequencies and knows no BM25, so terms, counts and lengths are kept by
 * us (schema.ts) and the formula is SQL. Terms are those of the in-memory keyword index, so that the same texts rank the
 * same in every store. Scores are added in one order, by term, so that equal chunks have equal scores.
 */
import { keywordTerms } from "../../index/index.ts";
import type { Filter } from "../filter.ts";
import type { ScoredChunk } from "../store.ts";
import { Parameters, filterSql } from "./conditions.ts";
import { type PostgresClient, rowsOf } from "./connection.ts";
import { toSafeText } from "../safe-text.ts";

const K1 = 1.2;
const B = 0.75;
/** Chunk numbers of one row of postings. */
const SEGMENT = 1024;
/** An entry is chunk × COUNTS + how often the term comes, at most COUNTS − 1. */
const COUNTS = 65_536;
/** Longer terms (encoded data, mostly) are cut: a row of an index holds no more than 2,700 bytes. */
const MOST_UNITS = 512;
const ROWS_A_STATEMENT = 20_000;

/** How often each term comes in a text, and how many there are in all. */
export function termsOf(text: string): { counts: Map<string, number>; total: number } {
  const terms = keywordTerms(text);
  const counts = new Map<string, number>();
  for (const term of terms) {
    const key = toSafeText(term.slice(0, MOST_UNITS));
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return { counts, total: terms.length };
}

/** A chunk as the keyword index sees it. */
export interface IndexedText {
  readonly chunk: number;
  readonly counts: ReadonlyMap<string, number>;
}

/** Entries by term and segment, as columns for `unnest`. */
function byRow(
  texts: readonly IndexedText[],
  entryOf: (chunk: number, count: number) => number,
): { terms: string[]; segments: number[]; entries: number[][] } {
  const rows = new Map<string, { term: string; segment: number; entries: number[] }>();
  for (const { chunk, counts } of texts) {
    const segment = Math.floor(chunk / SEGMENT);
    for (const [term, count] of counts) {
      const key = `${segment} ${term}`;
      let row = rows.get(key);
      if (!row) rows.set(key, (row = { term, segment, entries: [] }));
      row.entries.push(entryOf(chunk, count));
    }
  }
  const list = [...rows.values()];
  return {
    terms: list.map(({ term }) => term),
    segments: list.map(({ segment }) => segment),
    entries: list.map(({ entries }) => entries),
  };
}

async function inPieces(
  texts: readonly IndexedText[],
  entryOf: (chunk: number, count: number) => number,
  run: (terms: string[], segments: number[], entries: string[]) => Promise<unknown>,
): Promise<void> {
  const { terms, segments, entries } = byRow(texts, entryOf);
  for (let at = 0; at < terms.length; at += ROWS_A_STATEMENT) {
    const end = at + ROWS_A_STATEMENT;
    const lists = entries.slice(at, end).map((list) => `{${list.join()}}`);
    await run(terms.slice(at, end), segments.slice(at, end), lists);
  }
}

/** Adds chunks to the keyword index. */
export async function addPostings(
  client: PostgresClient,
  schema: string,
  texts: readonly IndexedText[],
): Promise<void> {
  const packed = (chunk: number, count: number): number => chunk * COUNTS + Math.min(count, COUNTS - 1);
  await inPieces(texts, packed, (terms, segments, entries) =>
    rowsOf(
      client,
      `insert into ${schema}.postings (term, segment, entries)
       select t, s, e::bigint[] from unnest($1::text[], $2::bigint[], $3::text[]) as given(t, s, e)
       on conflict (term, segment) do update set entries = postings.entries || excluded.entries`,
      [terms, segments, entries],
    ),
  );
}

/** Takes chunks out of the keyword index; what they held is gone from its rows, not only marked. */
export async function removePostings(
  client: PostgresClient,
  schema: string,
  texts: readonly IndexedText[],
): Promise<void> {
  const bare = (chunk: number): number => chunk;
  await inPieces(texts, bare, async (terms, segments, chunks) => {
    await rowsOf(
      client,
      `update ${schema}.postings p
       set entries = array(select e from unnest(p.entries) with ordinality as had(e, place)
                           where e / ${COUNTS} <> all(given.gone::bigint[]) order by place)
       from unnest($1::text[], $2::bigint[], $3::text[]) as given(term, segment, gone)
       where p.term = given.term collate "C" and p.segment = given.segment`,
      [terms, segments, chunks],
    );
    await rowsOf(
      client,
      `delete from ${schema}.postings p using unnest($1::text[], $2::bigint[]) as given(term, segment)
       where p.term = given.term collate "C" and p.segment = given.segment and p.entries = '{}'`,
      [terms, segments],
    );
  });
}

/** The k best chunks for a query, best first, ties by number. A term that the query says twice counts twice. */
export async function keywordSearch(
  client: PostgresClient,
  schema: string,
  query: string,
  k: number,
  filter: Filter | undefined,
): Promise<ScoredChunk[]> {
  const { counts } = termsOf(query);
  if (counts.size === 0 || k === 0) return [];
  const parameters = new Parameters();
  const terms = parameters.add([...counts.keys()]);
  const weights = parameters.add([...counts.values()]);
  const [joined, passes] = filter
    ? [`join ${schema}.documents d on d.id = c.document`, `where ${filterSql(filter, "d.facts", parameters)}`]
    : ["", ""];
  const rows = await rowsOf(
    client,
    `with asked as (select * from unnest(${terms}::text[], ${weights}::float8[]) as asked(term, weight)),
     all_of as (select chunks::float8 as n, greatest(terms::float8 / greatest(chunks, 1), 1e-9) as average from ${schema}.state),
     found as materialized (
       select p.term, p.entries, asked.weight from asked join ${schema}.postings p on p.term = asked.term collate "C"),
     weighed as (
       select term, weight * ln(1 + (n - df + 0.5) / (df + 0.5)) as weight, average
       from (select term, weight, sum(cardinality(entries))::float8 as df from found group by term, weight) f, all_of),
     hits as (
       select f.term, e / ${COUNTS} as chunk, (e % ${COUNTS})::float8 as n from found f, unnest(f.entries) as e)
     select h.chunk, sum(w.weight * h.n * ${K1 + 1} / (h.n + ${K1} * (${1 - B} + ${B} * c.terms / w.average)) order by h.term) as score
     from hits h join weighed w on w.term = h.term join ${schema}.chunks c on c.chunk = h.chunk ${joined}
     ${passes} group by h.chunk order by score desc, h.chunk limit ${parameters.add(k)}`,
    parameters.values,
  );
  return rows.map(({ chunk, score }) => ({ chunk: Number(chunk), score: Number(score) }));
}
