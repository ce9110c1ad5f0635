/**
 * Rows that learn: a table of vectors, the lookup that reads them and the gradient that comes back.
 *
 * Reading is by far the common case, so a table is one block of numbers and a lookup is a copy of rows. Learning
 * is sparse: a batch has gradients for the few rows it looked up, `accumulate` sums them row by row, and an
 * optimizer (room `net`) turns the sums into steps. Every step goes through `move`, the one place that knows what
 * may not learn: frozen rows and columns, and the padding row. So no optimizer can forget it.
 *
 * Where this differs from PyTorch's `nn.Embedding`:
 * - `maxNorm` shortens a row after it has moved. There, looking a row up rewrites it (also in evaluation, also when
 *   frozen), so that reading changes what is read and the order of reads matters.
 * - A step uses its gradients up. There, forgetting `zero_grad` adds old gradients to new ones.
 * - Padding is zero whatever the table was made from. There, `from_pretrained` keeps what the row held.
 */
import { LociError, Matrix, checkWhole } from "../core/index.ts";
import { initialize, type Initializer, type InitializerName } from "./initialize.ts";
import { type NestedIds, flattenIds } from "./nested-ids.ts";
import { SparseGradient } from "./sparse-gradient.ts";

/** What a table may be told. `rows` and `dim` may be left out where `init` is a matrix. */
export interface EmbeddingTableOptions {
  /** How many things have a row: ids are 0 … rows − 1. */
  readonly rows?: number;
  /** The width of a row. */
  readonly dim?: number;
  /** How rows begin (see `initialize`), or the rows themselves, which are copied. Default "normal": N(0, 0.02²). */
  readonly init?: InitializerName | Initializer | Matrix;
  /** Makes the first numbers repeatable: same seed, same bits. Default 1. */
  readonly seed?: number;
  /** The id of a row that stands for nothing: it is zero, gets no gradient and stays zero. */
  readonly padding?: number;
  /** No row that has learnt is longer than this (L2): longer ones are shortened after their step. Default: no limit. */
  readonly maxNorm?: number;
  /** `true` freezes all rows, a list of ids those; `unfreeze` undoes it. Default: none. */
  readonly freeze?: boolean | ArrayLike<number>;
}

/** What a lookup of nested ids gives. */
export interface ShapedLookup {
  /** The shape of the ids, then `dim`: `[2, 2, dim]` for `[[1, 2], [3, 4]]`. */
  readonly shape: readonly number[];
  /** The ids end to end, as `accumulate` takes them. */
  readonly ids: Uint32Array;
  /** One row an id, in that order. */
  readonly rows: Matrix;
}

/** The gradients a table has gathered: views, good until the next `accumulate`, `clearGradients` or step. */
export interface TableGradient {
  /** The rows that were touched, in the order in which they first were. */
  readonly ids: Uint32Array;
  /** Row k is the sum of all gradients of row `ids[k]`. */
  readonly rows: Matrix;
}

/** Copying a row by hand is faster below this width, `set` above it (measured: 64 against 125 ns at 32, 1,225 against 628 at 512). */
const WIDE = 64;

/**
 * A table of `rows` vectors of width `dim` for any kind of thing that can be numbered: words, users, films,
 * categories. It knows ids only; a `Vocabulary` gives them names.
 *
 * A batch may hold an id twice, and both its gradients count:
 *
 * ```ts
 * const table = new EmbeddingTable({ init: Matrix.of([[0, 0, 0], [1, 1, 1], [2, 2, 2], [3, 3, 3]]) });
 * table.lookup([1, 1, 3]).data;                          // → [1, 1, 1, 1, 1, 1, 3, 3, 3]
 * table.accumulate([1, 1, 3], Matrix.of([[1, 0, 0], [1, 2, 0], [0, 0, 4]]));
 * table.gradient.ids;                                    // → [1, 3]
 * table.gradientOf(1);                                   // → [2, 2, 0]
 * new Sgd({ learningRate: 0.5 }).step(table);
 * table.row(0);                                          // → [0, 0, 0]
 * table.row(1);                                          // → [0, 0, 1]
 * table.row(2);                                          // → [2, 2, 2]
 * table.row(3);                                          // → [3, 3, 1]
 * ```
 *
 * What PyTorch writes as `nn.Embedding(10_000, 512)`, called with one id, is:
 *
 * ```ts
 * const embedding = new EmbeddingTable({ rows: 10_000, dim: 512 });
 * const tokenIds = [42];
 * const vectors = embedding.lookup(tokenIds);
 * [vectors.rows, vectors.dim];                           // → [1, 512]
 * ```
 *
 * One kind of table serves all kinds of things:
 *
 * ```ts
 * const words = new Vocabulary(["cat", "dog"]);
 * const wordTable = new EmbeddingTable({ rows: words.size, dim: 100, init: "word2vec" });
 * wordTable.lookup([words.requireId("dog")]).dim;        // → 100
 *
 * const users = new EmbeddingTable({ rows: 10_000, dim: 8, seed: 7 });
 * const films = new EmbeddingTable({ rows: 500, dim: 8, seed: 8 });
 * users.row(42).length === films.row(7).length;          // → true
 *
 * const weekdays = new EmbeddingTable({ rows: 8, dim: 4, padding: 0 });
 * weekdays.row(0);                                       // → [0, 0, 0, 0]
 * ```
 */
export class EmbeddingTable {
  /** All rows: `rows × dim`. Writing to it, or to a row view, changes the table, frozen or not. */
  readonly matrix: Matrix;
  /** The id of the padding row, if there is one. */
  readonly padding: number | undefined;
  /** The greatest length of a row that has learnt; Infinity where there is no limit. */
  readonly maxNorm: number;
  readonly #frozenRows: Uint8Array;
  readonly #frozenColumns: Uint8Array;
  #gradient: SparseGradient | undefined; // made when first needed: who only reads does not pay for it

  /** Errors: `bad-argument` for options out of range, `dim-mismatch` where `init` has another shape, `out-of-memory`. */
  constructor(options: EmbeddingTableOptions) {
    const { init = "normal", seed = 1, padding, maxNorm = Infinity, freeze = false } = options;
    const { rows, dim } = shapeOf(options);
    this.matrix = allocate(rows, dim);
    if (init instanceof Matrix) this.matrix.data.set(init.data);
    else initialize(this.matrix, init, seed);
    if (!(maxNorm > 0)) {
      throw new LociError(
        "bad-argument",
        `Expected \`maxNorm\` to be above 0, got ${maxNorm}. Leave it out for no limit.`,
      );
    }
    this.maxNorm = maxNorm;
    this.padding = padding;
    if (padding !== undefined) this.row(this.#checkId(padding)).fill(0);
    this.#frozenRows = new Uint8Array(rows);
    this.#frozenColumns = new Uint8Array(dim);
    if (freeze === true) this.freeze();
    else if (freeze !== false) this.freeze(freeze);
  }

  /** How many rows. */
  get rows(): number {
    return this.matrix.rows;
  }

  /** The width of a row. */
  get dim(): number {
    return this.matrix.dim;
  }

  /** Row `id` as a view: writing to it changes the table. */
  row(id: number): Float32Array {
    return this.matrix.row(this.#checkId(id));
  }

  /**
   * The rows of the given ids, copied: n ids give an `n × dim` matrix. Ids may repeat.
   *
   * Errors: `id-out-of-range` for an id past the end, `bad-argument` for one that is not a whole number.
   */
  lookup(ids: ArrayLike<number>): Matrix {
    return this.lookupInto(ids, Matrix.zeros(ids.length, this.dim));
  }

  /** The same into a matrix one has (`n × dim`), which saves making one for every batch. Returns it. */
  lookupInto(ids: ArrayLike<number>, out: Matrix): Matrix {
    const { data } = this.matrix;
    const { dim } = this;
    this.#checkShape("a matrix", ids.length, out);
    this.#checkIds(ids);
    for (let k = 0; k < ids.length; k++) {
      const from = ids[k]! * dim;
      const to = k * dim;
      if (dim >= WIDE) out.data.set(data.subarray(from, from + dim), to);
      else for (let i = 0; i < dim; i++) out.data[to + i] = data[from + i]!;
    }
    return out;
  }

  /** The rows of nested ids, with the shape they had: a batch of sentences of equal length, say. */
  lookupShaped(ids: NestedIds): ShapedLookup {
    const { shape, flat } = flattenIds(ids);
    const rows = this.lookup(flat);
    return { shape: [...shape, this.dim], ids: Uint32Array.from(flat), rows };
  }

  /**
   * Adds gradients: row k of `gradients` (n × dim) is ∂loss/∂(row `ids[k]`). The gradients of an id that
   * stands in the batch several times are summed, in the order of the batch, in float32.
   *
   * Padding and frozen rows are left out. All or nothing: on an error no sum has changed.
   * Errors: as `lookup`; `dim-mismatch` for another shape; `diverged` for a number that is not finite.
   */
  accumulate(ids: ArrayLike<number>, gradients: Matrix): void {
    this.#checkShape("gradients", ids.length, gradients);
    this.#checkIds(ids);
    checkFinite(gradients);
    const gradient = (this.#gradient ??= new SparseGradient(this.rows, this.dim));
    for (let k = 0; k < ids.length; k++) {
      if (this.learns(ids[k]!)) gradient.add(ids[k]!, gradients.data, k * this.dim);
    }
  }

  /** What has been accumulated since the last step: the touched rows and their sums. */
  get gradient(): TableGradient {
    const gradient = this.#gradient;
    if (!gradient) return { ids: new Uint32Array(0), rows: Matrix.zeros(0, this.dim) };
    return { ids: gradient.ids, rows: gradient.rows };
  }

  /** The summed gradient of one row (a view); zeros where it was not touched. */
  gradientOf(id: number): Float32Array {
    const slot = this.#gradient?.slotOf(this.#checkId(id)) ?? -1;
    return slot < 0 ? new Float32Array(this.dim) : this.#gradient!.rows.row(slot);
  }

  /** Drops the accumulated gradients without a step. Optimizers call it after theirs. */
  clearGradients(): void {
    this.#gradient?.clear();
  }

  /** Stops rows from learning: the given ones, or all. They keep their bits whatever an optimizer does. */
  freeze(ids?: ArrayLike<number>): void {
    this.#setFrozen(ids, 1);
  }

  /** Lets rows learn again: the given ones, or all. The padding row never does. */
  unfreeze(ids?: ArrayLike<number>): void {
    this.#setFrozen(ids, 0);
  }

  /** Stops columns from learning, in every row: the first 100 of 128 numbers, say, that came from elsewhere. */
  freezeColumns(columns: ArrayLike<number>): void {
    this.#setFrozenColumns(columns, 1);
  }

  /** Lets the given columns learn again, or all. */
  unfreezeColumns(columns?: ArrayLike<number>): void {
    this.#setFrozenColumns(columns ?? Uint32Array.from({ length: this.dim }, (_, i) => i), 0);
  }

  /** Whether a row can change in a step: it is neither frozen nor padding. */
  learns(id: number): boolean {
    return this.#frozenRows[this.#checkId(id)] === 0 && id !== this.padding;
  }

  /**
   * Moves row `id` by `by` (`dim` numbers), as optimizers do: the sum is taken in float64 and rounded once, then
   * the row is shortened to `maxNorm`. A row that does not learn stays as it is, and so do frozen columns.
   *
   * Errors: `diverged` where a number would leave the range of float32; the row is then unchanged.
   */
  move(id: number, by: ArrayLike<number>): void {
    if (!this.learns(id)) return;
    if (by.length !== this.dim) {
      throw new LociError("dim-mismatch", `Expected a step of dim ${this.dim}, got ${by.length} numbers.`);
    }
    const row = this.matrix.row(id);
    const frozen = this.#frozenColumns;
    for (let i = 0; i < row.length; i++) {
      if (frozen[i] === 0 && !Number.isFinite(Math.fround(row[i]! + by[i]!))) throw diverged(id, row[i]! + by[i]!);
    }
    for (let i = 0; i < row.length; i++) if (frozen[i] === 0) row[i] = row[i]! + by[i]!;
    if (this.maxNorm < Infinity) this.#shorten(row);
  }

  /** Brings a row that is too long back to `maxNorm` by scaling the numbers that may change. */
  #shorten(row: Float32Array): void {
    const frozen = this.#frozenColumns;
    let free = 0;
    let held = 0;
    for (let i = 0; i < row.length; i++) {
      if (frozen[i] === 0) free += row[i]! * row[i]!;
      else held += row[i]! * row[i]!;
    }
    const most = this.maxNorm * this.maxNorm;
    if (free + held <= most || free === 0) return;
    const factor = Math.sqrt(Math.max(0, most - held) / free); // 0 where the frozen part alone is too long
    for (let i = 0; i < row.length; i++) if (frozen[i] === 0) row[i] = row[i]! * factor;
  }

  #setFrozen(ids: ArrayLike<number> | undefined, value: 0 | 1): void {
    if (ids === undefined) {
      this.#frozenRows.fill(value);
      return;
    }
    this.#checkIds(ids);
    for (let k = 0; k < ids.length; k++) this.#frozenRows[ids[k]!] = value;
  }

  #setFrozenColumns(columns: ArrayLike<number>, value: 0 | 1): void {
    for (let k = 0; k < columns.length; k++) checkWhole("column", columns[k]!, 0, this.dim - 1);
    for (let k = 0; k < columns.length; k++) this.#frozenColumns[columns[k]!] = value;
  }

  #checkShape(what: string, rows: number, matrix: Matrix): void {
    if (matrix.rows === rows && matrix.dim === this.dim) return;
    throw new LociError(
      "dim-mismatch",
      `Expected ${what} of ${rows} × ${this.dim}, one row an id, got ${matrix.rows} × ${matrix.dim}.`,
    );
  }

  #checkIds(ids: ArrayLike<number>): void {
    for (let k = 0; k < ids.length; k++) this.#checkId(ids[k]!);
  }

  #checkId(id: number): number {
    if (Number.isInteger(id) && id >= 0 && id < this.rows) return id;
    if (!Number.isInteger(id)) {
      throw new LociError(
        "bad-argument",
        `Ids are whole numbers; got ${String(id)}. Look the key up in a Vocabulary first.`,
      );
    }
    throw new LociError(
      "id-out-of-range",
      `Id ${id} is outside this table of ${this.rows} rows (0 to ${this.rows - 1}).`,
    );
  }
}

/** The shape asked for, checked against that of `init` where it is a matrix. */
function shapeOf({ rows, dim, init }: EmbeddingTableOptions): { rows: number; dim: number } {
  if (!(init instanceof Matrix)) {
    // Without types (in plain JavaScript) they may be missing, which is then what the message says.
    checkWhole("rows", rows!, 1);
    checkWhole("dim", dim!, 1);
    return { rows: rows!, dim: dim! };
  }
  if ((rows ?? init.rows) === init.rows && (dim ?? init.dim) === init.dim) return init;
  throw new LociError(
    "dim-mismatch",
    `The table is to have ${rows ?? init.rows} × ${dim ?? init.dim} numbers, but \`init\` has ${init.rows} × ${init.dim}. Leave \`rows\` and \`dim\` out to take its shape.`,
  );
}

function allocate(rows: number, dim: number): Matrix {
  try {
    return Matrix.zeros(rows, dim);
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    const mebibytes = Math.ceil((rows * dim * 4) / 2 ** 20);
    throw new LociError("out-of-memory", `The machine did not give ${mebibytes} MiB for ${rows} rows of dim ${dim}.`, {
      cause,
    });
  }
}

function checkFinite({ data, dim }: Matrix): void {
  for (let at = 0; at < data.length; at++) {
    if (Number.isFinite(data[at])) continue;
    throw new LociError(
      "diverged",
      `Expected finite gradients, got ${data[at]} in row ${Math.floor(at / dim)}, column ${at % dim}. Lower the learning rate, or look for a division by zero in the loss.`,
    );
  }
}

function diverged(id: number, value: number): LociError {
  return new LociError(
    "diverged",
    `Row ${id} would hold ${value}, which is no finite float32. Lower the learning rate and go back to the last checkpoint.`,
  );
}
