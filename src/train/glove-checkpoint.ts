/**
 * Saving GloVe's training, and going on from there to the same bytes.
 *
 * One file: a line of JSON that says whose it is and where it stands, then all rows as they lie in memory.
 * The pairs are not in it: they are counted again, which takes a small part of the time and gives the same ones.
 */
import { LociError, platform, type Files } from "../core/index.ts";
import type { FitPosition } from "./glove-fit.ts";
import type { GloveSettings } from "./glove-options.ts";

/** What must agree for a checkpoint to be gone on from. */
export interface GloveIdentity {
  readonly corpus: string;
  readonly vocabulary: number;
  readonly settings: GloveSettings;
}

interface Header {
  readonly format: "loci-glove-checkpoint-1";
  readonly identity: GloveIdentity;
  readonly position: FitPosition;
  readonly rowBytes: number;
}

const HEADER_BYTES = 4096; // the line of JSON, blanks to the end
const PIECE = 1 << 22;

export class GloveCheckpoint {
  readonly #path: string;
  readonly #everySeconds: number;
  readonly #identity: GloveIdentity;
  readonly #signal: AbortSignal | undefined;
  readonly #files: Files;
  #saved = platform.now();

  constructor(
    { path, everySeconds = 60 }: { readonly path: string; readonly everySeconds?: number },
    identity: GloveIdentity,
    signal?: AbortSignal,
  ) {
    if (!platform.files) {
      throw new LociError(
        "not-supported",
        "Checkpoints are files, and there are none here. Train without `checkpoint`.",
      );
    }
    this.#files = platform.files;
    this.#path = path;
    this.#everySeconds = everySeconds;
    this.#identity = identity;
    this.#signal = signal;
  }

  /** Fills `rows` and tells where they stand; undefined if there is no checkpoint yet. */
  async load(rows: Float32Array): Promise<FitPosition | undefined> {
    const found = await this.#files.stat(this.#path);
    if (!found) return undefined;
    const { identity, position, rowBytes } = await this.#header();
    if (JSON.stringify(identity) !== JSON.stringify(this.#identity)) throw this.#foreign(identity);
    if (rowBytes !== rows.byteLength || found.bytes !== HEADER_BYTES + rowBytes) {
      throw new LociError(
        "bad-file",
        `${this.#path}: expected ${HEADER_BYTES + rows.byteLength} bytes, got ${found.bytes}. Delete it to start afresh.`,
      );
    }
    let at = 0;
    const target = new Uint8Array(rows.buffer, rows.byteOffset, rows.byteLength);
    for await (const piece of this.#files.read(this.#path, HEADER_BYTES)) {
      target.set(piece, at);
      at += piece.length;
    }
    return position;
  }

  async #header(): Promise<Header> {
    const bytes = new Uint8Array(HEADER_BYTES);
    const got = await this.#files.readAt(this.#path, 0, bytes);
    try {
      const header = JSON.parse(new TextDecoder().decode(bytes.subarray(0, got))) as Header;
      if (header.format === "loci-glove-checkpoint-1") return header;
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
    }
    throw new LociError(
      "wrong-checkpoint",
      `${this.#path} is not a checkpoint of GloVe. Name another path, or delete it.`,
    );
  }

  #foreign(theirs: GloveIdentity): LociError {
    const ours = { ...this.#identity, ...this.#identity.settings };
    const other: Record<string, unknown> = { ...theirs, ...theirs.settings };
    const differing = Object.entries(ours).filter(([name, value]) => name !== "settings" && other[name] !== value);
    const list = differing.map(
      ([name, value]) => `${name} ${JSON.stringify(other[name])}, here ${JSON.stringify(value)}`,
    );
    return new LociError(
      "wrong-checkpoint",
      `${this.#path} is a checkpoint of other training (${list.join("; ")}). Use the same corpus and options, or another path.`,
    );
  }

  /** Saves, if it is time. The file is whole or the old one; an abort while writing leaves the old one. */
  async save(position: FitPosition, rows: Float32Array): Promise<void> {
    if (platform.now() - this.#saved < this.#everySeconds) return;
    const { format, identity } = { format: "loci-glove-checkpoint-1" as const, identity: this.#identity };
    const header: Header = { format, identity, position, rowBytes: rows.byteLength };
    await this.#files.write(this.#path, this.#pieces(header, rows));
    this.#saved = platform.now();
  }

  *#pieces(header: Header, rows: Float32Array): Generator<Uint8Array, void, void> {
    const line = new TextEncoder().encode(JSON.stringify(header));
    if (line.length > HEADER_BYTES) throw new LociError("bad-argument", "The header of a checkpoint did not fit.");
    const padded = new Uint8Array(HEADER_BYTES).fill(0x20);
    padded.set(line);
    yield padded;
    const source = new Uint8Array(rows.buffer, rows.byteOffset, rows.byteLength);
    for (let at = 0; at < source.length; at += PIECE) {
      this.#signal?.throwIfAborted();
      yield source.slice(at, at + PIECE); // a copy: files do not take shared memory everywhere
    }
  }
}
