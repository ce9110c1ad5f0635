/**
 * A stand-in for a model: texts that share words come out close, and nothing was ever learnt.
 *
 * For tests and for trying things out, where a real model would only cost time: it needs no file, knows every word, and gives
 * the same bits everywhere. Each word stands for a direction of chance (random indexing; Kanerva, Kristoferson & Holst,
 * 2000), a text for the sum of its words' directions, one long. "car" and "automobile" are strangers to it: for real
 * work open a `StaticEncoder` or a remote model.
 */
import { Matrix, checkWhole, drain, nextTask, phaseClock, platform } from "../core/index.ts";
import type { Step } from "../core/index.ts";
import { reference } from "../kernels/index.ts";
import { WordTokenizer } from "../text/index.ts";
import type { EmbedOptions, Encoder } from "./encoder.ts";
import { fingerprintOf } from "./fingerprint.ts";

const { mix } = reference;

export interface HashingEncoderOptions {
  /** The width of the vectors. Default 64: strangers then have a cosine of about ±0.1. */
  readonly dim?: number;
  /** Another seed is another space. Default 1. */
  readonly seed?: number;
}

const SLICE_SECONDS = 0.008; // then the event loop has its turn

/** Words by hash, no learning: for tests. */
export class HashingEncoder implements Encoder {
  readonly name: string;
  readonly dim: number;
  readonly seed: number;
  readonly fingerprint: string;
  readonly #tokenizer = new WordTokenizer();

  constructor({ dim = 64, seed = 1 }: HashingEncoderOptions = {}) {
    checkWhole("dim", dim, 1, 1 << 16);
    checkWhole("seed", seed, 0, 2 ** 32 - 1);
    this.dim = dim;
    this.seed = seed;
    this.name = `hashing-${dim}-${seed}`;
    this.fingerprint = fingerprintOf("hashing", [Uint32Array.of(dim, seed)]);
  }

  /** One row a text, one long; zeros for a text without a word. */
  embed(texts: readonly string[], options: EmbedOptions = {}): Promise<Matrix> {
    return drain(this.embedSteps(texts), options);
  }

  /** The same in steps. */
  async *embedSteps(texts: readonly string[]): AsyncGenerator<Step, Matrix, void> {
    const vectors = Matrix.zeros(texts.length, this.dim);
    const step = phaseClock("embed", texts.length);
    let since = platform.now();
    for (let t = 0; t < texts.length; t++) {
      this.#embedInto(texts[t]!, vectors.row(t));
      if (platform.now() - since < SLICE_SECONDS) continue;
      yield step(t + 1);
      await nextTask();
      since = platform.now();
    }
    return vectors;
  }

  /** Words, as the tokenizer cuts them. */
  countTokens(text: string): number {
    return this.#tokenizer.tokenize(text).length;
  }

  #embedInto(text: string, row: Float32Array): void {
    // Whole numbers until the end, so that the order of words cannot matter, not even in the last bit.
    for (const word of this.#tokenizer.tokenize(text)) {
      const hash = hashOf(word, this.seed);
      for (let i = 0; i < row.length; i += 32) {
        let signs = mix(hash ^ Math.imul(i + 1, 0x9e3779b1));
        for (let j = i; j < Math.min(row.length, i + 32); j++, signs >>>= 1) row[j]! += (signs & 1) * 2 - 1;
      }
    }
    let squares = 0;
    for (let i = 0; i < row.length; i++) squares += row[i]! * row[i]!;
    if (squares === 0) return;
    const length = Math.sqrt(squares);
    for (let i = 0; i < row.length; i++) row[i] = row[i]! / length;
  }
}

/** 32 bits of a word (FNV-1a over its UTF-16 units, then mixed). */
function hashOf(word: string, seed: number): number {
  let hash = 0x811c9dc5 ^ mix(seed);
  for (let i = 0; i < word.length; i++) hash = Math.imul(hash ^ word.charCodeAt(i), 0x01000193);
  return mix(hash);
}
