/**
 * Many readers or one writer, in the order they came.
 *
 * Searches over much data let others run in between, so a write could change the rows under them. Each operation
 * therefore passes this gate: searches go side by side, a write waits for those before it and is waited for by those
 * after it. Where nobody waits, entering costs no turn of the event loop.
 */
export class Gate {
  #readers = 0;
  #writing = false;
  readonly #queue: { readonly write: boolean; readonly enter: () => void }[] = [];

  /** Runs `work` beside other readers. */
  async read<T>(work: () => Promise<T>): Promise<T> {
    await this.enterReading();
    try {
      return await work();
    } finally {
      this.leaveReading();
    }
  }

  /** Runs `work` alone. */
  async write<T>(work: () => Promise<T>): Promise<T> {
    if (this.#writing || this.#readers > 0 || this.#queue.length > 0) {
      await new Promise<void>((enter) => this.#queue.push({ write: true, enter }));
    } else this.#writing = true;
    try {
      return await work();
    } finally {
      this.#writing = false;
      this.#admit();
    }
  }

  /** For readers that are generators: enter, and `leaveReading` in their `finally`. */
  enterReading(): Promise<void> | undefined {
    if (this.#writing || this.#queue.length > 0) {
      return new Promise<void>((enter) => this.#queue.push({ write: false, enter }));
    }
    this.#readers++;
    return undefined;
  }

  leaveReading(): void {
    this.#readers--;
    this.#admit();
  }

  #admit(): void {
    for (let next = this.#queue[0]; next; next = this.#queue[0]) {
      if (this.#writing || (next.write && this.#readers > 0)) return;
      this.#queue.shift();
      if (next.write) this.#writing = true;
      else this.#readers++;
      next.enter();
    }
  }
}
