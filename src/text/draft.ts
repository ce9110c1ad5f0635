/**
 * A corpus under way: words counted, ids (serials of the word table) in the order of the text.
 */
import { nextTask, platform } from "../core/index.ts";
import { IdStore } from "./id-store.ts";
import type { TokenSink } from "./scan.ts";
import type { WordTable } from "./word-table.ts";

/** What stands in a corpus after each sentence. It is no id: those stay below. */
export const LINE_END = 0xffffffff;

/** LINE_END as a signed number, which is how the inner loops see ids: engines are faster with those. */
export const SIGNED_LINE_END = -1;

const BLOCK = 1 << 16;

export class Draft implements TokenSink {
  readonly ids = new IdStore();
  readonly table: WordTable;
  tokens = 0;
  #open = false; // whether the present sentence holds a token

  constructor(table: WordTable) {
    this.table = table;
  }

  token(place: number): void {
    this.tokens++;
    this.#open = true;
    this.ids.append(this.table.count(place));
  }

  lineEnd(): void {
    if (this.#open) this.ids.append(LINE_END);
    this.#open = false;
  }

  /**
   * Walks all ids in blocks and puts `rewrite`'s output in their place: it gets the block and an array to fill, and
   * returns how many ids it filled, in all never more than it got. Yields the number of ids walked now and then.
   */
  async *rewrite(rewrite: (block: Int32Array, out: Int32Array) => number): AsyncGenerator<number, void, void> {
    let written = 0;
    // A rewriter may hold one id back from a block, so there is room for one more.
    const out = new Int32Array(BLOCK + 1);
    for await (const { block, done } of this.blocks()) {
      const put = rewrite(block, out);
      this.ids.write(written, new Uint32Array(out.buffer, 0, put));
      written += put;
      if (done !== undefined) yield done;
    }
    this.ids.truncate(written);
  }

  /** All ids in blocks; `done` tells how many were passed when a step is due, and with the last block. */
  async *blocks(): AsyncGenerator<{ block: Int32Array; done: number | undefined }, void, void> {
    const pace = new Pace();
    const block = new Uint32Array(BLOCK);
    const { length } = this.ids;
    for (let start = 0; start < length; start += BLOCK) {
      const part = block.subarray(0, Math.min(BLOCK, length - start));
      this.ids.read(start, part);
      const end = start + part.length;
      const due = pace.due || end === length;
      yield { block: new Int32Array(part.buffer, 0, part.length), done: due ? end : undefined };
      if (due) await pace.turn();
    }
  }
}

const STEP_SECONDS = 0.05;

/** Tells when a step is due, and lets the event loop turn after it, so that timers, input and abort get through. */
export class Pace {
  #next = platform.now() + STEP_SECONDS;

  get due(): boolean {
    return platform.now() >= this.#next;
  }

  async turn(): Promise<void> {
    await nextTask();
    this.#next = platform.now() + STEP_SECONDS;
  }
}
