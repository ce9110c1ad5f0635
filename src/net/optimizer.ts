/**
 * What optimizers have in common: one step, and a memory that can be saved.
 *
 * One optimizer may serve several tables (input and output vectors, users and films); it remembers each by
 * itself, for as long as the table lives. What it remembers is plain arrays, so that a checkpoint is theirs and the
 * table's numbers, and a resumed run gives the bits of one that was never stopped.
 */
import { LociError } from "../core/index.ts";
import type { EmbeddingTable } from "../table/index.ts";

/** Turns accumulated gradients into moves of rows. */
export interface Optimizer {
  /**
   * Takes one step downhill and uses the gradients up: the table has none afterwards. Rows that do not learn
   * (frozen, padding) keep their bits.
   *
   * Errors: `diverged` where a number would no longer be finite; the table is then half-way through a step.
   */
  step(table: EmbeddingTable): void;
  /** A copy of what is remembered of a table, to be saved with `table.matrix`. Take it between steps. */
  state(table: EmbeddingTable): OptimizerState;
  /** Goes on from a saved state. Options are not part of it: give the constructor the same. Errors: `wrong-checkpoint`. */
  restore(table: EmbeddingTable, state: OptimizerState): void;
}

/** What an optimizer remembers of one table: plain data. */
export interface OptimizerState {
  /** Whose it is: "sgd", "adagrad", "sparse-adam", "adam". */
  readonly kind: string;
  readonly rows: number;
  readonly dim: number;
  /** How many steps were taken. */
  readonly steps: number;
  /** The memory by name, each `rows × dim` end to end. */
  readonly parts: Readonly<Record<string, Float32Array>>;
}

/** What is remembered of one table, as optimizers use it. */
export interface Remembered {
  steps: number;
  readonly parts: Readonly<Record<string, Float32Array>>;
}

/** The memory of one optimizer: for each table a step count and named arrays of the table's shape. */
export class OptimizerMemory {
  readonly #kind: string;
  readonly #names: readonly string[];
  readonly #first: number;
  readonly #tables = new WeakMap<EmbeddingTable, Remembered>();

  /** `names` are the arrays to keep, filled with `first` at the beginning. */
  constructor(kind: string, names: readonly string[], first = 0) {
    this.#kind = kind;
    this.#names = names;
    this.#first = first;
  }

  /** What is remembered of a table; made at its first step. */
  of(table: EmbeddingTable): Remembered {
    let known = this.#tables.get(table);
    if (!known) {
      const fresh = (): Float32Array => new Float32Array(table.rows * table.dim).fill(this.#first);
      known = { steps: 0, parts: Object.fromEntries(this.#names.map((name) => [name, fresh()])) };
      this.#tables.set(table, known);
    }
    return known;
  }

  save(table: EmbeddingTable): OptimizerState {
    const { steps, parts } = this.of(table);
    return { kind: this.#kind, rows: table.rows, dim: table.dim, steps, parts: copyOf(parts) };
  }

  load(table: EmbeddingTable, state: OptimizerState): void {
    const { kind, rows, dim } = state;
    const expected = `${this.#kind} of a table of ${table.rows} × ${table.dim}`;
    if (kind !== this.#kind || rows !== table.rows || dim !== table.dim) {
      throw new LociError(
        "wrong-checkpoint",
        `Expected the state of ${expected}, got that of ${kind} of ${rows} × ${dim}. Resume with the optimizer and table it was saved from.`,
      );
    }
    const whole = this.#names.every((name) => state.parts[name]?.length === rows * dim);
    if (!whole || !Number.isInteger(state.steps) || state.steps < 0) {
      throw new LociError(
        "wrong-checkpoint",
        `The state of ${expected} needs a step count and ${rows * dim} numbers in each of [${this.#names.join(", ")}]; this one is damaged. Go back to an earlier one.`,
      );
    }
    const parts = Object.fromEntries(this.#names.map((name) => [name, state.parts[name]!]));
    this.#tables.set(table, { steps: state.steps, parts: copyOf(parts) });
  }
}

function copyOf(parts: Readonly<Record<string, Float32Array>>): Record<string, Float32Array> {
  return Object.fromEntries(Object.entries(parts).map(([name, numbers]) => [name, numbers.slice()]));
}

/** Refuses a squared gradient that has left float32: the row would stand still for ever after. */
export function checkSquare(square: number, id: number): void {
  if (square < Infinity) return;
  throw new LociError(
    "diverged",
    `The squared gradients of row ${id} are too large for a float32. Scale the loss down, or clip its gradients.`,
  );
}
