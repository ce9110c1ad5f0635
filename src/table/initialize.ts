/**
 * How rows begin.
 *
 * Rows start small and at random: small, since the scale of rows becomes the scale of logits, and large
 * logits saturate a softmax before anything is learnt; at random, since rows that start equal and are
 * treated alike stay equal. Number i of a table depends on the seed and on i alone, so a longer table of
 * the same width and kind begins with the same rows ("xavier" excepted, whose scale knows the row count).
 */
import { LociError, Matrix, Rng, checkNumber } from "../core/index.ts";

/** The ways to begin; `initialize` says what each does. */
export type InitializerName = "word2vec" | "normal" | "uniform" | "xavier" | "zeros";

/** A way to begin, with its scale. */
export interface Initializer {
  readonly kind: InitializerName;
  /**
   * How large the numbers are: for "normal" their standard deviation (default 0.02), for "uniform" the largest
   * (default 0.05), for "word2vec" and "xavier" a factor on their formula (default 1). "zeros" has none.
   */
  readonly scale?: number;
}

/** Rows draw from a stream of their own, so that a caller's `new Rng(seed)` is not the same numbers again. */
const STREAM = 0x726f77; // "row"

/**
 * Fills a matrix (rows × dim) with its first numbers. The same seed gives the same bits everywhere.
 *
 * - `"word2vec"`: uniform in ±0.5 ÷ dim, as the word2vec program does it (Mikolov et al., 2013). Variance 1 ÷ (12 dim²).
 * - `"normal"`: mean 0, standard deviation `scale`, 0.02 unless told: what BERT and GPT-2 use. PyTorch's
 *   `nn.Embedding` starts at 1, which is `{ kind: "normal", scale: 1 }`.
 * - `"uniform"`: uniform in ±`scale`, 0.05 unless told, as Keras' `Embedding`. Variance scale² ÷ 3.
 * - `"xavier"`: uniform in ±√(6 ÷ (rows + dim)) (Glorot & Bengio, 2010). Variance 2 ÷ (rows + dim). Made for
 *   weight matrices; for a large vocabulary it is very small.
 * - `"zeros"`: all 0, as word2vec starts its output vectors. Two tables of zeros that only see each other learn nothing.
 */
export function initialize(matrix: Matrix, how: InitializerName | Initializer, seed: number): void {
  const { kind, scale } = typeof how === "string" ? { kind: how } : how;
  if (scale !== undefined) checkNumber("scale", scale, 0);
  switch (kind) {
    case "word2vec":
      return fillUniform(matrix, ((scale ?? 1) * 0.5) / matrix.dim, seed);
    case "normal":
      return fillNormal(matrix, scale ?? 0.02, seed);
    case "uniform":
      return fillUniform(matrix, scale ?? 0.05, seed);
    case "xavier":
      return fillUniform(matrix, (scale ?? 1) * Math.sqrt(6 / (matrix.rows + matrix.dim)), seed);
    case "zeros":
      matrix.data.fill(0);
      return;
    default:
      throw new LociError(
        "bad-argument",
        `Expected \`init\` to be "word2vec", "normal", "uniform", "xavier", "zeros" or a Matrix, got "${String(kind)}".`,
      );
  }
}

/** Numbers spread evenly over ±half: the middles of 2³² equal slices, so that their mean is exactly 0. */
function fillUniform({ data }: Matrix, half: number, seed: number): void {
  const rng = new Rng(seed, STREAM);
  for (let i = 0; i < data.length; i++) data[i] = ((rng.at(i) + 0.5) / 2 ** 31 - 1) * half;
}

function fillNormal({ data }: Matrix, deviation: number, seed: number): void {
  new Rng(seed, STREAM).fillNormal(data);
  for (let i = 0; i < data.length; i++) data[i] = data[i]! * deviation;
}
