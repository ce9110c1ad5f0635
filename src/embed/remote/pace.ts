/** Requests spread evenly in time, so that no minute holds more than it may. */
import type { Network } from "../../core/index.ts";

export class Pace {
  readonly #gapMs: number;
  #next = -Infinity;

  /** At least `gapMs` between the starts of two requests; 0 for no limit. */
  constructor(gapMs: number) {
    this.#gapMs = gapMs;
  }

  /** Resolves when the next request may start. Turns are given in the order of asking. */
  async turn(network: Network, signal?: AbortSignal): Promise<void> {
    if (this.#gapMs === 0) return;
    const now = network.wallClock();
    // A clock that was set back must not hold everything up: nobody ever waits for more than those before him need.
    const start = Math.max(now, this.#next);
    this.#next = start + this.#gapMs;
    if (start > now) await network.sleep(start - now, signal);
  }
}
