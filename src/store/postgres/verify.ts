/** Looks at every row of a collection: what belongs together is together, and what is derived is what its text gives. */
import { type Step, phaseClock } from "../../core/index.ts";
import { fromSafeText } from "../safe-text.ts";
import { type PostgresClient, rowsOf } from "./connection.ts";
import { termsOf } from "./keyword.ts";
import type { State } from "./schema.ts";

const ROWS = 500;

/** The differences found, in sentences. In a transaction that sees one state of all tables. */
export async function* verifySteps(
  client: PostgresClient,
  schema: string,
  state: State,
): AsyncGenerator<Step, string[], void> {
  const found = await rowCounts(client, schema, state);
  const clock = phaseClock("verify", state.chunks);
  let [after, seen, total, entries] = [0, 0, 0, 0];
  for (;;) {
    const rows = await rowsOf(
      client,
      `select c.chunk, c.document, c.start_at, c.end_at, c.text, c.terms, d.text as whole
       from ${schema}.chunks c left join ${schema}.documents d on d.id = c.document where c.chunk > $1 order by c.chunk limit ${ROWS}`,
      [after],
    );
    if (rows.length === 0) break;
    for (const row of rows) {
      const chunk = Number(row["chunk"]);
      const text = fromSafeText(String(row["text"]));
      const { counts, total: terms } = termsOf(text);
      total += terms;
      entries += counts.size;
      if (row["whole"] === null)
        found.push(`Chunk ${chunk} belongs to the document "${String(row["document"])}", which is gone.`);
      else if (fromSafeText(row["whole"] as string).slice(Number(row["start_at"]), Number(row["end_at"])) !== text)
        found.push(`The text of chunk ${chunk} is not that part of its document.`);
      if (Number(row["terms"]) !== terms)
        found.push(`Chunk ${chunk} has ${terms} terms, but ${String(row["terms"])} are noted.`);
      after = chunk;
    }
    yield clock((seen += rows.length));
  }
  if (total !== state.terms) found.push(`The chunks hold ${total} terms, but ${state.terms} are noted.`);
  const [postings] = await rowsOf(client, `select coalesce(sum(cardinality(entries)), 0) as n from ${schema}.postings`);
  if (Number(postings!["n"]) !== entries)
    found.push(`The keyword index has ${String(postings!["n"])} entries; the texts give ${entries}.`);
  return found;
}

/** Rows against the counts in `state`, and rows that point at nothing. */
async function rowCounts(client: PostgresClient, schema: string, state: State): Promise<string[]> {
  const found: string[] = [];
  const count = async (what: string): Promise<number> =>
    Number((await rowsOf(client, `select count(*) as n from ${what}`))[0]!["n"]);
  for (const table of ["documents", "chunks"] as const) {
    const there = await count(`${schema}.${table}`);
    if (there !== state[table]) found.push(`There are ${there} ${table}, but ${state[table]} are noted.`);
  }
  const tables = [...(state.space ? ["vectors"] : []), ...(state.nextSpace ? ["next_vectors"] : [])];
  for (const table of tables) {
    const lost = await count(
      `${schema}.${table} v where not exists (select from ${schema}.chunks c where c.chunk = v.chunk)`,
    );
    if (lost > 0) found.push(`${lost} rows of ${table} belong to no chunk.`);
  }
  const stray = await count(
    `(select distinct e / 65536 as chunk from ${schema}.postings p, unnest(p.entries) e) p
     where not exists (select from ${schema}.chunks c where c.chunk = p.chunk)`,
  );
  if (stray > 0) found.push(`The keyword index knows ${stray} chunks that are gone.`);
  const beyond = await count(`${schema}.chunks where chunk >= ${state.nextChunk}`);
  if (beyond > 0) found.push(`${beyond} chunks have numbers that were not given out yet.`);
  return found;
}
