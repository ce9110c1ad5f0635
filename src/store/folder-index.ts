/**
 * Folders into a collection, and again: only what changed is read, and only what is new is embedded.
 *
 * Three questions, each cheaper than the next, settle most files: does it look as it did (size and time of change, of the manifest); does
 * it hold what it did (hash of its bytes, against the hash of its documents); has a document of this hash just gone from elsewhere (a
 * file that was renamed keeps its vectors). What is left is read, cut, embedded and written in batches, so that memory is bounded
 * by the largest single file. Documents of files that are gone are removed. Every batch is a transaction of the store: stopped at any
 * moment, the next run goes on from there.
 */
import { drain, LociError, type LongOptions, platform, type Step } from "../core/index.ts";
import { type ChunkOptions, countWords, type ReadDocumentsOptions } from "../documents/index.ts";
import type { Collection } from "./collection.ts";
import type { NewDocument } from "./collection-types.ts";
import { counterOf } from "./count-tokens.ts";
import { Manifest } from "./folder-manifest.ts";
import {
  documentsOf,
  type FileDocument,
  type LoadedFile,
  loadedAhead,
  type ReadPlan,
  recipeOf,
} from "./folder-read.ts";
import { type FoundFile, machineFiles, nothingAt, rootOf, type Root, walk, type WalkOptions } from "./folder-walk.ts";

export interface IndexPathsOptions extends LongOptions<IndexStep>, WalkOptions {
  /** How files are read: their kind, encoding, fields that are text. */
  readonly read?: ReadDocumentsOptions;
  /**
   * How documents are cut. Default: 200 words, without overlap; for an encoder that sees only so many tokens and can count them, 200
   * tokens, or as many as it sees if that is less.
   */
  readonly chunk?: ChunkOptions;
  /** Looks into every file, also those that look unchanged by size and time. Default false. */
  readonly full?: boolean;
}

/** Where indexing stands. In phase "find" it counts files, in phase "index" bytes of the files that have to be read. */
export interface IndexStep extends Step {
  readonly phase: "find" | "index";
  /** Documents and chunks written so far. */
  readonly documents: number;
  readonly chunks: number;
  /** The file that is being read. */
  readonly path: string;
}

/** A file that gave no document, and why. */
export interface SkippedFile {
  readonly path: string;
  readonly reason: string;
}

/** What was done. */
export interface IndexedPaths {
  /** Files found, whatever became of them. */
  readonly files: number;
  /** Files whose documents were in the collection already. */
  readonly unchanged: number;
  /** Documents and chunks that were written. */
  readonly documents: number;
  readonly chunks: number;
  /** Documents that were removed, since their files are gone or no longer hold them. */
  readonly removed: number;
  /** Of the documents written, those that were only renamed: their vectors were kept. */
  readonly renamed: number;
  readonly skipped: readonly SkippedFile[];
  /** Bytes of the files that were read. */
  readonly bytes: number;
  readonly seconds: number;
}

/**
 * Indexes files, folders and patterns into a collection, whose documents get the path as id (with `#3` for row 3 of a table) and
 * as metadata `path`, `kind`, `title`, `modified`, `bytes`, `language`, `row`, `line` and the fields of rows.
 *
 * Files that cannot be read as what they are (binary ones, damaged ones, those whose reader is not installed) are skipped
 * with a reason. Throws `not-found` for a path that is nothing and was nothing, `not-supported` in browsers.
 */
export function indexPaths(
  collection: Collection,
  paths: string | readonly string[],
  options: IndexPathsOptions = {},
): Promise<IndexedPaths> {
  return drain(indexPathsSteps(collection, paths, options), options);
}

/** The same in steps. */
export async function* indexPathsSteps(
  collection: Collection,
  paths: string | readonly string[],
  options: IndexPathsOptions = {},
): AsyncGenerator<IndexStep, IndexedPaths, void> {
  const run = new IndexRun(collection, options, await Manifest.open(collection.store));
  try {
    const roots = await Promise.all((typeof paths === "string" ? [paths] : paths).map(rootOf));
    yield* run.findSteps(roots);
    yield* run.indexSteps();
    return run.result();
  } finally {
    await run.leave();
  }
}

/** Documents of a batch, at most, and the characters of text from which on it is full. */
const BATCH_DOCUMENTS = 256;
const BATCH_CHARACTERS = 1 << 20;
const REMOVED_AT_ONCE = 1000;
const STEP_SECONDS = 0.05;
/** A file changed less than this before it was read may be changed again within the same tick of its clock. */
const SETTLED_MS = 2000;

class IndexRun {
  readonly #collection: Collection;
  readonly #options: IndexPathsOptions;
  readonly #manifest: Manifest;
  readonly #plan: ReadPlan;
  readonly #start = platform.now();
  /** By path: the ids and hashes of its documents that are in the collection. */
  readonly #known = new Map<string, Map<string, string>>();
  /** By hash: documents whose files are gone. */
  readonly #orphans = new Map<string, string>();
  #changed: FoundFile[] = [];
  #stale: string[] = [];
  readonly #skipped: SkippedFile[] = [];
  #batch: FileDocument[] = [];
  #batchCharacters = 0;
  #done = { files: 0, unchanged: 0, documents: 0, chunks: 0, removed: 0, renamed: 0, bytes: 0 };
  /** What the manifest is to say of files once their documents are written. */
  #pending: (() => void)[] = [];
  #lastStep = 0;
  #writing: Promise<void> = Promise.resolve();

  constructor(collection: Collection, options: IndexPathsOptions, manifest: Manifest) {
    if (collection.readOnly)
      throw new LociError(
        "read-only",
        "This collection was opened for reading. Open it for writing to index files into it.",
      );
    this.#collection = collection;
    this.#options = options;
    this.#manifest = manifest;
    this.#plan = planOf(collection, options);
  }

  /** Finds the files, and tells those that changed from those that look as they did. */
  async *findSteps(roots: readonly Root[]): AsyncGenerator<IndexStep, void, void> {
    for (const root of roots) await this.#readKnown(root);
    const found = new Map<string, FoundFile>();
    for (const root of roots) {
      if (root.kind === "missing" && !this.#known.has(root.path)) throw nothingAt(root.path);
      for await (const files of walk(root, this.#options)) {
        for (const file of files) found.set(file.path, file);
        if (this.#due()) yield this.#step("find", found.size, 0, files[0]?.path ?? "");
      }
      if (root.kind === "pattern" && found.size === 0 && this.#known.size === 0) throw nothingAt(root.path);
    }
    this.#done.files = found.size;
    await this.#letGo(roots, found);
    for (const file of found.values()) this.#sort(file);
  }

  /** Reads and writes what changed, then removes what is gone. */
  async *indexSteps(): AsyncGenerator<IndexStep, void, void> {
    const total = this.#changed.reduce((sum, { bytes }) => sum + bytes, 0);
    yield this.#step("index", 0, total, "");
    for await (const { file, loaded } of loadedAhead(this.#changed, this.#plan)) {
      this.#options.signal?.throwIfAborted();
      const before = this.#done.bytes;
      if (loaded instanceof Error) this.#skip(file, loaded);
      else yield* this.#fileSteps(file, loaded, total);
      this.#done.bytes = before + file.bytes;
      if (this.#due()) yield this.#step("index", this.#done.bytes, total, file.path);
    }
    yield* this.#writeSteps(total, "");
    yield* this.#writtenSteps(total, "");
    for (let at = 0; at < this.#stale.length; at += REMOVED_AT_ONCE) {
      this.#options.signal?.throwIfAborted();
      this.#done.removed += await this.#collection.remove(this.#stale.slice(at, at + REMOVED_AT_ONCE));
      yield this.#step("index", this.#done.bytes, total, "");
    }
    yield this.#step("index", total, total, "");
  }

  result(): IndexedPaths {
    return { ...this.#done, skipped: this.#skipped, seconds: platform.now() - this.#start };
  }

  /** Keeps what is known of the files, also of a run that was stopped. */
  async leave(): Promise<void> {
    await this.#writing.catch(() => undefined); // whoever failed has said so
    await this.#manifest.save(this.#collection.store);
  }

  async #readKnown(root: Root): Promise<void> {
    for await (const { id, hash, meta } of this.#collection.list({ prefix: root.prefix })) {
      const { path } = meta;
      if (typeof path !== "string" || !root.covers(path) || (id !== path && !id.startsWith(`${path}#`))) continue;
      let documents = this.#known.get(path);
      if (!documents) this.#known.set(path, (documents = new Map<string, string>()));
      documents.set(id, hash);
    }
  }

  /** Marks the documents of files that are gone; files that a pattern no longer matches are not gone while they exist. */
  async #letGo(roots: readonly Root[], found: ReadonlyMap<string, FoundFile>): Promise<void> {
    const byFolder = (path: string): boolean => roots.some((root) => root.kind !== "pattern" && root.covers(path));
    const isGone = async (path: string): Promise<boolean> =>
      !found.has(path) && (byFolder(path) || (await machineFiles().stat(path)) === undefined);
    for (const [path, documents] of this.#known) {
      if (!(await isGone(path))) continue;
      for (const [id, hash] of documents) {
        this.#stale.push(id);
        this.#orphans.set(hash, id);
      }
      this.#manifest.delete(path);
    }
    for (const path of this.#manifest.paths()) {
      if (!found.has(path) && byFolder(path)) this.#manifest.delete(path);
    }
  }

  #sort(file: FoundFile): void {
    const seen = this.#options.full ? undefined : this.#manifest.same(file, this.#plan.recipe);
    // The collection may have lost documents by other hands since.
    if (!seen || seen.documents !== (this.#known.get(file.path)?.size ?? 0)) this.#changed.push(file);
    else if (seen.reason === "") this.#done.unchanged++;
    else this.#skipped.push({ path: file.path, reason: seen.reason });
  }

  /** Puts the documents of a file that are new or different into batches. */
  async *#fileSteps(file: FoundFile, loaded: LoadedFile, total: number): AsyncGenerator<IndexStep, void, void> {
    const known = this.#known.get(file.path);
    const seen = new Set<string>();
    let fresh = 0;
    try {
      for await (const document of documentsOf(file, loaded, this.#plan)) {
        seen.add(document.id);
        if (known?.get(document.id) === document.hash) continue;
        fresh++;
        this.#batch.push(document);
        this.#batchCharacters += document.text.length;
        if (this.#batch.length >= BATCH_DOCUMENTS || this.#batchCharacters >= BATCH_CHARACTERS)
          yield* this.#writeSteps(total, file.path);
      }
    } catch (error) {
      this.#batch = this.#batch.filter(({ id }) => id !== file.path && !id.startsWith(`${file.path}#`));
      this.#skip(file, error);
      return;
    }
    for (const id of known?.keys() ?? []) if (!seen.has(id)) this.#stale.push(id);
    if (fresh === 0 && seen.size > 0) this.#done.unchanged++;
    const reason = seen.size > 0 ? "" : file.bytes === 0 ? "it is empty" : "there is no text in it";
    if (reason !== "") this.#skipped.push({ path: file.path, reason });
    this.#remember(file, seen.size, reason);
  }

  /** A file that cannot be read has no documents; what is the program's fault, or the caller's, is thrown. */
  #skip(file: FoundFile, error: unknown): void {
    const code = error instanceof LociError ? error.code : undefined;
    const bySystem = error instanceof Error && typeof (error as { syscall?: unknown }).syscall === "string";
    if (!bySystem && code !== "bad-file" && code !== "peer-missing" && code !== "not-found") throw error;
    const message = error instanceof Error ? error.message : String(error);
    const reason = message.startsWith(`${file.path}: `) ? message.slice(file.path.length + 2) : message;
    this.#skipped.push({ path: file.path, reason });
    for (const id of this.#known.get(file.path)?.keys() ?? []) this.#stale.push(id);
    // A package may be installed, a lock or a permission may change without the file looking any different.
    if (code === "bad-file") this.#remember(file, 0, reason);
  }

  #remember({ path, bytes, modified }: FoundFile, documents: number, reason: string): void {
    const settled = platform.network.wallClock() - modified > SETTLED_MS;
    const seen = { bytes, modified: settled ? modified : -1, recipe: this.#plan.recipe, documents, reason };
    this.#pending.push(() => this.#manifest.set(path, seen));
  }

  /** Hands the batch over to the collection, once the one before is written: files are read while documents are written. */
  async *#writeSteps(total: number, path: string): AsyncGenerator<IndexStep, void, void> {
    yield* this.#writtenSteps(total, path);
    const [batch, pending] = [this.#batch, this.#pending];
    this.#batch = [];
    this.#pending = [];
    this.#batchCharacters = 0;
    this.#writing = this.#write(batch, pending);
    this.#writing.catch(() => undefined); // it fails where it is waited for
  }

  /** Waits for the batch that is being written. */
  async *#writtenSteps(total: number, path: string): AsyncGenerator<IndexStep, void, void> {
    const written = this.#writing.then(() => true);
    written.catch(() => undefined); // likewise
    while (!(await Promise.race([written, platform.network.sleep(1000 * STEP_SECONDS).then(() => false)])))
      yield this.#step("index", this.#done.bytes, total, path);
  }

  async #write(batch: readonly FileDocument[], pending: readonly (() => void)[]): Promise<void> {
    const documents: NewDocument[] = [];
    for (const document of batch) documents.push(await this.#withChunks(document));
    if (documents.length > 0) {
      const { signal } = this.#options;
      const added = await this.#collection.upsert(documents, { ...(signal && { signal }) });
      this.#done.documents += added.documents;
      this.#done.chunks += added.chunks;
    }
    for (const remember of pending) remember();
  }

  /** With the chunks, and for a renamed document the vectors, that it had; else cut anew. */
  async #withChunks({ cut, ...document }: FileDocument): Promise<NewDocument> {
    const before = this.#orphans.get(document.hash);
    if (before !== undefined) {
      const chunks = await this.#collection.chunksOf(before);
      if (chunks.length > 0) {
        this.#done.renamed++;
        const ranges = chunks.map(({ start, end }) => ({ start, end }));
        const vectors = await this.#collection.store.vectorsOf(chunks.map(({ chunk }) => chunk));
        const whole = vectors.dim > 0 && vectors.rows === chunks.length && !vectors.data.some(Number.isNaN);
        return { ...document, chunks: ranges, ...(whole && { vectors }) };
      }
    }
    return { ...document, chunks: (await cut()).filter(({ text }) => text.trim() !== "") };
  }

  #due(): boolean {
    const now = platform.now();
    if (now - this.#lastStep < STEP_SECONDS) return false;
    this.#lastStep = now;
    return true;
  }

  #step(phase: "find" | "index", done: number, total: number, path: string): IndexStep {
    const seconds = Math.max(1e-9, platform.now() - this.#start);
    const rate = done / seconds;
    const secondsLeft = total > done && rate > 0 ? (total - done) / rate : 0;
    const { documents, chunks } = this.#done;
    return { phase, done, total, rate, secondsLeft, documents, chunks, path };
  }
}

/**
 * Chunks do not depend on the encoder unless it has a limit that they must keep: so that a collection which gets its encoder later, or
 * another one, is still the same by its files.
 */
function planOf({ encoder }: Collection, { read = {}, chunk = {} }: IndexPathsOptions): ReadPlan {
  const countTokens = chunk.countTokens ?? counterOf(encoder);
  const size = chunk.size ?? Math.min(200, encoder?.maxTokens ?? Infinity);
  const overlap = chunk.overlap ?? 0;
  const counter = chunk.countTokens ? "own" : countTokens === countWords ? "words" : "encoder";
  return { read, chunk: { size, overlap, countTokens }, recipe: recipeOf(read, { size, overlap }, counter) };
}
