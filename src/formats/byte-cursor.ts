/**
 * Walks through a binary file from its start: small things through a window, large ones straight into their array.
 *
 * The same walk serves a file that can be read anywhere and a gzipped stream. What is large is checked against the
 * bytes that are left before it is allocated; where nobody knows how many are left (gzip), its array
 * grows with the bytes that really come, to at most three times them while it is copied.
 */
import type { ByteSource, Step } from "../core/index.ts";
import { badFile } from "./bad-file.ts";
import type { Progress } from "./progress.ts";

const WINDOW = 1 << 20;
/** One read into a large array: long enough to cost nothing a byte, short enough for abort to be noticed. */
const SLICE = 1 << 22;

export class ByteCursor {
  readonly name: string;
  readonly #source: ByteSource;
  readonly #stream: AsyncIterator<Uint8Array> | undefined;
  #piece = new Uint8Array(0); // of the stream, what is not yet in the window
  #window = new Uint8Array(64);
  #from = 0;
  #to = 0;
  #position = 0;

  constructor(source: ByteSource) {
    this.name = source.name;
    this.#source = source;
    this.#stream = source.bytes === undefined ? source.read()[Symbol.asyncIterator]() : undefined;
  }

  /** How far the walk is, in bytes. */
  get position(): number {
    return this.#position;
  }

  /** How many bytes are left; Infinity where that is not known. */
  get left(): number {
    return (this.#source.bytes ?? Infinity) - this.#position;
  }

  /** The bytes ahead that are at hand: at least `count`, fewer only at the end. Valid until the next call. */
  async ahead(count: number): Promise<Uint8Array> {
    count = Math.min(count, this.left);
    if (this.#to - this.#from < count) {
      // Where the end is known, `count` lies before it; where not, the window grows only as bytes really come.
      const known = this.left !== Infinity;
      this.#moveWindow(known ? Math.max(count, Math.min(WINDOW, this.left)) : WINDOW);
      while (this.#to < count) {
        if (this.#to === this.#window.length) this.#moveWindow(Math.min(count, this.#to * 2));
        const got = await this.#pull(this.#window.subarray(this.#to));
        if (got === 0) break;
        this.#to += got;
      }
    }
    return this.#window.subarray(this.#from, this.#to);
  }

  /** Steps over bytes that `ahead` showed. */
  advance(count: number): void {
    this.#from += count;
    this.#position += count;
  }

  /** The next `count` bytes (a small number of them), valid until the next call. `what` names them when they are missing. */
  async take(count: number, what: string): Promise<DataView> {
    this.checkLeft(count, what);
    const bytes = await this.ahead(count);
    if (bytes.length < count) throw this.#cut(count, what, bytes.length);
    this.advance(count);
    return new DataView(bytes.buffer, bytes.byteOffset, count);
  }

  /** Throws if it is known that fewer than `count` bytes are left. */
  checkLeft(count: number, what: string): void {
    if (count > this.left) throw this.#cut(count, what, this.left);
  }

  /**
   * The next `count` bytes in an array of their own. `look` sees every stretch of it soon after it came, while it is
   * still in the processor's cache; stretches begin and end at multiples of 4.
   */
  async *large(
    count: number,
    what: string,
    progress: Progress,
    look?: (bytes: Uint8Array<ArrayBuffer>, from: number, to: number) => void,
  ): AsyncGenerator<Step, Uint8Array<ArrayBuffer>, void> {
    this.checkLeft(count, what);
    let out = new Uint8Array(this.left === Infinity ? Math.min(count, 1 << 16) : count);
    let got = 0;
    let looked = 0;
    while (got < count) {
      if (got === out.length) {
        const larger = new Uint8Array(Math.min(count, out.length * 2));
        larger.set(out);
        out = larger;
      }
      const room = out.subarray(got, Math.min(out.length, got + SLICE));
      const more = this.#fromWindow(room) || (await this.#pull(room));
      if (more === 0) throw this.#cut(count, what, got, got);
      got += more;
      this.#position += more;
      look?.(out, looked, got & ~3);
      looked = got & ~3;
      const step = progress.due(this.#position);
      if (step) yield step;
    }
    return out;
  }

  /** Steps over `count` bytes without looking at them. */
  async skip(count: number, what: string): Promise<void> {
    this.checkLeft(count, what);
    if (!this.#stream) {
      const held = Math.min(count, this.#to - this.#from);
      this.#from += held;
      this.#position += count;
      return;
    }
    for (let rest = count; rest > 0;) {
      const bytes = await this.ahead(1);
      if (bytes.length === 0) throw this.#cut(count, what, count - rest, count - rest);
      const step = Math.min(rest, bytes.length);
      this.advance(step);
      rest -= step;
    }
  }

  /** Throws unless everything has been read. */
  async expectEnd(): Promise<void> {
    const rest = await this.ahead(1);
    if (rest.length === 0) return;
    const more = this.left === Infinity ? "more bytes" : `${this.left} more bytes`;
    throw badFile(this.name, `byte ${this.#position}`, "the end of the file", more);
  }

  /** Lets go of a stream that was not read to its end. */
  async close(): Promise<void> {
    await this.#stream?.return?.();
  }

  /** Moves what is held to the start of the window, which has at least `size` bytes afterwards. */
  #moveWindow(size: number): void {
    const held = this.#window.subarray(this.#from, this.#to);
    if (size > this.#window.length) this.#window = new Uint8Array(size);
    this.#window.set(held);
    this.#from = 0;
    this.#to = held.length;
  }

  #fromWindow(room: Uint8Array): number {
    const part = this.#window.subarray(this.#from, Math.min(this.#to, this.#from + room.length));
    room.set(part);
    this.#from += part.length;
    return part.length;
  }

  /** Bytes that follow the window, into `room`: how many came, 0 at the end. */
  async #pull(room: Uint8Array): Promise<number> {
    if (!this.#stream) return this.#source.readAt(this.#position + (this.#to - this.#from), room);
    while (this.#piece.length === 0) {
      const { done, value } = await this.#stream.next();
      if (done) return 0;
      this.#piece = value as Uint8Array<ArrayBuffer>;
    }
    const part = this.#piece.subarray(0, room.length);
    room.set(part);
    this.#piece = this.#piece.subarray(part.length);
    return part.length;
  }

  /** The sentence for a file that ends too soon. `walked` bytes of the thing have been stepped over already. */
  #cut(count: number, what: string, found: number, walked = 0): Error {
    return badFile(
      this.name,
      `byte ${this.#position - walked}`,
      `${what} (${count} bytes)`,
      `${found} bytes before the end of the file`,
      "The file is cut short or is of another kind.",
    );
  }
}

/** A whole number of 8 bytes, little-endian, as a float64; exact up to 2⁵³, negative if its sign bit is set. */
export function int64(view: DataView, at: number): number {
  return view.getInt32(at + 4, true) * 2 ** 32 + view.getUint32(at, true);
}
