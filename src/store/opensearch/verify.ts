/** Looks at every document of a collection: what belongs together is together, and counts are what is there. */
import { type Step, phaseClock } from "../../core/index.ts";
import { fromSafeText } from "../safe-text.ts";
import type { Client } from "./client.ts";
import { termsOf } from "./keyword.ts";
import type { Names } from "./layout.ts";
import { type Hit, type View, pagesOf } from "./reads.ts";

/** The differences found, in sentences. Chunks and documents are walked side by side, by generation. */
export async function* verifySteps(
  client: Client,
  names: Names,
  { state, filter }: View,
): AsyncGenerator<Step, string[], void> {
  const found: string[] = [];
  const clock = phaseClock("verify", state.chunks);
  const query = { bool: { filter } };
  const walk = async function* (index: string, sort: string[], source: string[]): AsyncGenerator<Hit, void, void> {
    const order = sort.map((field) => ({ [field]: "asc" }));
    for await (const page of pagesOf(client, index, { query, size: Infinity, sort: order, source, page: 500 }))
      yield* page;
  };
  const chunks = walk(
    names.chunks,
    ["generation", "chunk"],
    ["chunk", "generation", "document", "start", "end", "text", "length"],
  );
  const count = { documents: 0, chunks: 0, terms: 0 };
  let chunk = await chunks.next();
  const stray = ({ _source }: Hit): number =>
    found.push(
      `Chunk ${String(_source["chunk"])} belongs to the document "${String(_source["document"])}", which is gone.`,
    );
  for await (const { _source: whole } of walk(names.documents, ["generation"], ["id", "generation", "text"])) {
    count.documents++;
    const generation = Number(whole["generation"]);
    for (; !chunk.done && Number(chunk.value._source["generation"]) <= generation; chunk = await chunks.next()) {
      if (Number(chunk.value._source["generation"]) < generation) stray(chunk.value);
      else found.push(...differences(chunk.value, String(whole["text"])));
      count.chunks++;
      count.terms += Number(chunk.value._source["length"]);
    }
    if (count.documents % 500 === 0) yield clock(count.chunks);
  }
  for (; !chunk.done; chunk = await chunks.next()) stray(chunk.value);
  for (const name of ["documents", "chunks", "terms"] as const) {
    if (count[name] !== state[name]) found.push(`There are ${count[name]} ${name}, but ${state[name]} are noted.`);
  }
  const spaces = [...(state.space ? [state.vectors] : []), ...(state.next ? [state.next.vectors] : [])];
  for (const number of spaces) {
    const lost = await strangers(
      walk(names.vectors(number), ["chunk"], ["chunk"]),
      walk(names.chunks, ["chunk"], ["chunk"]),
    );
    if (lost > 0) found.push(`${lost} vectors of ${names.vectors(number)} belong to no chunk.`);
  }
  return found;
}

function differences({ _source }: Hit, whole: string): string[] {
  const text = fromSafeText(String(_source["text"]));
  const found: string[] = [];
  const name = `chunk ${String(_source["chunk"])}`;
  if (text !== whole.slice(Number(_source["start"]), Number(_source["end"])))
    found.push(`The text of ${name} is not that part of its document.`);
  if (termsOf(text).length !== Number(_source["length"])) found.push(`The terms of ${name} are not those of its text.`);
  return found;
}

/** How many of the first have no fellow in the second; both come in order. */
async function strangers(first: AsyncGenerator<Hit>, second: AsyncGenerator<Hit>): Promise<number> {
  let lost = 0;
  let other = await second.next();
  for await (const { _source } of first) {
    const chunk = Number(_source["chunk"]);
    while (!other.done && Number(other.value._source["chunk"]) < chunk) other = await second.next();
    if (other.done || Number(other.value._source["chunk"]) !== chunk) lost++;
  }
  return lost;
}
