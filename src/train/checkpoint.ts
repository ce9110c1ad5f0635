/**
 * Saving a training, and going on from there to the same bytes.
 *
 * One file: a line of JSON that says whose it is and where it stands, then all numbers that training changes,
 * as they lie in memory. The line tells their checksum, so that a damaged file is refused rather than trained on, and
 * the version of this scheme. What can be made again from the corpus is not in it. Writing goes through a temporary
 * name, so there is always one whole checkpoint, the new or the old.
 */
import { LociError, platform, type Files } from "../core/index.ts";

/** When and where a learner saves itself. */
export interface CheckpointOptions {
  /** The file. If it is there, training goes on from it; if not, it is made. It stays at the end. */
  readonly path: string;
  /** Seconds between two savings, at least; the end and an abort save too. Default 60. */
  readonly everySeconds?: number;
}

/** What must agree for a checkpoint to be gone on from. */
export interface TrainingIdentity {
  readonly learner: string;
  /** The corpus' fingerprint. */
  readonly corpus: string;
  readonly settings: object;
}

interface Header<P> {
  readonly format: "loci-checkpoint";
  readonly version: number;
  readonly identity: TrainingIdentity;
  readonly position: P;
  readonly bytes: number;
  /** Of the numbers, 16 hexadecimal digits. */
  readonly checksum: string;
}

const VERSION = 2; // of the file, and of what its numbers mean; 1 had no checksum
const HEADER_BYTES = 4096; // the line of JSON, blanks to the end
const PIECE = 1 << 22;

/** A checkpoint of a training whose place is told by a `P` and whose state is in the given arrays. */
export class Checkpoint<P> {
  readonly #path: string;
  readonly #everySeconds: number;
  readonly #identity: TrainingIdentity;
  readonly #state: readonly Uint8Array[];
  readonly #bytes: number;
  readonly #files: Files;
  #saved = platform.now();

  constructor(
    { path, everySeconds = 60 }: CheckpointOptions,
    identity: TrainingIdentity,
    state: readonly ArrayBufferView[],
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
    this.#state = state.map((view) => new Uint8Array(view.buffer as ArrayBuffer, view.byteOffset, view.byteLength));
    this.#bytes = this.#state.reduce((sum, { length }) => sum + length, 0);
  }

  /** Fills the state and tells where training stands; undefined if there is no checkpoint yet. */
  async load(): Promise<P | undefined> {
    const found = await this.#files.stat(this.#path);
    if (!found) return undefined;
    const { identity, position, bytes, checksum } = await this.#header();
    if (JSON.stringify(identity) !== JSON.stringify(this.#identity)) throw this.#foreign(identity);
    if (bytes !== this.#bytes || found.bytes !== HEADER_BYTES + bytes) {
      throw new LociError(
        "bad-file",
        `${this.#path}: expected ${HEADER_BYTES + this.#bytes} bytes, got ${found.bytes}. Delete it to start afresh.`,
      );
    }
    await this.#fill();
    if (checksum === checksumOf(this.#state)) return position;
    throw new LociError(
      "bad-file",
      `${this.#path}: the numbers are not those that were saved (their checksum differs), so the file was damaged. Delete it to start afresh.`,
    );
  }

  async #fill(): Promise<void> {
    let part = 0;
    let at = 0;
    for await (const piece of this.#files.read(this.#path, HEADER_BYTES)) {
      for (let from = 0; from < piece.length;) {
        while (at === this.#state[part]!.length) {
          part++;
          at = 0;
        }
        const target = this.#state[part]!;
        const taken = Math.min(piece.length - from, target.length - at);
        target.set(piece.subarray(from, from + taken), at);
        from += taken;
        at += taken;
      }
    }
  }

  async #header(): Promise<Header<P>> {
    const bytes = new Uint8Array(HEADER_BYTES);
    const got = await this.#files.readAt(this.#path, 0, bytes);
    try {
      const header = JSON.parse(new TextDecoder().decode(bytes.subarray(0, got))) as Partial<Header<P>> & {
        format?: string;
      };
      if (header.format === "loci-checkpoint" && header.version === VERSION) return header as Header<P>;
      if (header.format?.startsWith("loci-checkpoint")) throw this.#otherVersion(header.version ?? 1);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
    }
    throw new LociError(
      "wrong-checkpoint",
      `${this.#path} is not a checkpoint of a training. Name another path, or delete it.`,
    );
  }

  #otherVersion(version: number): LociError {
    return new LociError(
      "wrong-checkpoint",
      `${this.#path} is a checkpoint of version ${version}; this Loci reads version ${VERSION}. ` +
        "Finish that training with the Loci that began it, or delete the file to start afresh.",
    );
  }

  #foreign(theirs: TrainingIdentity): LociError {
    const flat = ({ learner, corpus, settings }: TrainingIdentity): Record<string, unknown> => ({
      learner,
      corpus,
      ...settings,
    });
    const other = flat(theirs);
    const differing = Object.entries(flat(this.#identity)).filter(([name, value]) => other[name] !== value);
    const list = differing.map(
      ([name, value]) => `${name} ${JSON.stringify(other[name])}, here ${JSON.stringify(value)}`,
    );
    return new LociError(
      "wrong-checkpoint",
      `${this.#path} is a checkpoint of other training (${list.join("; ")}). Use the same corpus and options, or another path.`,
    );
  }

  /** Whether the last saving is long enough ago. */
  get due(): boolean {
    return platform.now() - this.#saved >= this.#everySeconds;
  }

  /** Saves the state as it stands at `position`; an abort while writing leaves the old file. */
  async save(position: P, signal?: AbortSignal): Promise<void> {
    const header: Header<P> = {
      format: "loci-checkpoint",
      version: VERSION,
      identity: this.#identity,
      position,
      bytes: this.#bytes,
      checksum: checksumOf(this.#state),
    };
    await this.#files.write(this.#path, this.#pieces(header, signal));
    this.#saved = platform.now();
  }

  *#pieces(header: Header<P>, signal?: AbortSignal): Generator<Uint8Array, void, void> {
    const line = new TextEncoder().encode(JSON.stringify(header));
    if (line.length > HEADER_BYTES) throw new LociError("bad-argument", "The header of a checkpoint did not fit.");
    const padded = new Uint8Array(HEADER_BYTES).fill(0x20);
    padded.set(line);
    yield padded;
    for (const part of this.#state) {
      for (let at = 0; at < part.length; at += PIECE) {
        signal?.throwIfAborted();
        yield part.slice(at, at + PIECE); // a copy: files do not take shared memory everywhere
      }
    }
  }
}

/**
 * A checksum of arrays whose bytes come in fours: two lanes that each multiply and turn, 64 bits in all. Against
 * accidents, not against forgers; a tenth of a second for 100 MB.
 */
function checksumOf(state: readonly Uint8Array[]): string {
  let a = 0x243f6a88;
  let b = 0x85a308d3;
  for (const { buffer, byteOffset, byteLength } of state) {
    const words = new Int32Array(buffer as ArrayBuffer, byteOffset, byteLength >> 2);
    for (let i = 0; i < words.length; i++) {
      a = Math.imul(a ^ words[i]!, 0x9e3779b1);
      a ^= a >>> 15;
      b = (Math.imul((b << 13) | (b >>> 19), 0x85ebca77) + words[i]!) | 0;
    }
  }
  return [a, b].map((lane) => (lane >>> 0).toString(16).padStart(8, "0")).join("");
}
