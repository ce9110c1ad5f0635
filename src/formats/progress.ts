/**
 * Steps of reading, about twenty times a second, however the bytes come.
 */
import { phaseClock, platform } from "../core/index.ts";
import type { Step } from "../core/index.ts";

const EVERY_SECONDS = 0.05;

export class Progress {
  readonly #step: (done: number) => Step;
  #last = platform.now();

  /** `total` is 0 where it cannot be known (a gzipped file). */
  constructor(phase: string, total: number) {
    this.#step = phaseClock(phase, total);
  }

  /** The step to yield now, or undefined if the last one is young. */
  due(done: number): Step | undefined {
    const now = platform.now();
    if (now - this.#last < EVERY_SECONDS) return undefined;
    this.#last = now;
    return this.#step(done);
  }
}
