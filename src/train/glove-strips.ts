/**
 * How GloVe's pairs are dealt out, so that any number of workers can fit them and none meets another.
 *
 * Words lie in P strips, the pairs of two strips make a block. In sub-epoch s the blocks (i, (i + s) mod P),
 * i = 0 … P − 1, share no row on either side, so they may be fitted at once, in any order, by any number of
 * workers, with the same result to the bit; a sub-epoch ends when all are done. After P sub-epochs each pair has
 * had its turn. This is distributed stochastic gradient descent (Gemulla, Nijkamp, Haas & Sismanis, 2011).
 * No row is ever averaged or merged, so nothing of plain stochastic gradient descent is lost.
 *
 * There are more strips than workers, so that the rows of a block stay in the cache: 2,048 rows to a side are
 * 3.3 MB at dim 100. (Nanoseconds a pair by rows to a side, measured: 200 150, 1,700 195, 4,000 240, 9,000 360.)
 */
import { LociError } from "../core/index.ts";
import { reference } from "../kernels/index.ts";

const WANTED_ROWS = 2048;
const LEAST_BITS = 3; // 8 strips: the workers that can be busy at once
const MOST_BITS = 6; // 64 strips: 2,080 blocks, each with a page under way in memory
const MOST_ROWS = 65536; // a place in a strip is 16 bits of a pair

/** Keys of counted pairs are hash · BLOCKS + block; see kernels/reference/glove.ts. */
export const BLOCKS = 4096;

export class Strips {
  readonly vocabulary: number;
  /** There are 2 ** bits strips. */
  readonly bits: number;
  readonly count: number;

  constructor(vocabulary: number) {
    let bits = LEAST_BITS;
    while (bits < MOST_BITS && vocabulary > WANTED_ROWS << bits) bits++;
    if (vocabulary > MOST_ROWS << bits) {
      throw new LociError(
        "out-of-memory",
        `GloVe can learn ${MOST_ROWS << bits} words at most; this corpus keeps ${vocabulary}. Use a higher minCount or a maxVocabulary.`,
      );
    }
    this.vocabulary = vocabulary;
    this.bits = bits;
    this.count = 1 << bits;
  }

  /** How many blocks of pairs there are. */
  get blocks(): number {
    return (this.count * (this.count + 1)) / 2;
  }

  /** How many words strip s holds. */
  size(s: number): number {
    return Math.floor((this.vocabulary + this.count - 1 - s) / this.count);
  }

  /** The row where strip s begins: rows lie strip by strip. */
  start(s: number): number {
    const even = Math.floor(this.vocabulary / this.count);
    return s * even + Math.min(s, this.vocabulary % this.count);
  }

  /** The row of a word. */
  rowOf(id: number): number {
    return this.start(id & (this.count - 1)) + (id >>> this.bits);
  }

  /** The number of the block of strips a and b, in either order. */
  blockOf(a: number, b: number): number {
    const high = Math.max(a, b);
    return Math.min(a, b) + (high * (high + 1)) / 2;
  }
}

/** A pair as it lies in its block: the place of the word of the lower strip, and of the other's. */
export interface PairPlaces {
  readonly block: number;
  readonly low: number;
  readonly high: number;
}

/** What a key says: the inverse of what counting does. */
export function placesOf(key: number, salt: number): PairPlaces {
  const hash = Math.floor(key / BLOCKS);
  const block = key - hash * BLOCKS;
  const places = unmix(hash) ^ reference.mix(block ^ salt);
  return { block, low: places & 0xffff, high: places >>> 16 };
}

/** The inverse of `mix` (kernels/reference/mix.ts): its steps undone, last first. */
export function unmix(x: number): number {
  x ^= x >>> 16;
  x = Math.imul(x, 0x43021123); // 0x43021123 · 0x846ca68b = 1 modulo 2³²
  x ^= (x >>> 15) ^ (x >>> 30);
  x = Math.imul(x, 0x1d69e2a5); // 0x1d69e2a5 · 0x7feb352d = 1 modulo 2³²
  return (x ^ (x >>> 16)) >>> 0;
}
