/**
 * Static encoders to model directories and back. docs/formats/static-encoder.md describes what is written.
 *
 * It is the directory of the words' vectors, which whatever reads those opens too, with the encoder's settings beside
 * their provenance. A directory or file without settings is plain word vectors.
 */
import { type ByteSource, LociError, type Step, Vocabulary, platform } from "../core/index.ts";
import { type ModelFile, modelDirectoryFiles, readModelDirectorySteps } from "../formats/index.ts";
import { Embedding, type EmbeddingSource, type OpenOptions, Subwords } from "../table/index.ts";
import type { WordTokenizerOptions } from "../text/index.ts";

/** All that makes an encoder of word vectors. Plain data, kept in the file. */
export interface StaticSettings {
  readonly name: string;
  readonly tokenizer: WordTokenizerOptions;
  readonly smoothing: number;
  readonly unitLength: boolean;
  /** The common directions, orthonormal: each of `dim` numbers. */
  readonly components: readonly (readonly number[])[];
}

interface Saved {
  readonly embedding: Embedding;
  readonly settings: StaticSettings;
  readonly fingerprint: string;
}

const KIND = "static-encoder";
const SETTINGS = "encoder"; // the key of a model's metadata

export function encoderFiles({ embedding, settings, fingerprint }: Saved): Record<string, Iterable<Uint8Array>> {
  const { vocabulary, matrix, subwords, provenance } = embedding;
  return modelDirectoryFiles(
    {
      keys: vocabulary.keys,
      matrix,
      ...(vocabulary.counts.some((count) => count > 0) && { counts: vocabulary.counts }),
      ...(subwords && { subwords: plain(subwords) }),
      metadata: { provenance, ...(subwords && { rows: "composed" }), [SETTINGS]: settings },
    },
    { kind: KIND, fingerprint },
  );
}

function plain({ minN, maxN, bucketCount, buckets, pruned }: Subwords) {
  return { minN, maxN, bucketCount, buckets, ...(pruned && { pruned }) };
}

export async function saveEncoder(path: string, saved: Saved): Promise<void> {
  if (!platform.files)
    throw new LociError("not-supported", "There are no files by path here. Use `files()` and keep its pieces.");
  await platform.files.writeFolder(path, encoderFiles(saved));
}

/** The vectors in a file or folder; the encoder's settings where it holds any, else a name to go by. */
export async function* openEncoder(
  from: string | EmbeddingSource,
  options: OpenOptions,
): AsyncGenerator<Step, { embedding: Embedding; settings?: StaticSettings; name?: string }, void> {
  if (typeof from === "string") {
    const folder = (await platform.files?.stat(from))?.folder;
    const name = /([^/\\]+?)(\.[a-z0-9]+)*[/\\]*$/i.exec(from)?.[1] ?? from;
    if (folder) return { name, ...fromDirectory(yield* readModelDirectorySteps(from, { ...options, output: false })) };
    return { name, embedding: yield* Embedding.openSteps(from, { ...options, output: false }) };
  }
  if (isSource(from)) return { embedding: yield* Embedding.readSteps(from, { ...options, output: false }) };
  return fromDirectory(yield* readModelDirectorySteps(from, { ...options, output: false }));
}

function isSource(source: EmbeddingSource): source is ByteSource {
  return typeof source.read === "function";
}

function fromDirectory(file: ModelFile): { embedding: Embedding; settings?: StaticSettings } {
  const { keys, counts, matrix, subwords, metadata = {} } = file;
  const { provenance } = metadata;
  const embedding = new Embedding({
    vocabulary: new Vocabulary(keys, counts),
    matrix,
    ...(subwords &&
      subwords.bucketCount > 0 &&
      subwords.maxN > 0 && {
        subwords: new Subwords(subwords),
        rows: metadata["rows"] === "composed" ? "composed" : "own",
      }),
    provenance: isRecord(provenance) ? provenance : metadata,
  });
  const settings = metadata[SETTINGS];
  return settings === undefined ? { embedding } : { embedding, settings: checkedSettings(settings, matrix.dim) };
}

function checkedSettings(settings: unknown, dim: number): StaticSettings {
  const { name, tokenizer, smoothing, unitLength, components } = (
    isRecord(settings) ? settings : {}
  ) as Partial<StaticSettings>;
  const sound =
    typeof name === "string" &&
    isRecord(tokenizer) &&
    typeof smoothing === "number" &&
    smoothing > 0 &&
    typeof unitLength === "boolean" &&
    Array.isArray(components) &&
    components.every((row: unknown) => Array.isArray(row) && row.length === dim && row.every(Number.isFinite));
  if (sound) return { name, tokenizer, smoothing, unitLength, components };
  throw new LociError(
    "bad-file",
    `loci.json: expected "${SETTINGS}" in its metadata to hold name, tokenizer, smoothing, unitLength and components of ${dim} numbers, got ${JSON.stringify(settings)?.slice(0, 80)}. Save the encoder again.`,
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
