/**
 * A batch written to a distributed engine, all or nothing.
 *
 * The steps: (1) `state` announces an attempt and gives it its numbers; (2) the batch is written, seen by nobody since its version
 * is not reached yet; (3) the indices are refreshed on every copy; (4) `state` reaches the version and names what was removed.
 * Step 4 is one document replaced, and is the write. Before it a reader sees nothing of the batch, after it all. What a writer
 * that died left behind is marked as come to nothing by the next one, and hidden for ever, even if a part of it should
 * arrive later. What was removed is deleted at the next write, so that a reader of the version before still finds it.
 */
import { LociError, type Step, phaseClock } from "../../core/index.ts";
import type { CheckedBatch } from "../check-batch.ts";
import { metaToJson } from "../meta.ts";
import { toSafeText } from "../safe-text.ts";
import type { Committed, PutDocument } from "../store.ts";
import type { Client, Json } from "./client.ts";
import { factsOf } from "./conditions.ts";
import type { Control } from "./control.ts";
import { termsOf } from "./keyword.ts";
import type { Names, State } from "./layout.ts";
import { MOST_HITS, hitsOf, inPieces, pagesOf } from "./reads.ts";
import { visible } from "./layout.ts";

/** One request of `_bulk`: documents, and characters of them. */
const DOCUMENTS = 1000;
const CHARACTERS = 4_000_000;
/** Where more than this many documents were removed they are deleted at once: every reader would have to name them. */
const MOST_REMOVING = 1000;
/** The log of removals is shortened every so many versions, to so many. */
const PRUNE_EVERY = 256;
const VERSIONS_KEPT = 4096;
const MOST_ABORTED = 1000;

/** OpenSearch's own limit for a term, in bytes, less what we need. */
const MOST_ID_BYTES = 8000;

/** Throws `bad-argument` for an id that OpenSearch could not find again. */
export function checkIdBytes(id: string): void {
  const bytes = new TextEncoder().encode(id).length;
  if (bytes > MOST_ID_BYTES)
    throw new LociError(
      "bad-argument",
      `OpenSearch keeps ids of up to ${MOST_ID_BYTES} bytes; "${id.slice(0, 40)}…" has ${bytes}. Shorten it.`,
    );
}

/** What of a batch was there before. */
interface Found {
  readonly generations: number[];
  readonly chunks: { readonly chunk: number; readonly version: number; readonly terms: number }[];
}

/** Writes a batch. On failure or abort the collection is as before. */
export async function* writeBatch(
  client: Client,
  names: Names,
  control: Control,
  batch: CheckedBatch,
): AsyncGenerator<Step, Committed, void> {
  const ids = [...batch.remove, ...batch.put.map(({ id }) => id)];
  const clock = phaseClock("write", batch.put.length);
  const found = await whatIsThere(client, names, control.state, ids);
  if (batch.put.length === 0 && found.generations.length === 0)
    return { version: control.state.version, added: [], removed: [] };
  const before = control.state;
  const writing = { attempt: before.attempt + 1, version: before.version + 1 };
  const chunkCount = batch.put.reduce((sum, { chunks }) => sum + chunks.length, 0);
  await control.replace({
    attempt: writing.attempt,
    pending: writing,
    cleaned: before.version,
    nextChunk: before.nextChunk + chunkCount,
    nextGeneration: before.nextGeneration + batch.put.length,
  });
  let committed = false;
  try {
    const rows = new Rows(names, before, writing);
    let lines: [Json, Json?][] = await deletions(client, names, control, before);
    let [size, done] = [0, 0];
    for (const document of batch.put) {
      lines.push(...rows.of(document));
      size += 2 * document.text.length + (document.vectors?.data.length ?? 0) * 12;
      done++;
      if (lines.length < DOCUMENTS && size < CHARACTERS) continue;
      await client.bulk(lines);
      [lines, size] = [[], 0];
      yield clock(done);
    }
    await client.bulk([...lines, ...logOf(names, writing, found.chunks)]);
    await client.request("POST", `/${[...names.data(before), names.state].join()}/_refresh`);
    yield clock(done);
    const terms = found.chunks.reduce((sum, { terms }) => sum + terms, 0);
    const reached = {
      version: writing.version,
      pending: undefined,
      removing: found.generations,
      documents: before.documents + batch.put.length - found.generations.length,
      chunks: before.chunks + chunkCount - found.chunks.length,
      terms: before.terms + rows.terms - terms,
      zeros: before.zeros || rows.zeros,
    };
    await control.replace(reached).catch(async (error: unknown) => {
      // Without an answer it may have come through all the same: the state says whether it did.
      if ((await control.settle()).version !== writing.version) throw error;
    });
    committed = true;
    control.lastRemoved = { version: writing.version, chunks: found.chunks.map(({ chunk }) => chunk) };
  } finally {
    // Where the cluster cannot be reached this fails too, and is done before the next write.
    if (!committed) await giveUp(client, names, control).catch(() => undefined);
  }
  if (found.generations.length > MOST_REMOVING) await clean(client, names, control);
  if (writing.version % PRUNE_EVERY === 0) await prune(client, names, control);
  const added = Array.from({ length: chunkCount }, (_, i) => before.nextChunk + i);
  return { version: writing.version, added, removed: found.chunks.map(({ chunk }) => chunk) };
}

async function whatIsThere(client: Client, names: Names, state: State, ids: readonly string[]): Promise<Found> {
  const generations: number[] = [];
  for (const some of inPieces(ids, 1000)) {
    const query = { bool: { filter: [visible(state), { terms: { id: some } }] } };
    const sort = [{ generation: "asc" }];
    const hits = await hitsOf(client, names.documents, { query, size: some.length, sort, source: ["generation"] });
    generations.push(...hits.map(({ _source }) => Number(_source["generation"])));
  }
  const chunks: Found["chunks"][number][] = [];
  for (const some of inPieces(generations, 10_000)) {
    const query = { bool: { filter: [visible(state), { terms: { generation: some } }] } };
    const question = { query, size: Infinity, sort: [{ chunk: "asc" }], source: ["chunk", "version", "length"] };
    for await (const page of pagesOf(client, names.chunks, question)) {
      for (const { _source } of page)
        chunks.push({
          chunk: Number(_source["chunk"]),
          version: Number(_source["version"]),
          terms: Number(_source["length"]),
        });
    }
  }
  return { generations, chunks: chunks.sort((a, b) => a.chunk - b.chunk) };
}

/** Makes the lines of documents, with the numbers that belong to them. */
class Rows {
  readonly #names: Names;
  readonly #state: State;
  readonly #writing: Json;
  #chunk: number;
  #generation: number;
  terms = 0;
  zeros = false;

  constructor(names: Names, before: State, writing: { readonly attempt: number; readonly version: number }) {
    this.#names = names;
    this.#state = before;
    this.#writing = writing;
    this.#chunk = before.nextChunk;
    this.#generation = before.nextGeneration;
  }

  of({ id, text, hash, meta, chunks, vectors }: PutDocument): [Json, Json][] {
    const generation = this.#generation++;
    const json = metaToJson(meta);
    const belongs = { ...this.#writing, generation, facts: factsOf(meta) };
    const lines: [Json, Json][] = [
      [indexLine(this.#names.documents, generation), { ...belongs, id, text, hash, meta: json }],
    ];
    chunks.forEach(({ start, end }, place) => {
      const chunk = this.#chunk++;
      const piece = text.slice(start, end);
      const terms = termsOf(piece);
      this.terms += terms.length;
      lines.push([
        indexLine(this.#names.chunks, chunk),
        {
          ...belongs,
          chunk,
          place,
          document: id,
          start,
          end,
          text: toSafeText(piece),
          meta: json,
          terms: terms.join(" "),
          length: terms.length,
        },
      ]);
      if (!vectors) return;
      const vector = vectors.row(place);
      const zero = isZero(vector);
      this.zeros ||= zero;
      lines.push([
        indexLine(this.#names.vectors(this.#state.vectors), chunk),
        vectorRow({ ...belongs, chunk }, vector, this.#state.space?.metric === "cosine"),
      ]);
    });
    return lines;
  }
}

const isZero = (vector: Float32Array): boolean => vector.every((number) => number === 0);

/** A row of an index of vectors. OpenSearch takes no vector of zeros where the cosine is asked: it is noted instead. */
export function vectorRow(belongs: Json, vector: Float32Array, cosine: boolean): Json {
  if (cosine && isZero(vector)) return { ...belongs, zero: true };
  // Nine digits say which float32 it is, and are half as long as what it is as a float64.
  return { ...belongs, zero: false, vector: Array.from(vector, (number) => Number(number.toPrecision(9))) };
}

/** The line that writes a document under a number of its own: twice is as good as once. */
export function indexLine(index: string, id: number | string): Json {
  return { index: { _index: index, _id: String(id) } };
}

function logOf(names: Names, writing: { attempt: number; version: number }, chunks: Found["chunks"]): [Json, Json][] {
  return [...inPieces(chunks, MOST_HITS)].map((some, piece) => [
    indexLine(names.state, `log:${writing.attempt}:${piece}`),
    { kind: "log", ...writing, piece, removed: some.map(({ chunk, version }) => [chunk, version]) },
  ]);
}

/**
 * Lines that delete what the last write removed. Whoever made that write knows its numbers; who does not has them looked for and
 * deleted by OpenSearch, which is slower.
 */
async function deletions(client: Client, names: Names, control: Control, before: State): Promise<[Json][]> {
  const { removing, version } = before;
  const { lastRemoved } = control;
  if (lastRemoved?.version !== version) {
    await deleteGenerations(client, names, before, removing);
    return [];
  }
  const [documents, ...others] = names.data(before) as [string, ...string[]];
  const lines = (index: string, ids: readonly number[]): [Json][] =>
    ids.map((id) => [{ delete: { _index: index, _id: String(id) } }]);
  return [...lines(documents, removing), ...others.flatMap((index) => lines(index, lastRemoved.chunks))];
}

/** Deletes generations that do not count any more from all indices, for good. */
async function deleteGenerations(
  client: Client,
  names: Names,
  state: State,
  generations: readonly number[],
): Promise<void> {
  for (const some of inPieces(generations, 10_000))
    await deleteWhere(client, names.data(state).join(), { terms: { generation: some } });
}

/** Deletes whatever a query finds, now and after a refresh. */
export async function deleteWhere(client: Client, indices: string, query: Json): Promise<void> {
  await client.request("POST", `/${indices}/_delete_by_query?conflicts=proceed&refresh=true`, { query });
}

/** Marks the write under way as come to nothing, and deletes what there is of it. Also what a new writer does first. */
export async function giveUp(client: Client, names: Names, control: Control): Promise<void> {
  const { pending, aborted } = await control.settle();
  if (!pending) return;
  await control.replace({ pending: undefined, aborted: [...aborted, pending.attempt].slice(-MOST_ABORTED) });
  const indices = [...names.data(control.state), names.state].join();
  await client.request("POST", `/${indices}/_refresh`);
  await deleteWhere(client, indices, { term: { attempt: pending.attempt } });
}

/** Deletes what was removed by the last write; who still reads the version before will ask again. */
export async function clean(client: Client, names: Names, control: Control): Promise<void> {
  const { removing, version } = control.state;
  if (removing.length === 0) return;
  await control.replace({ cleaned: version });
  await deleteGenerations(client, names, control.state, removing);
  await control.replace({ removing: [] });
}

async function prune(client: Client, names: Names, control: Control): Promise<void> {
  const knownSince = control.state.version - VERSIONS_KEPT;
  if (knownSince <= control.state.knownSince) return;
  await control.replace({ knownSince });
  const query = { bool: { filter: [{ term: { kind: "log" } }, { range: { version: { lte: knownSince } } }] } };
  await deleteWhere(client, names.state, query);
}
