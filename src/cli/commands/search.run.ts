/** The work of `loci search`. */
import type { Cli } from "../command.ts";
import { openCollection } from "../collections.ts";
import { UsageError } from "../failures.ts";
import { openSession, type Session } from "../session.ts";
import { excerpt, lineSpan } from "../passages.ts";
import { filterOf } from "../where.ts";
import { type CollectionHit, type PassagePlace, placesOf } from "../../store/index.ts";
import type { SearchFlags } from "./search.ts";

export default async function search(cli: Cli, flags: SearchFlags, path: string, query: string): Promise<void> {
  const session = openSession(cli, flags);
  if (query.trim() === "") throw new UsageError("expected a question, got an empty one.");
  await using collection = await openCollection(path, session, { model: flags.model });
  const filter = filterOf(flags.where);
  const { hits, exact, recall, mode } = await collection.search(query, {
    k: flags.count ?? 10,
    ...(flags.mode && { mode: flags.mode }),
    ...(filter && { filter }),
    exact: flags.exact,
    signal: session.signal,
  });
  const places = await placesOf(collection, hits);
  const answer = hits.map(({ id, chunk, score, parts, percentile, range, text }, i) => ({
    id,
    chunk,
    score,
    parts,
    percentile,
    ...places[i]!,
    range: [range.start, range.end],
    text,
  }));
  session.answer({ hits: answer, mode, exact, recall }, () =>
    hits.length === 0
      ? ["Nothing found."]
      : hits.flatMap((hit, i) => hitLines(hit, places[i]!, i, query, flags, session)),
  );
  if (!exact)
    session.hint(`About ${Math.round(recall * 100)} % of the nearest are expected to be found; --exact proves it.`);
}

function hitLines(
  hit: CollectionHit,
  { path, lines, headings }: PassagePlace,
  place: number,
  query: string,
  flags: SearchFlags,
  { bold, dim }: Session,
): string[] {
  const { keyword, vector } = hit.parts;
  const said = [
    ...(keyword === undefined ? [] : [`words ${keyword.toFixed(2)}`]),
    ...(vector === undefined ? [] : [`meaning ${vector.toFixed(3)}`]),
    ...(hit.percentile === undefined ? [] : [`nearer than ${hit.percentile.toFixed(1)} % of pairs`]),
  ];
  return [
    `${place + 1}. ${bold((path ?? hit.id) + lineSpan(lines))}${headings.length > 0 ? dim(`  ${headings.join(" › ")}`) : ""}  ${dim(hit.score.toFixed(3))}`,
    ...(flags.parts ? [dim(`   ${said.join(", ")}`)] : []),
    ...excerpt(hit.text, query, 92).map((line) => `   ${line}`),
    "",
  ];
}
