/**
 * A collection as text: one JSON object a line, so that it can be read by anything, looked at, cut and sent on.
 *
 * The first line says what it is (`loci`, version, space); each further line is a document with its metadata, the ranges of its
 * chunks, and their vectors as base64 of little-endian float32, row after row: exact, and a quarter of the size of digits. Dates in
 * metadata are `{"date": milliseconds}`. docs/formats/collection-jsonl.md.
 */
import { type ByteSource, LociError, Matrix, base64, fromBase64 } from "../core/index.ts";
import { readLines } from "../text/index.ts";
import type { NewDocument } from "./collection-types.ts";
import { metaFromJson, metaToJson } from "./meta.ts";
import type { Space, Store } from "./store.ts";

const FORMAT = 1;
const IDS_AT_ONCE = 128;

export interface ExportOptions {
  /** Whether the vectors go with it. Without them whoever imports embeds the texts anew. Default true. */
  readonly vectors?: boolean;
}

interface Head {
  readonly loci: "collection";
  readonly format: number;
  readonly space?: Space;
}

interface Line {
  readonly id: string;
  readonly text: string;
  readonly hash: string;
  readonly meta: unknown;
  readonly chunks: readonly (readonly [number, number])[];
  readonly vectors?: string;
}

/** The lines of an export, each ending in a line break, in the order of ids. What is written meanwhile may be in it or not. */
export async function* exportLines(
  store: Store,
  { vectors = true }: ExportOptions = {},
): AsyncGenerator<string, void, void> {
  const { space } = await store.info();
  const head: Head = { loci: "collection", format: FORMAT, ...(space && vectors && { space }) };
  yield `${JSON.stringify(head)}\n`;
  let ids: string[] = [];
  const flush = async function* (): AsyncGenerator<string, void, void> {
    const documents = await store.documents(ids);
    for (const document of documents) {
      // Removed since it was listed: it is not in the collection, so not in its export.
      if (document) yield `${await lineOf(store, document, space !== undefined && vectors)}\n`;
    }
    ids = [];
  };
  for await (const { id } of store.list()) {
    ids.push(id);
    if (ids.length === IDS_AT_ONCE) yield* flush();
  }
  yield* flush();
}

async function lineOf(
  store: Store,
  {
    id,
    text,
    hash,
    meta,
  }: { readonly id: string; readonly text: string; readonly hash: string; readonly meta: NewDocument["meta"] & {} },
  withVectors: boolean,
): Promise<string> {
  const stored = await store.chunksOf(id);
  const rows = withVectors && stored.length > 0 ? await store.vectorsOf(stored.map(({ chunk }) => chunk)) : undefined;
  const whole = rows !== undefined && !rows.data.some(Number.isNaN);
  const line: Line = {
    id,
    text,
    hash,
    meta: JSON.parse(metaToJson(meta)),
    chunks: stored.map(({ start, end }) => [start, end] as const),
    ...(whole && { vectors: base64(new Uint8Array(rows.data.buffer, rows.data.byteOffset, rows.data.byteLength)) }),
  };
  return JSON.stringify(line);
}

/** The space of an export, read from its first line; undefined where it holds no vectors. */
export async function headOf(source: ByteSource): Promise<Space | undefined> {
  for await (const line of linesOf(source)) return parsedHead(line, source.name).space;
  throw new LociError("bad-file", `${source.name} is empty; expected the first line of an exported collection.`);
}

/** The documents of an export; vectors go along where they are of the space that is asked for. Throws `bad-file` naming the line. */
export async function* importedDocuments(
  source: ByteSource,
  space: Space | undefined,
): AsyncGenerator<NewDocument, void, void> {
  let number = 0;
  let own: Space | undefined;
  for await (const line of linesOf(source)) {
    number++;
    if (number === 1) own = parsedHead(line, source.name).space;
    else if (line.trim() !== "") {
      const taken = own && space && own.fingerprint === space.fingerprint ? own.dim : undefined;
      yield parsedDocument(line, `${source.name}: line ${number}`, taken);
    }
  }
}

/** Lines of any length, whole. */
async function* linesOf(source: ByteSource): AsyncGenerator<string, void, void> {
  let pieces: string[] = [];
  for await (const { text, ends } of readLines(source.read())) {
    pieces.push(text);
    if (!ends) continue;
    yield pieces.join("");
    pieces = [];
  }
}

function parsedHead(line: string, name: string): Head {
  const head = parsed(line, `${name}: line 1`) as Partial<Head>;
  if (head.loci !== "collection")
    throw new LociError(
      "bad-file",
      `${name}: line 1 is not the first line of an exported collection ({"loci":"collection",…}).`,
    );
  if (head.format !== FORMAT)
    throw new LociError(
      "bad-file",
      `${name}: line 1: expected format ${FORMAT}, got ${String(head.format)}. A newer Loci wrote it.`,
    );
  return head as Head;
}

function parsedDocument(line: string, place: string, dim: number | undefined): NewDocument {
  const { id, text, hash, meta, chunks, vectors } = parsed(line, place) as Partial<Line>;
  const sound =
    typeof id === "string" &&
    typeof text === "string" &&
    (hash === undefined || typeof hash === "string") &&
    (meta === undefined || (typeof meta === "object" && meta !== null)) &&
    (vectors === undefined || typeof vectors === "string") &&
    Array.isArray(chunks) &&
    chunks.every((range) => Array.isArray(range) && range.length === 2 && range.every(Number.isInteger));
  if (!sound)
    throw new LociError(
      "bad-file",
      `${place}: expected { id, text, hash, meta, chunks: [[start, end], …], vectors } of an exported collection.`,
    );
  return {
    id,
    text,
    ...(hash !== undefined && { hash }),
    meta: metaFromJson(JSON.stringify(meta ?? {})),
    chunks: chunks.map(([start, end]) => ({ start, end })),
    ...(dim !== undefined && vectors !== undefined && { vectors: rowsOf(vectors, chunks.length, dim, place) }),
  };
}

function parsed(line: string, place: string): object {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw new LociError("bad-file", `${place} is not JSON.`, { cause });
  }
  if (typeof value !== "object" || value === null) throw new LociError("bad-file", `${place} is not a JSON object.`);
  return value;
}

function rowsOf(text: string, rows: number, dim: number, place: string): Matrix {
  const bytes = fromBase64(text);
  if (bytes?.length !== rows * dim * 4)
    throw new LociError(
      "bad-file",
      `${place}: expected ${rows} vectors of dim ${dim}, ${rows * dim * 4} bytes of base64, got ${bytes ? bytes.length : "something else"}.`,
    );
  return new Matrix(new Float32Array(bytes.buffer, bytes.byteOffset, rows * dim), dim);
}
