/**
 * Adam, twice: for the rows a batch looked up, and for all of them (Kingma & Ba, 2015, Algorithm 1).
 *
 * Adam moves a number by its mean gradient over the root of its mean square, both fading averages. An average
 * does not stop at a gradient of zero, it fades; so the true, dense Adam goes on moving a row long after its
 * last lookup. That surprises people, and costs a pass over the whole table for every batch. The lazy kind leaves rows
 * without a gradient alone, averages included. Where every row has a gradient in every step the two are equal to the bit.
 */
import { checkNumber } from "../core/index.ts";
import { reference } from "../kernels/index.ts";
import type { EmbeddingTable } from "../table/index.ts";
import { checkSquare, type Optimizer, OptimizerMemory, type OptimizerState, type Remembered } from "./optimizer.ts";
import { type Schedule, asSchedule, rateAt } from "./schedule.ts";

export interface AdamOptions {
  /** The largest step of each number, roughly. Default 1e-3. */
  readonly learningRate?: number | Schedule;
  /** How slowly the mean gradient fades: 0.9 looks back about ten steps. Default 0.9. */
  readonly beta1?: number;
  /** How slowly the mean square fades. Default 0.999. */
  readonly beta2?: number;
  /** Keeps the quotient finite; larger makes small gradients count less. Default 1e-8. */
  readonly epsilon?: number;
}

/**
 * Adam for the rows that were looked up; all others keep their bits. PyTorch's name; TensorFlow's is LazyAdam.
 *
 * The bias correction counts the steps of the table, not those of the row, as both of them do. So a row first seen
 * late takes a first step of up to (1 − β₁) ÷ √(1 − β₂) = 3.16 learning rates, where dense Adam's first is one.
 * PyTorch adds ε before the correction of √v, we after it, as the paper's algorithm and dense Adam do.
 * Remembers `mean` and `square`, twice the memory of the table.
 */
export class SparseAdam implements Optimizer {
  readonly #rule: AdamRule;
  readonly #memory = new OptimizerMemory("sparse-adam", ["mean", "square"]);

  constructor(options: AdamOptions = {}) {
    this.#rule = new AdamRule(options);
  }

  step(table: EmbeddingTable): void {
    const moveRow = this.#rule.begin(table, this.#memory.of(table));
    const { ids, rows } = table.gradient;
    for (let k = 0; k < ids.length; k++) moveRow(ids[k]!, rows.data, k * table.dim);
    table.clearGradients();
  }

  state(table: EmbeddingTable): OptimizerState {
    return this.#memory.save(table);
  }

  restore(table: EmbeddingTable, state: OptimizerState): void {
    this.#memory.load(table, state);
  }
}

/**
 * Adam for all rows, looked up or not: a row without a gradient counts as one whose gradient is zero, and goes on
 * moving by what it remembers. A step without any gradient moves them all the same way.
 *
 * What textbooks mean by Adam, and what PyTorch's `Adam` does to an `nn.Embedding` that is not `sparse`. A step costs
 * as much as the whole table. Remembers `mean` and `square`, twice the memory of the table.
 */
export class Adam implements Optimizer {
  readonly #rule: AdamRule;
  readonly #memory = new OptimizerMemory("adam", ["mean", "square"]);

  constructor(options: AdamOptions = {}) {
    this.#rule = new AdamRule(options);
  }

  step(table: EmbeddingTable): void {
    const moveRow = this.#rule.begin(table, this.#memory.of(table));
    const { ids, rows } = table.gradient;
    const slots = new Map(Array.from(ids, (id, k) => [id, k]));
    const none = new Float32Array(table.dim);
    for (let id = 0; id < table.rows; id++) {
      const k = slots.get(id);
      if (k === undefined) moveRow(id, none, 0);
      else moveRow(id, rows.data, k * table.dim);
    }
    table.clearGradients();
  }

  state(table: EmbeddingTable): OptimizerState {
    return this.#memory.save(table);
  }

  restore(table: EmbeddingTable, state: OptimizerState): void {
    this.#memory.load(table, state);
  }
}

/** How Adam moves one row; which rows it visits is for the two above to say. */
class AdamRule {
  readonly #rate: Schedule;
  readonly #beta1: number;
  readonly #beta2: number;
  readonly #epsilon: number;

  constructor({ learningRate = 1e-3, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 }: AdamOptions) {
    checkNumber("beta1", beta1, 0, 1 - 2 ** -32);
    checkNumber("beta2", beta2, 0, 1 - 2 ** -32);
    checkNumber("epsilon", epsilon, 0);
    this.#rate = asSchedule(learningRate);
    this.#beta1 = beta1;
    this.#beta2 = beta2;
    this.#epsilon = epsilon;
  }

  /** Begins a step; the function it gives moves row `id` by the gradient that stands in `gradients` from `start`. */
  begin(table: EmbeddingTable, memory: Remembered): (id: number, gradients: Float32Array, start: number) => void {
    const rate = rateAt(this.#rate, memory.steps++);
    const meanBias = 1 - reference.pow(this.#beta1, memory.steps);
    const squareBias = 1 - reference.pow(this.#beta2, memory.steps);
    const mean = memory.parts["mean"]!;
    const square = memory.parts["square"]!;
    const by = new Float64Array(table.dim);
    return (id, gradients, start) => {
      if (!table.learns(id)) return; // its memory stays as it is, too
      for (let i = 0, at = id * by.length; i < by.length; i++, at++) {
        const gradient = gradients[start + i]!;
        mean[at] = this.#beta1 * mean[at]! + (1 - this.#beta1) * gradient;
        square[at] = this.#beta2 * square[at]! + (1 - this.#beta2) * gradient * gradient;
        checkSquare(square[at]!, id);
        const size = Math.sqrt(square[at]! / squareBias) + this.#epsilon;
        by[i] = size === 0 ? 0 : (-rate * (mean[at]! / meanBias)) / size;
      }
      table.move(id, by);
    };
  }
}
