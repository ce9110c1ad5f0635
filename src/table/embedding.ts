/**
 * Trained vectors and the questions one asks them.
 *
 * An `Embedding` is a vocabulary and a matrix, row id of the one being key id of the other; it holds nothing
 * of its trainer. Rows are never changed: whoever wants other numbers makes another embedding. Answers
 * are exact and the same on every engine: scores are float64, higher is closer, ties go to the lower id.
 * The first question about nearest rows makes a unit-length copy of the rows, which then stays.
 */
import { LociError, Matrix, type Step, type Vocabulary, checkWhole, drain } from "../core/index.ts";
import { cosine, mean, norm, normalize } from "../math/index.ts";
import { type Fit, fitRotation, rotate } from "./align.ts";
import { type KeyPairs, type Poles, directionOf } from "./directions.ts";
import {
  type EmbeddingSource,
  type OpenOptions,
  type SaveOptions,
  type Saved,
  filesOf,
  openPartsSteps,
  readPartsSteps,
  saveParts,
} from "./embedding-files.ts";
import type { EmbeddingParts } from "./embedding-parts.ts";
import { fingerprintOf } from "./fingerprint.ts";
import { MOST_PARTS, NearestRows, type Question } from "./nearest.ts";
import { type AnalogyMethod, type Metric, type Wanted, analogyOf, nearestTo } from "./questions.ts";
import type { Subwords } from "./subwords.ts";

/** A key and how close it is; higher is closer. */
export interface ScoredKey {
  readonly key: string;
  readonly score: number;
}

/** Something that has a vector: a key, or `dim` numbers. */
export type Query = string | ArrayLike<number>;

/** Which rows may answer. */
export interface SearchOptions {
  /** How many answers; fewer come back only where fewer rows may answer. Default 10. */
  readonly k?: number;
  /** Keys that may not be among the answers; keys that the vocabulary does not hold do no harm. */
  readonly exclude?: Iterable<string>;
  /** Lets only some rows answer. Asked only of rows that could be among the k best. */
  readonly filter?: (key: string, id: number) => boolean;
  /** Only the first rows, which are the most frequent keys in what Loci trains. Saves time and memory. */
  readonly limit?: number;
}

export interface NeighborOptions extends SearchOptions {
  /** Default "cosine". With "euclidean" the score is the negative distance, so that higher is closer there too. */
  readonly metric?: Metric;
  /** Whether the key that was asked about may be among the answers. Default false. */
  readonly includeQuery?: boolean;
}

/** "a is to b as c is to …": positive b and c, negative a. */
export interface Analogy {
  readonly positive: readonly Query[];
  readonly negative?: readonly Query[];
}

export interface AnalogyOptions extends SearchOptions {
  /** Default "3CosAdd". Scores are cosines there, within [−1, 1]; with "3CosMul" they start at 0 and may pass 1. */
  readonly method?: AnalogyMethod;
  /** Whether the keys of the question may be among the answers; they usually win where they may. Default false. */
  readonly includeInputs?: boolean;
}

export interface AlignOptions {
  /** The keys to find the rotation from. Default: the first 20,000 of this embedding that the other has too. */
  readonly keys?: Iterable<string>;
}

/** An embedding turned onto another, and how well that went. */
export interface Alignment extends Fit {
  readonly aligned: Embedding;
}

const ALIGN_KEYS = 20_000; // many times what a rotation of 300 dimensions needs; more only takes longer

/** Vectors with names: what is learnt or read, asked and saved. Row id of `matrix` is the vector of key id. */
export class Embedding {
  readonly vocabulary: Vocabulary;
  /** The context vectors u_o, `size × dim`; undefined where they were not kept. */
  readonly output: Matrix | undefined;
  readonly subwords: Subwords | undefined;
  readonly provenance: Readonly<Record<string, unknown>>;
  /** What had to be decided when the file was read, one sentence each: rows dropped, bytes that were not UTF-8. */
  readonly notes: readonly string[];
  readonly #given: Matrix;
  #matrix: Matrix | undefined;
  #nearest: NearestRows | undefined;
  #fingerprint: string | undefined;

  /** Throws `dim-mismatch` where the parts do not fit each other. */
  constructor(parts: EmbeddingParts) {
    const { vocabulary, matrix, rows = "composed", output, subwords, provenance = {}, notes = [] } = parts;
    checkRows("matrix", matrix, vocabulary.size, matrix.dim);
    if (output) checkRows("output", output, vocabulary.size, matrix.dim);
    if (subwords && subwords.dim !== matrix.dim) {
      throw new LociError("dim-mismatch", `Expected subwords of dim ${matrix.dim}, got ${subwords.dim}.`);
    }
    this.vocabulary = vocabulary;
    this.output = output;
    this.subwords = subwords;
    this.provenance = provenance;
    this.notes = notes;
    this.#given = matrix;
    if (rows === "composed" || !subwords) this.#matrix = matrix;
  }

  /**
   * Opens a file of any format Loci reads, or a model directory. Throws `not-found` where there is none and `bad-file`,
   * with the place, where it is not what it should be.
   */
  static open(path: string, options: OpenOptions = {}): Promise<Embedding> {
    return drain(Embedding.openSteps(path, options), options);
  }

  /** The same in steps. */
  static async *openSteps(path: string, options: OpenOptions = {}): AsyncGenerator<Step, Embedding, void> {
    return new Embedding(yield* openPartsSteps(path, options));
  }

  /** Reads an embedding from bytes, where there are no paths: one file, or a model directory's files by name. */
  static read(source: EmbeddingSource, options: OpenOptions = {}): Promise<Embedding> {
    return drain(Embedding.readSteps(source, options), options);
  }

  /** The same in steps. */
  static async *readSteps(source: EmbeddingSource, options: OpenOptions = {}): AsyncGenerator<Step, Embedding, void> {
    return new Embedding(yield* readPartsSteps(source, options));
  }

  /** The vectors of the keys, `size × dim`. Not to be changed. */
  get matrix(): Matrix {
    return (this.#matrix ??= this.subwords!.composeAll(this.vocabulary.keys, this.#given));
  }

  /** How many keys there are. */
  get size(): number {
    return this.vocabulary.size;
  }

  /** The width of a vector. */
  get dim(): number {
    return this.#given.dim;
  }

  /** 32 hexadecimal digits that stand for these keys and vectors, on every platform. Computed once, then kept. */
  get fingerprint(): string {
    return (this.#fingerprint ??= fingerprintOf(this.vocabulary, this.matrix));
  }

  /**
   * The vector of a key, a copy of `dim` numbers: its row, or what its subwords say. Throws `unknown-key`, naming
   * close keys, for a key without a row where there are no subwords.
   */
  vector(key: string): Float32Array {
    const id = this.vocabulary.idOf(key);
    if (id === undefined && this.subwords) return this.subwords.compose(key);
    const row = (this.#matrix ?? this.#given).row(id ?? this.vocabulary.requireId(key));
    return this.#matrix ? row.slice() : this.subwords!.compose(key, row);
  }

  /**
   * How the vector of a key is made: "row" for a known key, "subwords" for the mean of its n-grams, undefined where
   * nothing is known of it (`vector` then throws, or gives zeros where there are subwords but none of this key's).
   */
  origin(key: string): "row" | "subwords" | undefined {
    if (this.vocabulary.has(key)) return "row";
    return this.subwords && this.subwords.rowsOf(key).length > 0 ? "subwords" : undefined;
  }

  /** The context vectors as an embedding of their own, to ask or to save. Throws where they were not kept. */
  outputEmbedding(): Embedding {
    if (!this.output) {
      throw new LociError(
        "bad-argument",
        "This embedding holds no output vectors. Keep them when training or loading.",
      );
    }
    return new Embedding({ vocabulary: this.vocabulary, matrix: this.output, provenance: this.provenance });
  }

  /** The cosine of two keys or vectors, within [−1, 1]; 0 where one of them is all zeros. */
  similarity(a: Query, b: Query): number {
    return cosine(this.#vectorOf(a), this.#vectorOf(b));
  }

  /** The k rows nearest to a key or vector, nearest first. Exact. */
  neighbors(query: Query, options: NeighborOptions = {}): ScoredKey[] {
    const { metric = "cosine", includeQuery = false } = options;
    const limit = this.#limitOf(options);
    const vector = this.#vectorOf(query);
    const wanted = this.#wanted(options, includeQuery ? [] : [query]);
    const question = nearestTo(vector, metric, this.matrix, wanted);
    return this.#answers(normalize(vector), [question], limit)[0]!;
  }

  /**
   * What completes an analogy: `{ positive: ["king", "woman"], negative: ["man"] }` asks what is to "woman" as
   * "king" is to "man". Best first; the question's own keys are left out unless `includeInputs`.
   */
  analogy({ positive, negative, ...options }: Analogy & AnalogyOptions): ScoredKey[] {
    return this.analogies([negative ? { positive, negative } : { positive }], options)[0]!;
  }

  /**
   * Many analogies at once, much faster than one by one: each distinct key is scored against the rows once
   * for all the questions it stands in.
   */
  analogies(analogies: readonly Analogy[], options: AnalogyOptions = {}): ScoredKey[][] {
    const limit = this.#limitOf(options);
    const answers: ScoredKey[][] = [];
    for (let next = 0; next < analogies.length;) {
      const parts = new Map<Query, number>();
      const questions: Question[] = [];
      while (next < analogies.length && fits(parts, analogies[next]!)) {
        questions.push(this.#analogyQuestion(analogies[next++]!, parts, options));
      }
      if (questions.length === 0) throw new LociError("bad-argument", `An analogy takes up to ${MOST_PARTS} terms.`);
      const units = Matrix.zeros(parts.size, this.dim);
      for (const [query, part] of parts) units.row(part).set(normalize(this.#vectorOf(query)));
      answers.push(...this.#answers(units.data, questions, limit));
    }
    return answers;
  }

  /**
   * The key that goes least with the others: the one whose mean cosine to them is lowest (the first of equals).
   * `scores` are those means, in the order of the keys. Takes 3 keys or more.
   */
  oddOneOut(keys: readonly string[]): { readonly key: string; readonly scores: ScoredKey[] } {
    checkWhole("keys.length", keys.length, 3);
    const vectors = keys.map((key) => this.vector(key));
    const scores = keys.map((key, i) => ({
      key,
      score: mean(vectors.filter((_, j) => j !== i).map((other) => cosine(vectors[i]!, other))),
    }));
    const odd = scores.reduce((worst, candidate) => (candidate.score < worst.score ? candidate : worst));
    return { key: odd.key, scores };
  }

  /** The direction from the first of each pair to the second, or from one group to another; `dim` numbers, one long. */
  direction(between: KeyPairs | Poles): Float32Array {
    return directionOf(this, between);
  }

  /** Where keys lie along a direction, in the order given: their cosine with it. */
  project(keys: readonly string[], direction: ArrayLike<number>): ScoredKey[] {
    return keys.map((key) => ({ key, score: this.similarity(key, direction) }));
  }

  /**
   * This embedding turned (or mirrored) onto another of the same dim, by orthogonal Procrustes (Schönemann, 1966)
   * over the keys they share. All dot products stay what they were.
   */
  alignTo(other: Embedding, { keys }: AlignOptions = {}): Alignment {
    const fit = fitRotation(this, other, keys ?? this.#sharedKeys(other));
    const { vocabulary, provenance, output } = this;
    const aligned = new Embedding({
      vocabulary,
      provenance,
      matrix: rotate(this.matrix, fit.rotation),
      ...(output && { output: rotate(output, fit.rotation) }),
      ...(this.subwords && { subwords: this.subwords.rotated(fit.rotation) }),
    });
    return { aligned, ...fit };
  }

  /**
   * Saves to a path, all of it or nothing. The ending of the path tells the format (`saveFormatOf`); without one it is a
   * Loci model directory, the only format that keeps everything. Steps tell of phase "write", in bytes.
   */
  save(path: string, options: SaveOptions = {}): Promise<void> {
    return saveParts(this.#saved(), path, options);
  }

  /** The files that `save` would write, by name, as pieces of bytes: for browsers, archives and the network. */
  files({ format = "model-directory", ...options }: SaveOptions = {}): Record<string, Iterable<Uint8Array>> {
    return filesOf(this.#saved(), format, options);
  }

  #saved(): Saved {
    const { vocabulary, matrix, output, subwords, provenance, fingerprint } = this;
    return { vocabulary, matrix, output, subwords, provenance, fingerprint };
  }

  #sharedKeys(other: Embedding): string[] {
    const shared: string[] = [];
    for (const key of this.vocabulary.keys) {
      if (shared.length === ALIGN_KEYS) break;
      if (other.vocabulary.has(key)) shared.push(key);
    }
    return shared;
  }

  #answers(units: Float32Array, questions: readonly Question[], limit: number): ScoredKey[][] {
    const { keys } = this.vocabulary;
    this.#nearest ??= new NearestRows(this.matrix);
    const found = this.#nearest.search(units, questions, limit);
    return found.map((hits) => hits.map(({ id, score }) => ({ key: keys[id]!, score })));
  }

  #analogyQuestion({ positive, negative = [] }: Analogy, parts: Map<Query, number>, options: AnalogyOptions): Question {
    const { method = "3CosAdd", includeInputs = false } = options;
    if (positive.length + negative.length === 0)
      throw new LociError("bad-argument", "An analogy needs at least one term.");
    const side = (queries: readonly Query[]) => ({
      vectors: queries.map((query) => this.#vectorOf(query)),
      parts: queries.map((query) => partOf(parts, query)),
    });
    const wanted = this.#wanted(options, includeInputs ? [] : [...positive, ...negative]);
    return analogyOf(method, side(positive), side(negative), this.matrix, wanted);
  }

  #limitOf({ limit = this.size }: SearchOptions): number {
    checkWhole("limit", limit, 1);
    return Math.min(limit, this.size);
  }

  #wanted({ k = 10, exclude = [], filter }: SearchOptions, own: readonly Query[]): Wanted {
    checkWhole("k", k, 1);
    const barred = new Set<number | undefined>();
    for (const key of own) if (typeof key === "string") barred.add(this.vocabulary.idOf(key));
    for (const key of exclude) barred.add(this.vocabulary.idOf(key));
    const { keys } = this.vocabulary;
    return { k, admits: (id) => !barred.has(id) && (filter === undefined || filter(keys[id]!, id)) };
  }

  #vectorOf(query: Query): ArrayLike<number> {
    const vector = typeof query === "string" ? this.vector(query) : query;
    if (vector.length !== this.dim) {
      throw new LociError(
        "dim-mismatch",
        `These vectors have dim ${this.dim}; the one that came has ${vector.length}.`,
      );
    }
    if (!Number.isFinite(norm(vector))) {
      const what = typeof query === "string" ? `the vector of "${query}"` : "the vector that came";
      throw new LociError("bad-argument", `Expected finite numbers, but ${what} holds others.`);
    }
    return vector;
  }
}

function checkRows(name: string, { rows, dim }: Matrix, size: number, width: number): void {
  if (rows === size && dim === width) return;
  throw new LociError(
    "dim-mismatch",
    `Expected \`${name}\` to have one row of dim ${width} for each of ${size} keys, got ${rows} × ${dim}.`,
  );
}

/** Whether a question's terms still find room among the parts of one search. */
function fits(parts: ReadonlyMap<Query, number>, { positive, negative = [] }: Analogy): boolean {
  const fresh = new Set([...positive, ...negative].filter((query) => !parts.has(query)));
  return parts.size + fresh.size <= MOST_PARTS;
}

/** The number of a term among the parts, given out on its first coming. */
function partOf(parts: Map<Query, number>, query: Query): number {
  const known = parts.get(query);
  if (known !== undefined) return known;
  parts.set(query, parts.size);
  return parts.size - 1;
}
