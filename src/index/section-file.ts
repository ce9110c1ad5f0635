/**
 * One file of named sections, each with its checksum: what an index is saved as (docs/formats/index-file.md).
 *
 * Sections are the bytes as they lie in memory (little-endian, 64-byte aligned), so that opening reads them straight
 * into place. The directory stands at the end, as in a ZIP file: then writing is one pass over data that may be larger
 * than memory, checksums included. A file that was torn has no directory and is refused; a damaged section is found when it
 * is read, and named, so that whoever has the vectors can make it anew.
 */
import { LociError, type ByteSource } from "../core/index.ts";
import { crc32c } from "./crc32c.ts";
import { Turn } from "./turn.ts";

const MAGIC = "LOCIINDX";
const VERSION = 1;
const LINE = 64;
/** Magic, version, 0; the same at both ends, so that what it is shows at once and whether it is whole as well. */
const HEAD = 64;
/** Magic, version, bytes and checksum of the directory. */
const TAIL = 24;
const PIECE = 1 << 18;

/** A section to be written: its bytes, in pieces. */
export interface SectionOut {
  readonly name: string;
  readonly pieces: Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
}

interface Entry {
  readonly name: string;
  readonly offset: number;
  readonly bytes: number;
  readonly crc: number;
}

interface Directory {
  /** "flat", "hnsw", …: who reads it. */
  readonly kind: string;
  /** What the kind needs to know beside its sections. JSON. */
  readonly head: unknown;
  readonly sections: readonly Entry[];
}

/** The bytes of a file of sections. Pieces are at most 256 KiB and are not reused. */
export async function* sectionPieces(
  kind: string,
  head: unknown,
  sections: Iterable<SectionOut> | AsyncIterable<SectionOut>,
): AsyncGenerator<Uint8Array, void, void> {
  const turn = new Turn();
  const entries: Entry[] = [];
  yield ends(HEAD);
  let offset = HEAD;
  for await (const { name, pieces } of sections) {
    const start = offset;
    let crc = 0;
    for await (const whole of pieces) {
      for (let at = 0; at < whole.length; at += PIECE) {
        const piece = whole.slice(at, at + PIECE);
        crc = crc32c(piece, crc);
        offset += piece.length;
        yield piece;
        if (turn.due) await turn.pass();
      }
    }
    entries.push({ name, offset: start, bytes: offset - start, crc });
    const gap = -offset & (LINE - 1);
    if (gap > 0) yield new Uint8Array(gap);
    offset += gap;
  }
  const directory = new TextEncoder().encode(JSON.stringify({ kind, head, sections: entries } satisfies Directory));
  yield directory;
  const tail = ends(TAIL);
  const view = new DataView(tail.buffer);
  view.setUint32(16, directory.length, true);
  view.setUint32(20, crc32c(directory), true);
  yield tail;
}

function ends(bytes: number): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(bytes);
  out.set(new TextEncoder().encode(MAGIC));
  new DataView(out.buffer).setUint32(8, VERSION, true);
  return out;
}

/** An open file of sections. */
export class SectionFile {
  readonly kind: string;
  readonly head: unknown;
  readonly #source: ByteSource;
  readonly #entries: ReadonlyMap<string, Entry>;

  private constructor(source: ByteSource, { kind, head, sections }: Directory) {
    this.kind = kind;
    this.head = head;
    this.#source = source;
    this.#entries = new Map(sections.map((entry) => [entry.name, entry]));
  }

  /** Reads the directory. Throws `bad-file` where this is no such file, a torn one, or one of a later version. */
  static async open(source: ByteSource): Promise<SectionFile> {
    const { bytes } = source;
    if (bytes === undefined) throw badIndex(source, "a file that can be read from its middle", "gzipped bytes");
    const tail = await readBytes(source, Math.max(0, bytes - TAIL), Math.min(bytes, TAIL));
    const magic = String.fromCharCode(...tail.subarray(0, 8));
    if (tail.length < TAIL || magic !== MAGIC) {
      throw badIndex(source, `"${MAGIC}" 24 bytes before the end`, "something else: no index, or one cut off");
    }
    const view = new DataView(tail.buffer);
    const version = view.getUint32(8, true);
    if (version !== VERSION)
      throw badIndex(source, `version ${VERSION}`, `version ${version}: a later Loci may read it`);
    const length = view.getUint32(16, true);
    const from = bytes - TAIL - length;
    if (from < HEAD) throw badIndex(source, "a directory within the file", `one of ${length} bytes`);
    const text = await readBytes(source, from, length);
    if (crc32c(text) !== view.getUint32(20, true)) throw badIndex(source, "a sound directory", "a wrong checksum");
    const directory = JSON.parse(new TextDecoder().decode(text)) as Directory;
    for (const { name, offset, bytes: size } of directory.sections) {
      if (offset + size > from)
        throw badIndex(source, `section "${name}" within the file`, `its end at ${offset + size}`);
    }
    return new SectionFile(source, directory);
  }

  get name(): string {
    return this.#source.name;
  }

  has(section: string): boolean {
    return this.#entries.has(section);
  }

  /** How many bytes a section has. Throws `bad-file` where it is missing. */
  bytesOf(section: string): number {
    return this.#entry(section).bytes;
  }

  /** A section, whole. Throws `bad-file` where its checksum is wrong. */
  async read(section: string, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
    const into = new Uint8Array(this.#entry(section).bytes);
    await this.readInto(section, [into], signal);
    return into;
  }

  /** A section, into arrays (of any memory) one after the other, which must take it all. */
  async readInto(section: string, into: Iterable<Uint8Array>, signal?: AbortSignal): Promise<void> {
    const { offset, bytes, crc: expected } = this.#entry(section);
    const turn = new Turn(signal);
    let done = 0;
    let crc = 0;
    for (const part of into) {
      for (let at = 0; at < part.length && done < bytes; at += PIECE) {
        const piece = part.subarray(at, Math.min(at + PIECE, at + bytes - done));
        await fill(this.#source, offset + done, piece);
        crc = crc32c(piece, crc);
        done += piece.length;
        if (turn.due) await turn.pass();
      }
    }
    if (done < bytes) throw badIndex(this.#source, `section "${section}" of ${done} bytes`, `${bytes}`);
    if (crc !== expected) throw badIndex(this.#source, `section "${section}" as it was written`, "a wrong checksum");
  }

  /** The names of the sections whose checksum is wrong. Reads everything. */
  async damaged(signal?: AbortSignal): Promise<string[]> {
    const names: string[] = [];
    const turn = new Turn(signal);
    for (const { name, offset, bytes, crc: expected } of this.#entries.values()) {
      let crc = 0;
      for (let at = 0; at < bytes; at += PIECE) {
        crc = crc32c(await readBytes(this.#source, offset + at, Math.min(PIECE, bytes - at)), crc);
        if (turn.due) await turn.pass();
      }
      if (crc !== expected) names.push(name);
    }
    return names;
  }

  #entry(section: string): Entry {
    const entry = this.#entries.get(section);
    if (!entry) throw badIndex(this.#source, `a section "${section}"`, "none");
    return entry;
  }
}

async function readBytes(source: ByteSource, position: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
  const into = new Uint8Array(length);
  await fill(source, position, into);
  return into;
}

async function fill(source: ByteSource, position: number, into: Uint8Array): Promise<void> {
  const got = await source.readAt(position, into);
  if (got < into.length) throw badIndex(source, `${into.length} bytes at ${position}`, `${got}: the file was cut off`);
}

/** A `bad-file` error about an index: what was expected, what came, what to do. */
export function badIndex(source: { readonly name: string }, expected: string, got: string): LociError {
  return new LociError(
    "bad-file",
    `${source.name}: expected ${expected}, got ${got}. Build the index anew from its vectors.`,
  );
}
