/** A file of a folder as documents for a collection: ids, metadata, hashes, chunks. */
import { type ByteSource, bytesSource, dateOf, fileSource, LociError } from "../core/index.ts";
import {
  type Chunk,
  type ChunkOptions,
  chunkDocument,
  kindOfName,
  readDocuments,
  type ReadDocumentsOptions,
  type TextDocument,
} from "../documents/index.ts";
import type { NewDocument } from "./collection-types.ts";
import { contentHash } from "./content-hash.ts";
import type { Meta } from "./filter.ts";
import { type FoundFile, machineFiles } from "./folder-walk.ts";

/** How files become documents. */
export interface ReadPlan {
  readonly read: ReadDocumentsOptions;
  readonly chunk: ChunkOptions;
  /** Stands for all of it; another recipe makes other documents of the same file. */
  readonly recipe: string;
}

/** A document on its way, with its text and number of chunks for those who batch. */
export interface FileDocument extends NewDocument {
  readonly hash: string;
  /** Chunks it, when it turns out that it has to be written. */
  readonly cut: () => Promise<readonly Chunk[]>;
}

/** Changes whenever the same file would give other documents with the same options. */
const READERS = 1;
const BLOCK = 1 << 20;

/** The recipe of some options. `counter` names how tokens are counted. */
export function recipeOf(read: ReadDocumentsOptions, { size, overlap }: ChunkOptions, counter: string): string {
  return contentHash(JSON.stringify([READERS, read, size, overlap, counter])).slice(0, 12);
}

/** Whether a file is read row by row, so that its length does not matter. */
export function isTable(path: string, { kind }: ReadDocumentsOptions): boolean {
  const known = kind ?? kindOfName(path.replace(/\.gz$/i, ""));
  return known === "jsonl" || known === "csv" || known === "tsv";
}

/** The bytes of a file with their hash; of a table only the hash, since it is read again row by row. */
export interface LoadedFile {
  readonly source: ByteSource;
  readonly hash: string;
}

/** Reads a file as a whole, or a table for its hash. Throws what the system says; `bad-file` for what grew beyond `maxBytes`. */
export async function loadFile(file: FoundFile, { read }: ReadPlan): Promise<LoadedFile> {
  const table = isTable(file.path, read);
  const most = table ? Infinity : (read.maxBytes ?? 1 << 26);
  if (file.bytes > most) throw tooLarge(file.path, most);
  if (!table && file.bytes <= BLOCK) {
    // In one go: a stream would take a megabyte for each of a hundred thousand small files.
    const room = new Uint8Array(file.bytes + 1);
    const bytes = room.subarray(0, await machineFiles().readAt(file.path, 0, room));
    if (bytes.length <= file.bytes) return { source: bytesSource(file.path, bytes), hash: hashOf(bytes) };
  }
  const blocks = new Blocks(table ? undefined : file.bytes);
  for await (const piece of machineFiles().read(file.path)) {
    blocks.add(piece);
    if (blocks.length > most) throw tooLarge(file.path, most);
  }
  const hash = blocks.hash();
  return { source: table ? await fileSource(file.path) : bytesSource(file.path, blocks.bytes()), hash };
}

/** The hash of bytes, block by block, as `Blocks` has it. */
function hashOf(bytes: Uint8Array): string {
  const hashes: string[] = [];
  for (let at = 0; at < bytes.length; at += BLOCK) hashes.push(contentHash(bytes.subarray(at, at + BLOCK)));
  return contentHash(hashes.join("\n"));
}

function tooLarge(path: string, most: number): LociError {
  return new LociError(
    "bad-file",
    `${path}: larger than ${most} bytes, and is not read. Raise \`read.maxBytes\` to read it.`,
  );
}

/** The documents of a file, those without text left out. */
export async function* documentsOf(
  file: FoundFile,
  { source, hash: fileHash }: LoadedFile,
  plan: ReadPlan,
): AsyncGenerator<FileDocument, void, void> {
  for await (const document of readDocuments(source, plan.read)) {
    if (document.text.trim() === "") continue;
    const { row, text, kind } = document;
    const own = row === undefined ? [fileHash, kind] : [contentHash(text), JSON.stringify(document.fields), kind];
    yield {
      id: row === undefined ? file.path : `${file.path}#${row}`,
      text,
      meta: metaOf(document, file),
      hash: contentHash([...own, plan.recipe].join("\n")),
      cut: () => chunkDocument(document, plan.chunk),
    };
  }
}

/** Names that are ours: a field of a row that is called so goes by `row.NAME`. */
const RESERVED = new Set(["path", "kind", "title", "modified", "bytes", "language", "row", "line", "lineMap"]);

function metaOf({ kind, title, row, language, fields, origin, text }: TextDocument, file: FoundFile): Meta {
  const meta: Record<string, Meta[string]> = {};
  for (const [name, value] of Object.entries(fields)) {
    meta[RESERVED.has(name) && !(name === "title" && value === title) ? `row.${name}` : name] = value;
  }
  Object.assign(meta, { path: file.path, kind, modified: dateOf(file.modified), bytes: file.bytes });
  if (title !== undefined) meta.title = title;
  if (language !== undefined) meta.language = language;
  if (row !== undefined) Object.assign(meta, { row, line: origin?.lines({ start: 0, end: text.length }).first ?? row });
  if (origin?.lineMap !== undefined) meta.lineMap = origin.lineMap;
  return meta;
}

/** Bytes in blocks of 1 MiB, each hashed when it is full, so that a file of any length has a hash. */
class Blocks {
  readonly #hashes: string[] = [];
  readonly #kept: Uint8Array | undefined;
  #block: Uint8Array;
  #used = 0;
  length = 0;

  /** With `expected` the bytes are kept too; a file that grew meanwhile gets more room. */
  constructor(expected: number | undefined) {
    this.#block = new Uint8Array(expected === undefined ? BLOCK : Math.max(1, expected));
    this.#kept = expected === undefined ? undefined : this.#block;
  }

  add(piece: Uint8Array): void {
    if (this.#kept) {
      if (this.length + piece.length > this.#block.length) {
        const larger = new Uint8Array(2 * (this.length + piece.length));
        larger.set(this.#block.subarray(0, this.length));
        this.#block = larger;
      }
      this.#block.set(piece, this.length);
      this.length += piece.length;
      return;
    }
    this.length += piece.length;
    for (let at = 0; at < piece.length;) {
      const some = piece.subarray(at, at + BLOCK - this.#used);
      this.#block.set(some, this.#used);
      this.#used += some.length;
      at += some.length;
      if (this.#used === BLOCK) this.#close();
    }
  }

  bytes(): Uint8Array {
    return this.#block.subarray(0, this.length);
  }

  hash(): string {
    if (this.#kept) return hashOf(this.bytes());
    if (this.#used > 0) this.#close();
    return contentHash(this.#hashes.join("\n"));
  }

  #close(): void {
    this.#hashes.push(contentHash(this.#block.subarray(0, this.#used)));
    this.#used = 0;
  }
}

/** Small files are loaded so many ahead, since opening one takes longer than reading it. */
const FILES_AHEAD = 8;

/** Files with what is in them or why it cannot be read, in order, some loaded ahead. */
export async function* loadedAhead(
  files: readonly FoundFile[],
  plan: ReadPlan,
): AsyncGenerator<{ file: FoundFile; loaded: LoadedFile | Error }, void, void> {
  const ahead: Promise<LoadedFile | Error>[] = [];
  const load = (file: FoundFile): Promise<LoadedFile | Error> =>
    loadFile(file, plan).catch((error: unknown) => (error instanceof Error ? error : new Error(String(error))));
  let next = 0;
  for (const [i, file] of files.entries()) {
    if (next <= i) next = i;
    // Large files come one at a time: what is held in memory is one of them, or a few small ones.
    while (next < files.length && next < i + FILES_AHEAD && (next === i || files[next]!.bytes <= BLOCK))
      ahead.push(load(files[next++]!));
    yield { file, loaded: await ahead.shift()! };
  }
}
