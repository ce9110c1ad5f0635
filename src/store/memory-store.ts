/**
 * A store in memory: for tests, for pages that keep nothing, and as the plain side of every comparison.
 *
 * Maps, and loops over all of them: what a store means should be readable here. It dies with its process, which is the one
 * promise of store.ts that it cannot keep.
 */
import { bytesSource, checkWhole, Matrix, type ByteSource, type LongOptions } from "../core/index.ts";
import { KeywordIndex } from "../index/index.ts";
import { ChangeLog } from "./change-log.ts";
import { checkBatch } from "./check-batch.ts";
import { meets, parseFilter } from "./condition.ts";
import type { Filter } from "./filter.ts";
import { compareStrings } from "./meta.ts";
import {
  checkMigrated,
  checkSpace,
  noMigration,
  noSpace,
  sameSpace,
  storeClosed,
  unfinished,
  wrongSpace,
} from "./space.ts";
import type {
  ChunkRange,
  Committed,
  Migration,
  PutDocument,
  ScoredChunk,
  Space,
  Store,
  StoreInfo,
  StoreSearch,
  StoredChunk,
  StoredDocument,
  WriteBatch,
} from "./store.ts";

/** A document as it is kept, and the numbers of its chunks: first … first + chunks − 1. */
interface Kept extends StoredDocument {
  readonly first: number;
  readonly ranges: readonly ChunkRange[];
}

interface VectorPiece {
  readonly chunks: readonly number[];
  readonly vectors: Matrix;
}

const PIECE_ROWS = 4096;

/** A {@link Store} of Maps. `new MemoryStore()`; nothing to open. */
export class MemoryStore implements Store {
  readonly kind = "memory";
  readonly readOnly = false;
  readonly nearest = undefined;
  #version = 0;
  #next = 1;
  #closed = false;
  #space: Space | undefined;
  readonly #documents = new Map<string, Kept>();
  /** By chunk, ascending: numbers only grow, and a Map keeps the order of arrival. */
  readonly #chunks = new Map<number, Kept>();
  #vectors = new Map<number, Float32Array>();
  #migration: { space: Space; vectors: Map<number, Float32Array> } | undefined;
  readonly #words = new KeywordIndex<number>();
  #log = new ChangeLog();
  readonly #settings = new Map<string, string>();
  readonly #snapshots = new Map<string, { version: number; bytes: Uint8Array }>();

  async info(): Promise<StoreInfo> {
    this.#check();
    return {
      schema: 1,
      version: this.#version,
      space: this.#space,
      documents: this.#documents.size,
      chunks: this.#chunks.size,
      bytes: undefined,
      deadBytes: undefined,
    };
  }

  async version(): Promise<number> {
    this.#check();
    return this.#version;
  }

  async setSpace(space: Space): Promise<void> {
    this.#check();
    checkSpace(space);
    if (this.#space && sameSpace(this.#space, space)) return;
    if (this.#space || this.#chunks.size > 0) throw wrongSpace(this.#space, space);
    this.#space = { ...space };
  }

  async write(batch: WriteBatch, { signal }: LongOptions = {}): Promise<Committed> {
    this.#check();
    signal?.throwIfAborted();
    const { put, remove } = checkBatch(batch, this.#space);
    const removed = [...remove, ...put.map(({ id }) => id)].flatMap((id) => this.#drop(id)).sort((a, b) => a - b);
    const touched = put.length > 0 || this.#dropped > 0;
    this.#dropped = 0;
    const next = this.#next;
    const added = put.flatMap((document) => this.#keep(document));
    if (touched) this.#log.append(++this.#version, next, removed);
    return { version: this.#version, added, removed };
  }

  /** Documents dropped by the write at hand; a document without chunks leaves no numbers behind. */
  #dropped = 0;

  #drop(id: string): number[] {
    const kept = this.#documents.get(id);
    if (!kept) return [];
    this.#dropped++;
    this.#documents.delete(id);
    const numbers = numbersOf(kept);
    for (const chunk of numbers) {
      this.#chunks.delete(chunk);
      this.#vectors.delete(chunk);
      this.#migration?.vectors.delete(chunk);
      this.#words.remove(chunk);
    }
    return numbers;
  }

  #keep({ id, text, meta, hash, chunks, vectors }: PutDocument): number[] {
    const kept: Kept = { id, text, meta, hash, first: this.#next, ranges: chunks };
    this.#next += chunks.length;
    this.#documents.set(id, kept);
    return chunks.map(({ start, end }, i) => {
      const chunk = kept.first + i;
      this.#chunks.set(chunk, kept);
      if (vectors) this.#vectors.set(chunk, vectors.row(i).slice());
      this.#words.add(chunk, text.slice(start, end));
      return chunk;
    });
  }

  async documents(ids: readonly string[]): Promise<(StoredDocument | undefined)[]> {
    this.#check();
    return ids.map((id) => {
      const kept = this.#documents.get(id);
      return kept && { id, text: kept.text, meta: kept.meta, hash: kept.hash };
    });
  }

  async *list({ filter = {}, prefix = "" }: { readonly filter?: Filter; readonly prefix?: string } = {}) {
    this.#check();
    const found = this.#passing(filter).filter(({ id }) => id.startsWith(prefix));
    for (const { id, hash, meta } of found.sort((a, b) => compareStrings(a.id, b.id))) yield { id, hash, meta };
  }

  async chunksOf(id: string): Promise<StoredChunk[]> {
    this.#check();
    const kept = this.#documents.get(id);
    return kept ? kept.ranges.map((_, i) => chunkOf(kept, kept.first + i)) : [];
  }

  async chunks(numbers: readonly number[]): Promise<(StoredChunk | undefined)[]> {
    this.#check();
    return numbers.map((chunk) => {
      const kept = this.#chunks.get(chunk);
      return kept && chunkOf(kept, chunk);
    });
  }

  async matching(filter: Filter): Promise<Float64Array> {
    this.#check();
    return Float64Array.from(this.#passing(filter).flatMap(numbersOf)).sort();
  }

  async count(filter: Filter = {}): Promise<number> {
    this.#check();
    return this.#passing(filter).length;
  }

  #passing(filter: Filter): Kept[] {
    const condition = parseFilter(filter);
    return [...this.#documents.values()].filter(({ meta }) => meets(meta, condition));
  }

  async keyword(query: string, { k, filter }: StoreSearch): Promise<ScoredChunk[]> {
    this.#check();
    checkWhole("k", k, 1);
    const allowed = filter && new Set(await this.matching(filter));
    const hits = this.#words.search(query, { k, ...(allowed && { filter: (key: number) => allowed.has(key) }) });
    return hits.map(({ key, score }) => ({ chunk: key, score }));
  }

  vectors(after = 0): AsyncIterable<VectorPiece> {
    return piecesOf(() => this.#vectorsIn(), after);
  }

  async vectorsOf(numbers: readonly number[]): Promise<Matrix> {
    return rowsOf(this.#vectorsIn(), numbers);
  }

  #vectorsIn(): VectorSet {
    this.#check();
    return { space: this.#space, vectors: this.#vectors };
  }

  async changes(since: number) {
    this.#check();
    return this.#log.since(since, this.#version, (from) => [...this.#chunks.keys()].filter((chunk) => chunk >= from));
  }

  async saveSnapshot(name: string, version: number, pieces: AsyncIterable<Uint8Array>): Promise<void> {
    this.#check();
    const parts: Uint8Array[] = [];
    for await (const piece of pieces) parts.push(piece.slice());
    const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const part of parts) {
      bytes.set(part, at);
      at += part.length;
    }
    this.#snapshots.set(name, { version, bytes });
  }

  async snapshot(name: string): Promise<{ readonly version: number; readonly source: ByteSource } | undefined> {
    this.#check();
    const kept = this.#snapshots.get(name);
    return kept && { version: kept.version, source: bytesSource(name, kept.bytes) };
  }

  async removeSnapshot(name: string): Promise<void> {
    this.#check();
    this.#snapshots.delete(name);
  }

  async migration(): Promise<Migration | undefined> {
    this.#check();
    if (!this.#migration) return undefined;
    const { space, vectors } = this.#migration;
    return { space, written: vectors.size, missing: this.#chunks.size - vectors.size };
  }

  async beginMigration(space: Space): Promise<void> {
    this.#check();
    checkSpace(space);
    if (this.#migration && sameSpace(this.#migration.space, space)) return;
    this.#migration = { space: { ...space }, vectors: new Map() };
  }

  async unmigrated(limit: number): Promise<StoredChunk[]> {
    const { vectors } = this.#underWay();
    const missing: StoredChunk[] = [];
    for (const [chunk, kept] of this.#chunks) {
      if (missing.length >= limit) break;
      if (!vectors.has(chunk)) missing.push(chunkOf(kept, chunk));
    }
    return missing;
  }

  async writeMigrated(chunks: readonly number[], vectors: Matrix): Promise<void> {
    const migration = this.#underWay();
    checkMigrated(chunks, vectors, migration.space);
    chunks.forEach((chunk, i) => {
      if (this.#chunks.has(chunk)) migration.vectors.set(chunk, vectors.row(i).slice());
    });
  }

  migratedVectors(after = 0): AsyncIterable<VectorPiece> {
    return piecesOf(() => this.#underWay(), after);
  }

  async migratedVectorsOf(numbers: readonly number[]): Promise<Matrix> {
    return rowsOf(this.#underWay(), numbers);
  }

  async commitMigration(): Promise<number> {
    const { space, vectors } = this.#underWay();
    const missing = this.#chunks.size - vectors.size;
    if (missing > 0) throw unfinished(missing);
    this.#space = space;
    this.#vectors = vectors;
    this.#migration = undefined;
    this.#log = new ChangeLog(++this.#version);
    return this.#version;
  }

  async abandonMigration(): Promise<void> {
    this.#check();
    this.#migration = undefined;
  }

  #underWay(): { space: Space; vectors: Map<number, Float32Array> } {
    this.#check();
    if (!this.#migration) throw noMigration();
    return this.#migration;
  }

  async setting(name: string): Promise<unknown> {
    this.#check();
    const json = this.#settings.get(name);
    return json === undefined ? undefined : JSON.parse(json);
  }

  async setSetting(name: string, value: unknown): Promise<void> {
    this.#check();
    const json = JSON.stringify(value) as string | undefined;
    if (json === undefined) this.#settings.delete(name);
    else this.#settings.set(name, json);
  }

  async compact(): Promise<{ readonly before: number; readonly after: number }> {
    this.#check();
    return { before: 0, after: 0 };
  }

  async verify(): Promise<string[]> {
    this.#check();
    return [];
  }

  async close(): Promise<void> {
    this.#closed = true;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #check(): void {
    if (this.#closed) throw storeClosed();
  }
}

interface VectorSet {
  readonly space: Space | undefined;
  readonly vectors: ReadonlyMap<number, Float32Array>;
}

async function* piecesOf(set: () => VectorSet, after: number): AsyncGenerator<VectorPiece, void, void> {
  const { space, vectors } = set();
  if (!space) return;
  const chunks = [...vectors.keys()].filter((chunk) => chunk > after).sort((a, b) => a - b);
  for (let at = 0; at < chunks.length; at += PIECE_ROWS) {
    // What was removed since the first piece is left out.
    const some = chunks.slice(at, at + PIECE_ROWS).filter((chunk) => vectors.has(chunk));
    yield { chunks: some, vectors: rowsOf({ space, vectors }, some) };
  }
}

function rowsOf({ space, vectors }: VectorSet, numbers: readonly number[]): Matrix {
  if (!space) throw noSpace();
  const rows = Matrix.zeros(numbers.length, space.dim);
  numbers.forEach((chunk, i) => {
    const vector = vectors.get(chunk);
    if (vector) rows.row(i).set(vector);
    else rows.row(i).fill(NaN);
  });
  return rows;
}

function chunkOf(kept: Kept, chunk: number): StoredChunk {
  const { start, end } = kept.ranges[chunk - kept.first]!;
  return { chunk, document: kept.id, start, end, text: kept.text.slice(start, end), meta: kept.meta };
}

function numbersOf({ first, ranges }: Kept): number[] {
  return ranges.map((_, i) => first + i);
}
