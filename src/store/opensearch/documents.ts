/** Reading documents and chunks from OpenSearch, and what has changed. */
import type { Filter, Meta } from "../filter.ts";
import { metaFromJson } from "../meta.ts";
import { fromSafeText } from "../safe-text.ts";
import type { StoredChunk, StoredDocument } from "../store.ts";
import type { Client, Json } from "./client.ts";
import { filterQuery } from "./conditions.ts";
import type { Names } from "./layout.ts";
import { type View, hitsOf, inPieces, pagesOf } from "./reads.ts";

const PAGE = 1000;
/** Documents come with their texts, which may be long. */
const DOCUMENTS = 200;
const CHUNK_ORDER = [{ chunk: "asc" }];

/** Documents by id. */
export async function documentsById(
  client: Client,
  names: Names,
  { filter }: View,
  ids: readonly string[],
): Promise<Map<string, StoredDocument>> {
  const found = new Map<string, StoredDocument>();
  for (const some of inPieces([...new Set(ids)], DOCUMENTS)) {
    const hits = await hitsOf(client, names.documents, {
      query: { bool: { filter: [...filter, { terms: { id: some } }] } },
      size: some.length,
      sort: [{ generation: "asc" }],
      source: ["id", "text", "hash", "meta"],
    });
    for (const { _source } of hits) {
      const [id, text, hash, meta] = ["id", "text", "hash", "meta"].map((name) => String(_source[name]));
      found.set(id!, { id: id!, text: text!, meta: metaFromJson(meta!), hash: hash! });
    }
  }
  return found;
}

/** Documents without their texts, by id in the order of code points, page by page. */
export async function* listDocuments(
  client: Client,
  names: Names,
  read: <T>(work: (view: View) => Promise<T>) => Promise<T>,
  filter: Filter,
  prefix: string,
): AsyncGenerator<{ id: string; hash: string; meta: Meta }, void, void> {
  const asked = [filterQuery(filter), ...(prefix === "" ? [] : [{ prefix: { id: prefix } }])];
  for (let later: Json[] = []; ;) {
    const hits = await read((view) =>
      hitsOf(client, names.documents, {
        query: { bool: { filter: [...view.filter, ...asked, ...later] } },
        size: PAGE,
        sort: [{ id: "asc" }],
        source: ["id", "hash", "meta"],
      }),
    );
    for (const { _source } of hits)
      yield {
        id: String(_source["id"]),
        hash: String(_source["hash"]),
        meta: metaFromJson(String(_source["meta"])),
      };
    if (hits.length < PAGE) return;
    later = [{ range: { id: { gt: hits.at(-1)!._source["id"] } } }];
  }
}

/** The chunks that a query finds, in an order. */
export async function chunksWhere(
  client: Client,
  names: Names,
  { filter }: View,
  which: Json,
  sort: readonly Json[],
): Promise<StoredChunk[]> {
  const hits = await hitsOf(client, names.chunks, {
    query: { bool: { filter: [...filter, which] } },
    size: Infinity,
    sort,
    source: ["chunk", "document", "start", "end", "text", "meta"],
    page: PAGE,
  });
  return hits.map(({ _source }) => ({
    chunk: Number(_source["chunk"]),
    document: String(_source["document"]),
    start: Number(_source["start"]),
    end: Number(_source["end"]),
    text: fromSafeText(String(_source["text"])),
    meta: metaFromJson(String(_source["meta"])),
  }));
}

/** Chunks by number. */
export async function chunksByNumber(
  client: Client,
  names: Names,
  view: View,
  numbers: readonly number[],
): Promise<Map<number, StoredChunk>> {
  const found = new Map<number, StoredChunk>();
  for (const some of inPieces([...new Set(numbers)], PAGE)) {
    const chunks = await chunksWhere(client, names, view, { terms: { chunk: some } }, CHUNK_ORDER);
    for (const chunk of chunks) found.set(chunk.chunk, chunk);
  }
  return found;
}

/** The numbers of the chunks that all of some conditions let pass, ascending. */
export async function chunkNumbers(client: Client, index: string, filter: readonly Json[]): Promise<Float64Array> {
  const numbers: number[] = [];
  const question = { query: { bool: { filter } }, size: Infinity, sort: CHUNK_ORDER, source: false as const };
  for await (const page of pagesOf(client, index, question))
    for (const { sort } of page) numbers.push(Number(sort![0]));
  return Float64Array.from(numbers);
}

/** What the writes after a version added and removed, net; undefined where the log does not reach back so far. */
export async function changesSince(
  client: Client,
  names: Names,
  { state, filter }: View,
  since: number,
): Promise<{ version: number; added: readonly number[]; removed: readonly number[] } | undefined> {
  const { version, knownSince, aborted } = state;
  if (since < knownSince || since > version) return undefined;
  const added = await chunkNumbers(client, names.chunks, [...filter, { range: { version: { gt: since } } }]);
  const query = {
    bool: {
      filter: [{ term: { kind: "log" } }, { range: { version: { gt: since, lte: version } } }],
      must_not: [{ terms: { attempt: aborted } }],
    },
  };
  const removed: number[] = [];
  const sort = [{ version: "asc" }, { piece: "asc" }];
  for await (const page of pagesOf(client, names.state, {
    query,
    size: Infinity,
    sort,
    source: ["removed"],
    page: 100,
  }))
    for (const { _source } of page)
      for (const [chunk, from] of _source["removed"] as [number, number][]) if (from <= since) removed.push(chunk);
  return { version, added: [...added], removed: removed.sort((a, b) => a - b) };
}

/** Bytes of the first copies of all indices of a collection. */
export async function bytesOf(client: Client, names: Names): Promise<number> {
  const stats = (await client.request("GET", `/${names.base}-*/_stats/store`)) as {
    _all: { primaries: { store?: { size_in_bytes: number } } };
  };
  return stats._all.primaries.store?.size_in_bytes ?? 0;
}
