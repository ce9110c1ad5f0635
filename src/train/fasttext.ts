/**
 * Word vectors from the characters of words: fastText (Bojanowski, Grave, Joulin & Mikolov 2017).
 *
 * A word's input is the mean of its own row and of the rows of its character n-grams, so that words which
 * look alike share what they learn, and a word never seen still has a vector: the mean of its n-grams.
 * N-grams and their hash are fastText's own (src/text/ngrams.ts), so models can be compared number by number.
 */
import { LociError, Matrix, checkWhole, drain, nextTask, type Step, type Vocabulary } from "../core/index.ts";
import { Embedding, Subwords } from "../table/index.ts";
import { encodeCorpusSteps, subwordIds, type CorpusInput, type SubwordIdOptions } from "../text/index.ts";
import { initialRow, initialSpread } from "./initial-rows.ts";
import { trainRowsSteps } from "./train-rows.ts";
import { word2vecSettings, type FastTextOptions, type TrainStep } from "./word2vec-options.ts";
import { mostPieces, type WordPieces } from "./word2vec-shape.ts";

/** Learns vectors of words and of their character n-grams. Every string has a vector afterwards. */
export function trainFastText(input: CorpusInput, options: FastTextOptions = {}): Promise<Embedding> {
  return drain<Step | TrainStep, Embedding>(trainFastTextSteps(input, options), options);
}

/** The same, step by step. */
export async function* trainFastTextSteps(
  input: CorpusInput,
  options: FastTextOptions = {},
): AsyncGenerator<Step | TrainStep, Embedding, void> {
  const settings = word2vecSettings(options);
  const { minN = 3, maxN = 6 } = options;
  checkWhole("minN", minN, 1, 20);
  checkWhole("maxN", maxN, minN, 20);
  if (settings.objective === "softmax") {
    throw new LociError(
      "bad-argument",
      'Subwords go with "negative-sampling" or "hierarchical-softmax", got "softmax".',
    );
  }
  const corpus = yield* encodeCorpusSteps(input, options);
  try {
    const buckets = options.buckets ?? defaultBuckets(corpus.vocabulary, minN, maxN);
    checkWhole("buckets", buckets, 1, 1 << 24);
    const pieces = wordPieces(corpus.vocabulary, { minN, maxN, buckets }, mostPieces(settings.window));
    const { inputs, outputs, loss } = yield* trainRowsSteps({
      learner: `fasttext ${minN}-${maxN}`,
      corpus,
      settings,
      options,
      pieces,
    });
    return new Embedding({
      vocabulary: corpus.vocabulary,
      matrix: composeWords(inputs, pieces),
      ...(outputs ? { output: outputs } : {}),
      subwords: new Subwords({
        minN,
        maxN,
        buckets: await allBuckets(inputs, pieces, settings.seed),
      }),
      provenance: {
        learner: "fasttext",
        ...settings,
        minN,
        maxN,
        buckets,
        tokens: corpus.tokens * settings.epochs,
        loss,
      },
    });
  } finally {
    corpus.close();
  }
}

const MOST_BUCKETS = 2_000_000; // fastText's number

/** Twice the distinct n-grams, so that few collide, and at most fastText's number: small corpora stay small. */
function defaultBuckets(vocabulary: Vocabulary, minN: number, maxN: number): number {
  const seen = new Uint8Array(MOST_BUCKETS);
  let distinct = 0;
  for (const word of vocabulary.keys) {
    for (const bucket of subwordIds(word, { minN, maxN, buckets: MOST_BUCKETS })) {
      distinct += 1 - seen[bucket]!;
      seen[bucket] = 1;
    }
  }
  return Math.min(MOST_BUCKETS, Math.max(1000, 2 * distinct));
}

/** The input rows of each word: its own, then those of its n-grams, after all words. */
export function wordPieces(vocabulary: Vocabulary, ngrams: SubwordIdOptions, most: number): WordPieces {
  const lists = vocabulary.keys.map((word) => subwordIds(word, ngrams).subarray(0, most - 1));
  const starts = new Uint32Array(lists.length + 1);
  lists.forEach((list, id) => (starts[id + 1] = starts[id]! + 1 + list.length));
  const rows = new Uint32Array(starts[lists.length]!);
  lists.forEach((list, id) => {
    rows[starts[id]!] = id;
    rows.set(list, starts[id]! + 1);
  });
  const used = usedBuckets(lists, vocabulary.counts, ngrams.buckets);
  const rowOf = new Uint32Array(ngrams.buckets);
  used.forEach((bucket, at) => (rowOf[bucket] = vocabulary.size + at));
  for (let id = 0; id < lists.length; id++)
    for (let k = starts[id]! + 1; k < starts[id + 1]!; k++) rows[k] = rowOf[rows[k]!]!;
  return { starts, rows, buckets: ngrams.buckets, used };
}

/** The buckets that any word's n-grams fall into, by how often training will meet them; ties by number. */
function usedBuckets(lists: readonly ArrayLike<number>[], counts: Float64Array, buckets: number): Uint32Array {
  const met = new Float64Array(buckets);
  lists.forEach((list, id) => {
    for (let k = 0; k < list.length; k++) met[list[k]!]! += counts[id]!;
  });
  const all = Uint32Array.from(met, (_, bucket) => bucket);
  return all.filter((bucket) => met[bucket]! > 0).sort((a, b) => met[b]! - met[a]! || a - b);
}

const ROWS_AT_ONCE = 1 << 14;

/** A row for every bucket, in their order: what was learnt where there was something to learn, else how it started. */
async function allBuckets(inputs: Matrix, { used, buckets }: WordPieces, seed: number): Promise<Matrix> {
  const { dim, data } = inputs;
  const words = inputs.rows - used.length;
  const all = Matrix.zeros(buckets, dim);
  const learnt = new Uint8Array(buckets);
  used.forEach((bucket, at) => {
    learnt[bucket] = 1;
    all.data.set(data.subarray((words + at) * dim, (words + at + 1) * dim), bucket * dim);
  });
  const start = { seed, dim, spread: initialSpread(dim, true) };
  for (let bucket = 0; bucket < buckets; bucket++) {
    if (learnt[bucket] === 0) initialRow(start, words + bucket, all.data, bucket * dim);
    if (bucket % ROWS_AT_ONCE === 0) await nextTask();
  }
  return all;
}

/** A known word's vector: the mean of its rows, as fastText prints it. */
function composeWords(inputs: Matrix, { starts, rows }: WordPieces): Matrix {
  const { dim } = inputs;
  const composed = Matrix.zeros(starts.length - 1, dim);
  const sum = new Float64Array(dim);
  for (let word = 0; word < composed.rows; word++) {
    sum.fill(0);
    for (let k = starts[word]!; k < starts[word + 1]!; k++) {
      const at = rows[k]! * dim;
      for (let i = 0; i < dim; i++) sum[i] = sum[i]! + inputs.data[at + i]!;
    }
    const count = starts[word + 1]! - starts[word]!;
    for (let i = 0; i < dim; i++) composed.data[word * dim + i] = sum[i]! / count;
  }
  return composed;
}
