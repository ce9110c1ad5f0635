/** Line numbers of offsets. A line ends in LF, CRLF or CR, and lines count from 1, as in every editor. */

/** First and last line of a range. */
export interface LineRange {
  readonly first: number;
  readonly last: number;
}

/** Where the lines of a text start; answers in O(log lines). */
export class LineIndex {
  readonly #starts: number[] = [0];

  constructor(text: string) {
    for (let at = 0; at < text.length; at++) {
      const unit = text.charCodeAt(at);
      if (unit === 0x0a || (unit === 0x0d && text.charCodeAt(at + 1) !== 0x0a)) this.#starts.push(at + 1);
    }
  }

  /** How many lines there are; a text that ends in a line break has an empty last line. */
  get count(): number {
    return this.#starts.length;
  }

  /** The offset at which a line begins. */
  startOf(line: number): number {
    return this.#starts[line - 1]!;
  }

  /** The line that the character at `offset` stands in. */
  lineAt(offset: number): number {
    let low = 0;
    let high = this.#starts.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (this.#starts[middle]! <= offset) low = middle;
      else high = middle;
    }
    return low + 1;
  }

  /** The lines that a range touches. */
  linesOf({ start, end }: { readonly start: number; readonly end: number }): LineRange {
    return { first: this.lineAt(start), last: this.lineAt(Math.max(start, end - 1)) };
  }
}
