/**
 * A long row of ids that is appended to, read by range and shortened in place.
 *
 * Up to a million ids stay in memory; a longer row goes to scratch (a temporary file in Node), so that the memory
 * of encoding a corpus does not depend on its length. Ids are stored as little-endian words, the order of every
 * machine that runs WebAssembly.
 */
import { LociError, platform, release, type Scratch } from "../core/index.ts";

const IN_MEMORY = 1 << 20;
const ID_BYTES = 4;

export class IdStore {
  /** Ids stored. */
  length = 0;
  #buffer = new Uint32Array(1 << 12);
  /** Ids in the buffer: all of them, or with scratch those not yet written there. */
  #buffered = 0;
  #scratch: Scratch | undefined;

  append(id: number): void {
    if (this.#buffered === this.#buffer.length) this.#makeRoom();
    this.#buffer[this.#buffered++] = id;
    this.length++;
  }

  /** Fills `into` with ids [start, start + into.length), which must be there. */
  read(start: number, into: Uint32Array): void {
    if (!Number.isInteger(start) || start < 0 || start + into.length > this.length) {
      throw new LociError(
        "bad-argument",
        `Expected a range within the corpus of ${this.length} ids, got ${start} to ${start + into.length}.`,
      );
    }
    if (into.length === 0) return;
    if (!this.#scratch) return into.set(this.#buffer.subarray(start, start + into.length));
    this.#spill();
    this.#scratch.read(start * ID_BYTES, bytesOf(into));
  }

  /** Overwrites ids that are there. */
  write(start: number, ids: Uint32Array): void {
    if (!this.#scratch) return this.#buffer.set(ids, start);
    this.#spill();
    this.#scratch.write(start * ID_BYTES, bytesOf(ids));
  }

  /** Forgets all ids from `length` on. */
  truncate(length: number): void {
    if (!this.#scratch) this.#buffered = length;
    else this.#spill();
    this.length = length;
  }

  /** Gives unneeded memory back: call it when no more ids come. */
  settle(): void {
    if (this.#scratch) {
      this.#spill();
      release(this.#buffer);
      this.#buffer = new Uint32Array(0);
    } else this.#buffer = this.#buffer.slice(0, this.#buffered);
  }

  close(): void {
    this.#scratch?.close();
    this.#scratch = undefined;
    release(this.#buffer);
    this.#buffer = new Uint32Array(0);
    this.#buffered = 0;
    this.length = 0;
  }

  #makeRoom(): void {
    if (this.#buffer.length < IN_MEMORY) {
      const larger = new Uint32Array(Math.max(1 << 12, this.#buffer.length * 4));
      larger.set(this.#buffer);
      release(this.#buffer);
      this.#buffer = larger;
      return;
    }
    this.#scratch ??= platform.openScratch();
    this.#spill();
  }

  #spill(): void {
    if (this.#buffered === 0) return;
    this.#scratch!.append(bytesOf(this.#buffer.subarray(0, this.#buffered)));
    this.#buffered = 0;
  }
}

function bytesOf(ids: Uint32Array): Uint8Array {
  return new Uint8Array(ids.buffer, ids.byteOffset, ids.byteLength);
}
