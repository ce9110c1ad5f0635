/**
 * Short codes of an index's rows, and what scanning them needs, in one memory.
 *
 * Codes are a tenth of their vectors or less, so that looking at all of them costs a tenth. They are derived: made when
 * an index was asked often enough, never saved. Memory that was not touched costs nothing but addresses, so there is
 * room to spare; when it is full, a larger one is opened.
 */
import { LociError, type Part, type Workspace, bytes, floats, integers, openWorkspace, words } from "../core/index.ts";
import { type KernelExports, type Scans, instantiate, openScans, searchModuleIfAllowed } from "../kernels/index.ts";
import { Certificate, projectionNorm } from "./certificate.ts";
import { type Codec, codecParts, encodeBytes, sampledRows, trainCodec, writeCodec } from "./codec.ts";
import { Gate } from "./gate.ts";
import type { RowSpace } from "./row-space.ts";
import type { Turn } from "./turn.ts";
import type { IndexMetric } from "./vector-index.ts";

/** The most rows that a first pass keeps. */
export const TOP_MOST = 8192;
/** Queries that one pass over the codes serves. */
export const CODE_BATCH = 128;
/** Of the rows, one in so many may have a code that is further off than the bound of all others. */
const OUTLIERS = 1000;
const STAGED = 64;

/** What an exact search on codes needs, all arrays in one memory. Any index that has these can be searched so. */
export interface CodedRows {
  /** Questions use the same areas, so each goes alone. */
  readonly gate: Gate;
  readonly codec: Codec;
  readonly certificate: Certificate;
  readonly scans: Scans;
  /** The search module over the same memory: its encoder. */
  readonly kernels: KernelExports;
  /** Where the codec's record lies. */
  readonly codecAt: number;
  /** Rows of codec.stride bytes, up to a multiple of 32 of them. */
  readonly codes: Uint8Array;
  /** By row; room up to a multiple of 32. */
  readonly keys: Int32Array;
  readonly list: Uint32Array;
  readonly bitmap: Uint32Array;
  readonly biases: Int32Array;
  readonly top: BigInt64Array;
  readonly query: Float32Array;
  readonly queryCode: Uint8Array;
  readonly work: Uint8Array;
  /** No row that is not among `outliers` has a larger ε. */
  readonly rowError: number;
  /** Rows that are looked at whatever their code says. */
  readonly outliers: ReadonlySet<number>;
}

const longs = (count: number): Part<BigInt64Array> => ({
  bytes: 8 * count,
  view: (buffer, offset) => new BigInt64Array(buffer as ArrayBuffer, offset, count),
});

function layoutOf(codec: Codec, capacity: number) {
  return {
    ...codecParts(codec),
    codes: bytes(capacity * codec.stride),
    keys: integers(capacity),
    list: words(capacity),
    bitmap: words(capacity / 32),
    biases: integers(capacity),
    errors: floats(capacity),
    top: longs(TOP_MOST),
    query: floats(codec.dim),
    queryCode: bytes(codec.stride),
    queryCodes: bytes(CODE_BATCH * codec.stride),
    tops: longs(TOP_MOST),
    sizes: integers(CODE_BATCH),
    staged: floats(STAGED * codec.dim),
    work: bytes(encodeBytes(codec) + 64),
    spill: bytes(64),
  };
}

type Views = Workspace<ReturnType<typeof layoutOf>>;

export class CodeSpace implements CodedRows {
  readonly gate = new Gate();
  readonly codec: Codec;
  readonly certificate: Certificate;
  readonly #rows: RowSpace;
  #views!: Views;
  #capacity = 0;
  scans!: Scans;
  kernels!: KernelExports;
  rowError = 0;
  readonly outliers = new Set<number>();

  private constructor(codec: Codec, certificate: Certificate, rows: RowSpace) {
    this.codec = codec;
    this.certificate = certificate;
    this.#rows = rows;
    this.#open(rows.capacity);
  }

  /**
   * Trains a codec on a sample of the live rows and encodes all of them; undefined where codes would be of no use: WebAssembly
   * may not run, or the numbers are of no ordinary size.
   */
  static async build(
    metric: IndexMetric,
    rows: RowSpace,
    live: readonly number[],
    turn: Turn,
  ): Promise<CodeSpace | undefined> {
    if (!searchModuleIfAllowed(false)) return undefined;
    const { dim } = rows;
    const chosen = sampledRows(live.length, dim);
    const sample = new Float32Array(chosen.length * dim);
    chosen.forEach((at, i) => sample.set(rows.row(live[at]!), i * dim));
    const longest = live.reduce((most, slot) => Math.max(most, rows.lengthOf(slot)), 0);
    const codec = await pulled(trainCodec({ metric, dim, rows: sample, longest: above(longest) }), turn);
    const certificate = new Certificate(codec, await pulled(projectionNorm(codec), turn));
    if (!certificate.sound) return undefined;
    const space = new CodeSpace(codec, certificate, rows);
    await space.encodeSlots(live, turn);
    space.#bound(live);
    return space;
  }

  get codecAt(): number {
    return this.#views.codec.byteOffset;
  }
  get codes(): Uint8Array {
    return this.#views.codes;
  }
  get keys(): Int32Array {
    return this.#views.keys;
  }
  get list(): Uint32Array {
    return this.#views.list;
  }
  get bitmap(): Uint32Array {
    return this.#views.bitmap;
  }
  get biases(): Int32Array {
    return this.#views.biases;
  }
  get top(): BigInt64Array {
    return this.#views.top;
  }
  get query(): Float32Array {
    return this.#views.query;
  }
  get queryCode(): Uint8Array {
    return this.#views.queryCode;
  }
  get queryCodes(): Uint8Array {
    return this.#views.queryCodes;
  }
  get tops(): BigInt64Array {
    return this.#views.tops;
  }
  get sizes(): Int32Array {
    return this.#views.sizes;
  }
  get work(): Uint8Array {
    return this.#views.work;
  }

  /** Encodes the rows of some slots, which lie in the index's row space by now. */
  async encodeSlots(slots: readonly number[], turn: Turn): Promise<void> {
    const { staged, codes, biases, errors } = this.#views;
    const { dim, stride } = this.codec;
    for (let from = 0; from < slots.length; from += STAGED) {
      const some = slots.slice(from, from + STAGED);
      some.forEach((slot, i) => staged.set(this.#rows.row(slot), i * dim));
      some.forEach((slot, i) => {
        const at = [
          codes.byteOffset + slot * stride,
          biases.byteOffset + 4 * slot,
          errors.byteOffset + 4 * slot,
        ] as const;
        const row = staged.byteOffset + 4 * i * dim;
        this.kernels.encodeRows!(this.codecAt, row, 0, 1, at[0], at[1], at[2], this.work.byteOffset);
        this.#judge(slot);
      });
      if (turn.due) await turn.rest();
    }
  }

  /** Makes room for as many rows as the row space has. */
  reserve(): void {
    if (this.#rows.capacity > this.#capacity) this.#open(Math.max(this.#rows.capacity, 2 * this.#capacity));
  }

  /** What there is to be known of a row's code: its ε, which decides whether it is an outlier. */
  #judge(slot: number): void {
    if (this.errorOf(slot) > this.rowError) this.outliers.add(slot);
    else this.outliers.delete(slot);
  }

  /** ε of the row in a slot. */
  errorOf(slot: number): number {
    return this.certificate.rowError(this.#rows.lengthOf(slot), this.#views.errors[slot]!);
  }

  /** Sets the bound that all but one row in a thousand keep. */
  #bound(live: readonly number[]): void {
    const errors = Float64Array.from(live, (slot) => this.errorOf(slot)).sort();
    // Of ε that are not finite none may become the bound.
    let last = errors.length - 1 - Math.floor(errors.length / OUTLIERS);
    while (last >= 0 && !Number.isFinite(errors[last])) last--;
    this.rowError = errors[last] ?? 0;
    for (const slot of live) this.#judge(slot);
  }

  #open(slots: number): void {
    const capacity = Math.ceil(slots / 32) * 32;
    const old = this.#capacity > 0 ? this.#views : undefined;
    const views = openWorkspace(layoutOf(this.codec, capacity));
    writeCodec(views, this.codec);
    if (old) {
      views.codes.set(old.codes);
      views.biases.set(old.biases);
      views.errors.set(old.errors);
    }
    this.#views = views;
    this.#capacity = capacity;
    const module = searchModuleIfAllowed(false);
    if (!module) throw new LociError("not-supported", "Codes need WebAssembly, which may not run here.");
    this.kernels = instantiate(module, views.memory);
    this.kernels.openScratch!(views.spill.byteOffset);
    this.scans = openScans(views.memory, views.spill);
  }
}

/** What a generator returns, with turns for others while it works. */
async function pulled<T>(work: Generator<void, T, void>, turn: Turn): Promise<T> {
  for (;;) {
    const next = work.next();
    if (next.done) return next.value;
    if (turn.due) await turn.pass();
  }
}

/** A float32 that is not below a number. */
function above(value: number): number {
  const near = Math.fround(value);
  return near >= value ? near : Math.fround(near * (1 + 2 ** -22) + 2 ** -149);
}
