/**
 * From text to vectors, with a model that exists.
 *
 * The whole of what a collection, a server or an evaluation knows of a model. Two encoders with one fingerprint make
 * vectors that may be compared; two with different ones do not, even at equal width.
 */
import type { LongOptions, Matrix } from "../core/index.ts";

export interface EmbedOptions extends LongOptions {
  /** Some models treat the two differently. Default "document". */
  readonly purpose?: "document" | "query";
}

/** Something that embeds texts; `test/conformance/encoder.ts` is what all of them pass. */
export interface Encoder {
  /** For people: what made these vectors. */
  readonly name: string;
  readonly dim: number;
  /** Of the space: 32 hexadecimal digits, or for a remote model its address, name and width. */
  readonly fingerprint: string;
  /** One row a text, in order. A text in which the model finds nothing becomes a row of zeros. */
  embed(texts: readonly string[], options?: EmbedOptions): Promise<Matrix>;
  /** How many tokens the model sees in a text; where it is missing, words are counted. */
  countTokens?(text: string): number;
  /** More than this many tokens are cut off by the model; undefined where there is no limit. */
  readonly maxTokens?: number;
}
