/**
 * Long work on this thread, in bites: everyone else gets a turn about every 8 ms.
 *
 * A frame of a 60 Hz screen is 16 ms, so that half of it stays free. Asking for the time costs some tens of
 * nanoseconds: ask once a block of rows, not once a row.
 */
import { nextTask, platform } from "../core/index.ts";

const BITE = 0.008;

export class Turn {
  readonly #signal: AbortSignal | undefined;
  #since = platform.now();

  /** Throws `signal.reason` at once if it is aborted already. */
  constructor(signal?: AbortSignal) {
    signal?.throwIfAborted();
    this.#signal = signal;
  }

  /** Whether it is time to `pass`. */
  get due(): boolean {
    return platform.now() - this.#since >= BITE;
  }

  /** Lets others run, then throws `signal.reason` if they aborted this work. */
  async pass(): Promise<void> {
    this.check();
    await this.rest();
    this.check();
  }

  /** Lets others run, also where the work can no longer be stopped. */
  async rest(): Promise<void> {
    await nextTask();
    this.#since = platform.now();
  }

  /** Throws `signal.reason` if the work was aborted. */
  check(): void {
    this.#signal?.throwIfAborted();
  }
}
