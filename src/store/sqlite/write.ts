/**
 * Writing documents: one transaction from `beginWrite` to `commitWrite`, in as many calls between as the caller likes.
 *
 * The calls come from another thread, so that a large batch travels in pieces, shows how far it is and can be given up
 * (`rollbackWrite`); until the last one nothing of it can be seen.
 */
import { keywordTerms } from "../../index/index.ts";
import { MOST_REMOVED, MOST_WRITES } from "../change-log.ts";
import { membersOf, metaFromJson, metaToJson } from "../meta.ts";
import type { ChunkRange, Committed, StoredDocument } from "../store.ts";
import type { Connection } from "./database.ts";
import { TYPE_NUMBERS } from "./filter-sql.ts";
import { putVectors, removeVectors } from "./packs.ts";
import { setState, spaceOf, stateOf } from "./state.ts";

/** A document on its way between threads, where only plain data travels. */
export interface SentDocument extends StoredDocument {
  readonly chunks: readonly ChunkRange[];
  readonly vectors: Float32Array | undefined;
}

/** A write under way on a connection. */
interface Writing {
  /** The first number that it gives. */
  readonly next: number;
  documents: number;
  readonly added: number[];
  readonly removed: number[];
  touched: boolean;
}

/** Texts are kept in parts of about this many UTF-16 units, so that a chunk of a book does not cost the whole book. */
const TEXT_PART = 1 << 16;

const writes = new WeakMap<Connection, Writing>();

/** Begins a write, and removes documents (those that are there). */
export function beginWrite(connection: Connection, remove: readonly string[]): void {
  connection.begin("IMMEDIATE");
  const writing: Writing = { next: stateOf(connection, "next"), documents: 0, added: [], removed: [], touched: false };
  writes.set(connection, writing);
  for (const id of remove) removeDocument(connection, writing, id);
}

/** Puts documents; what was there under their ids goes. */
export function putDocuments(connection: Connection, documents: readonly SentDocument[]): void {
  const writing = writingOn(connection);
  const space = spaceOf(connection, "space");
  for (const { id } of documents) removeDocument(connection, writing, id);
  const numbers: number[] = [];
  const vectors: Float32Array[] = [];
  for (const document of documents) {
    const first = writing.next + writing.added.length;
    putDocument(connection, first, document);
    document.chunks.forEach((_, i) => {
      writing.added.push(first + i);
      if (document.vectors) numbers.push(first + i);
    });
    if (document.vectors) vectors.push(document.vectors);
    writing.documents++;
    writing.touched = true;
  }
  if (space && numbers.length > 0) putVectors(connection, space.number, space.space.dim, numbers, endToEnd(vectors));
}

/** Makes the write last. */
export function commitWrite(connection: Connection): Committed {
  const { next, documents, added, removed, touched } = writingOn(connection);
  let version = stateOf(connection, "version");
  if (touched) {
    removed.sort((a, b) => a - b);
    removeVectors(connection, removed);
    version++;
    setState(connection, "version", version);
    setState(connection, "next", next + added.length);
    setState(connection, "documents", stateOf(connection, "documents") + documents);
    setState(connection, "chunks", stateOf(connection, "chunks") + added.length - removed.length);
    setState(connection, "buried", stateOf(connection, "buried") + removed.length);
    log(connection, version, next, removed);
  }
  connection.commit();
  writes.delete(connection);
  return { version, added, removed };
}

/** Gives a write up, if one is under way. */
export function rollbackWrite(connection: Connection): void {
  connection.rollback();
  writes.delete(connection);
}

function writingOn(connection: Connection): Writing {
  const writing = writes.get(connection);
  if (!writing) throw new Error("No write was begun on this connection.");
  return writing;
}

function putDocument(connection: Connection, first: number, { id, hash, meta, text, chunks }: SentDocument): void {
  const ranges = new Uint8Array(Uint32Array.from(chunks.flatMap(({ start, end }) => [start, end])).buffer);
  connection.run(
    // Node 22 takes an empty array for NULL.
    "INSERT INTO documents (id, hash, meta, first, count, ranges) VALUES (?, ?, ?, ?, ?, coalesce(?, x''))",
    id,
    hash,
    metaToJson(meta),
    first,
    chunks.length,
    ranges,
  );
  const document = connection.number("SELECT number FROM documents WHERE id = ?", id);
  for (let start = 0; start < text.length;) {
    const end = partEnd(text, start);
    connection.run("INSERT INTO texts VALUES (?, ?, ?)", document, start, text.slice(start, end));
    start = end;
  }
  for (const { field, scalar } of membersOf(meta)) {
    connection.run("INSERT OR IGNORE INTO fields (name) VALUES (?)", field);
    connection.run(
      "INSERT INTO members VALUES ((SELECT number FROM fields WHERE name = ?), ?, ?, ?)",
      field,
      TYPE_NUMBERS[scalar.type],
      scalar.value,
      document,
    );
  }
  chunks.forEach(({ start, end }, i) => {
    connection.run("INSERT INTO words (rowid, terms) VALUES (?, ?)", first + i, termsOf(text, start, end));
  });
}

function removeDocument(connection: Connection, writing: Writing, id: string): void {
  const row = connection.get("SELECT number, meta, first, count, ranges FROM documents WHERE id = ?", id);
  if (!row) return;
  const [document, json, first, count, ranges] = row as [number, string, number, number, Uint8Array];
  const text = wholeText(connection, document);
  const places = new Uint32Array(ranges.slice().buffer);
  for (let i = 0; i < count; i++) {
    // The keyword index holds no text of its own: it has to be told what to forget.
    const terms = termsOf(text, places[2 * i]!, places[2 * i + 1]!);
    connection.run("INSERT INTO words (words, rowid, terms) VALUES ('delete', ?, ?)", first + i, terms);
    writing.removed.push(first + i);
  }
  for (const { field, scalar } of membersOf(metaFromJson(json))) {
    connection.run(
      "DELETE FROM members WHERE field = (SELECT number FROM fields WHERE name = ?) AND type = ? AND value = ? AND document = ?",
      field,
      TYPE_NUMBERS[scalar.type],
      scalar.value,
      document,
    );
  }
  connection.run("DELETE FROM texts WHERE document = ?", document);
  connection.run("DELETE FROM documents WHERE number = ?", document);
  writing.documents--;
  writing.touched = true;
}

/** All of a document's text. */
export function wholeText(connection: Connection, document: number): string {
  return connection
    .all("SELECT text FROM texts WHERE document = ? ORDER BY start", document)
    .map(([text]) => text as string)
    .join("");
}

/** What the keyword index is given for a chunk: its terms with spaces between, which is all its tokenizer has to see. */
export function termsOf(text: string, start: number, end: number): string {
  return keywordTerms(text.slice(start, end)).join(" ");
}

/** Where the part that begins at `start` ends: never inside a surrogate pair, which UTF-8 could not keep in halves. */
function partEnd(text: string, start: number): number {
  const end = Math.min(text.length, start + TEXT_PART);
  const insidePair = end < text.length && (text.charCodeAt(end) & 0xfc00) === 0xdc00;
  return insidePair ? end - 1 : end;
}

/** Notes what a write removed, and forgets the oldest writes (change-log.ts). */
function log(connection: Connection, version: number, next: number, removed: readonly number[]): void {
  connection.run(
    "INSERT INTO commits VALUES (?, ?, coalesce(?, x''))",
    version,
    next,
    new Uint8Array(Float64Array.from(removed).buffer),
  );
  let oldest = version - MOST_WRITES;
  // Now and then is enough to keep the bound on numbers: it is there for the size of the file.
  if (version % 64 === 0 || removed.length > 1000) {
    let numbers = 0;
    for (const [at, bytes] of connection.all("SELECT version, length(removed) FROM commits ORDER BY version DESC") as [
      number,
      number,
    ][]) {
      numbers += bytes / 8;
      if (numbers > MOST_REMOVED) {
        oldest = Math.max(oldest, at);
        break;
      }
    }
  }
  if (oldest <= stateOf(connection, "forgotten")) return;
  connection.run("DELETE FROM commits WHERE version <= ?", oldest);
  setState(connection, "forgotten", oldest);
}

function endToEnd(parts: readonly Float32Array[]): Float32Array {
  if (parts.length === 1) return parts[0]!;
  const whole = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
