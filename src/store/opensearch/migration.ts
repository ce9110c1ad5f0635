/** A move to another space: a second index of vectors is filled beside the first and takes its place by a number in `state`. */
import { type Matrix } from "../../core/index.ts";
import { metaFromJson } from "../meta.ts";
import { checkMigrated, checkSpace, noMigration, sameSpace, unfinished } from "../space.ts";
import type { Migration, Space } from "../store.ts";
import { type Client, type Json, Missing } from "./client.ts";
import { factsOf } from "./conditions.ts";
import type { Control } from "./control.ts";
import { type Names, type OpenSearchIndexOptions, type State, vectorsBody, visible } from "./layout.ts";
import { type View, countOf, hitsOf, pagesOf } from "./reads.ts";
import { indexLine, vectorRow } from "./write.ts";

/** The move that is under way. Throws `bad-argument` where none is. */
export function nextOf({ next }: State): { space: Space; vectors: number } {
  if (!next) throw noMigration();
  return next;
}

/** What there is of the move; undefined where none is under way. */
export async function migrationOf(
  client: Client,
  names: Names,
  { state, filter }: View,
): Promise<Migration | undefined> {
  if (!state.next) return undefined;
  const written = await countOf(client, names.vectors(state.next.vectors), { bool: { filter } });
  return { space: state.next.space, written, missing: state.chunks - written };
}

/** Makes an index of vectors; one of that name that nobody finished goes first. */
export async function makeVectors(
  client: Client,
  index: string,
  space: Space,
  options: OpenSearchIndexOptions,
): Promise<void> {
  await dropIndex(client, index);
  await client.request("PUT", `/${index}`, vectorsBody(space, options));
}

export async function dropIndex(client: Client, index: string): Promise<void> {
  try {
    await client.request("DELETE", `/${index}`);
  } catch (error) {
    if (!(error instanceof Missing)) throw error; // gone is what it shall be
  }
}

export async function begin(
  client: Client,
  names: Names,
  control: Control,
  space: Space,
  options: OpenSearchIndexOptions,
): Promise<void> {
  checkSpace(space);
  const { next } = control.state;
  if (next && sameSpace(next.space, space)) return;
  const number = Math.max(control.state.vectors, next?.vectors ?? 0) + 1;
  await abandon(client, names, control);
  await makeVectors(client, names.vectors(number), space, options);
  await control.replace({ next: { space, vectors: number } });
}

export async function abandon(client: Client, names: Names, control: Control): Promise<void> {
  const { next } = control.state;
  if (!next) return;
  await control.replace({ next: undefined });
  await dropIndex(client, names.vectors(next.vectors));
}

/** Numbers of chunks above `after` that lack a new vector, ascending: both lists are walked side by side. */
export async function missingChunks(
  client: Client,
  names: Names,
  { state, filter }: View,
  after: number,
  limit: number,
): Promise<number[]> {
  const query = { bool: { filter: [...filter, { range: { chunk: { gt: after } } }] } };
  const question = { query, size: Infinity, sort: [{ chunk: "asc" }], source: false as const, page: 2000 };
  const numbers = async function* (index: string): AsyncGenerator<number, void, void> {
    for await (const page of pagesOf(client, index, question)) for (const { sort } of page) yield Number(sort![0]);
  };
  const written = numbers(names.vectors(nextOf(state).vectors));
  const missing: number[] = [];
  let next = await written.next();
  for await (const chunk of numbers(names.chunks)) {
    if (missing.length >= limit) break;
    while (!next.done && next.value < chunk) next = await written.next();
    if (next.done || next.value !== chunk) missing.push(chunk);
  }
  return missing;
}

/** Writes new vectors of chunks that are still there. Each is written under its chunk's number: again is as good as once. */
export async function writeVectors(
  client: Client,
  names: Names,
  state: State,
  chunks: readonly number[],
  vectors: Matrix,
): Promise<void> {
  const { space, vectors: number } = nextOf(state);
  checkMigrated(chunks, vectors, space);
  const last = new Map(chunks.map((chunk, r) => [chunk, r]));
  const hits = await hitsOf(client, names.chunks, {
    query: { bool: { filter: [visible(state), { terms: { chunk: [...last.keys()] } }] } },
    size: last.size,
    sort: [{ chunk: "asc" }],
    source: ["chunk", "generation", "version", "attempt", "meta"],
  });
  const lines = hits.map(({ _source }): [Json, Json] => {
    const { meta, ...belongs } = _source;
    const chunk = Number(belongs["chunk"]);
    const row = { ...belongs, facts: factsOf(metaFromJson(String(meta))) };
    return [
      indexLine(names.vectors(number), chunk),
      vectorRow(row, vectors.row(last.get(chunk)!), space.metric === "cosine"),
    ];
  });
  await client.bulk(lines);
  await client.request("POST", `/${names.vectors(number)}/_refresh`);
}

/** Makes the new vectors the collection's; returns the version. */
export async function commit(client: Client, names: Names, control: Control): Promise<number> {
  const { state } = control;
  const { space, vectors } = nextOf(state);
  const missing = await missingChunks(client, names, { state, filter: [visible(state)] }, 0, Infinity);
  if (missing.length > 0) throw unfinished(missing.length);
  const version = state.version + 1;
  // Whether there are zeros among them is not known: it is looked for, which costs little.
  await control.replace({ space, vectors, next: undefined, version, knownSince: version, zeros: true });
  if (state.space) await dropIndex(client, names.vectors(state.vectors));
  return version;
}
