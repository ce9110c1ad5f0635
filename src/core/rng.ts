/**
 * Chance with a seed.
 *
 * Counter-based: draw number n of a stream is a pure function of (seed, stream, n), so work can be cut
 * up in any way and still draw the same numbers. `next…` methods walk the counter for callers that draw
 * one after another. Not for secrets.
 */
import { reference } from "../kernels/index.ts";
import { checkWhole } from "./error.ts";

const { mix, log, sin, cos } = reference;

/** Random numbers of a seed: the same ones everywhere, each also reachable by its place in the stream. */
export class Rng {
  readonly seed: number;
  readonly stream: number;
  readonly #keyA: number;
  readonly #keyB: number;
  #counter = 0;

  /** Seeds have up to 53 bits. Streams (32 bits) of one seed are independent of each other: give each purpose its own. */
  constructor(seed: number, stream = 0) {
    checkWhole("seed", seed, 0);
    checkWhole("stream", stream, 0, 2 ** 32 - 1);
    this.seed = seed;
    this.stream = stream;
    // Both halves of a seed of up to 53 bits count.
    this.#keyA = mix((seed >>> 0) ^ Math.imul(stream + 1, 0x9e3779b9));
    this.#keyB = mix(Math.floor(seed / 2 ** 32) ^ mix(this.#keyA ^ 0x5bd1e995));
  }

  /** Draw number `counter` as a whole number in [0, 2³²). */
  at(counter: number): number {
    return mix(mix((counter >>> 0) ^ this.#keyA) ^ mix(Math.floor(counter / 2 ** 32) ^ this.#keyB));
  }

  /** The next whole number in [0, 2³²). */
  nextWord(): number {
    return this.at(this.#counter++);
  }

  /** The next number in [0, 1), with 32 bits. */
  next(): number {
    return this.nextWord() / 2 ** 32;
  }

  /** The next whole number in [0, below). */
  nextBelow(below: number): number {
    return Math.floor(this.next() * below);
  }

  /** The next number of the standard normal distribution (Box & Muller, 1958). Two draws. */
  nextNormal(): number {
    const radius = Math.sqrt(-2 * log((this.nextWord() + 1) / 2 ** 32));
    return radius * cos(2 * Math.PI * this.next());
  }

  /** Fills `out` with standard normal numbers, both of each Box–Muller pair used. */
  fillNormal(out: Float32Array): void {
    for (let i = 0; i < out.length; i += 2) {
      const radius = Math.sqrt(-2 * log((this.nextWord() + 1) / 2 ** 32));
      const angle = 2 * Math.PI * this.next();
      out[i] = radius * cos(angle);
      if (i + 1 < out.length) out[i + 1] = radius * sin(angle);
    }
  }

  /** Puts the items into an order of chance, in place (Fisher & Yates; Durstenfeld, 1964). */
  shuffle<T extends { length: number; [i: number]: unknown }>(items: T): T {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.nextBelow(i + 1);
      const kept = items[i];
      items[i] = items[j];
      items[j] = kept;
    }
    return items;
  }
}
