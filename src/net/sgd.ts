/**
 * Stochastic gradient descent: a step straight down the gradient (Robbins & Monro, 1951).
 *
 * Rows without a gradient have nowhere to go, so visiting only the touched ones is exact, not an approximation.
 * There is no momentum here: with it, a row keeps moving after its last lookup (see `Adam`).
 */
import type { EmbeddingTable } from "../table/index.ts";
import { type Optimizer, OptimizerMemory, type OptimizerState } from "./optimizer.ts";
import { type Schedule, asSchedule, rateAt } from "./schedule.ts";

export interface SgdOptions {
  /** How far to go: row −= learningRate · gradient. A number, or a schedule over the steps of a table. */
  readonly learningRate: number | Schedule;
}

/** Plain sparse SGD: row −= learningRate · gradient, for looked-up rows. Remembers nothing but its step count. */
export class Sgd implements Optimizer {
  readonly #rate: Schedule;
  readonly #memory = new OptimizerMemory("sgd", []);

  constructor(options: SgdOptions) {
    this.#rate = asSchedule(options.learningRate);
  }

  step(table: EmbeddingTable): void {
    const memory = this.#memory.of(table);
    const rate = rateAt(this.#rate, memory.steps);
    const by = new Float64Array(table.dim);
    const { ids, rows } = table.gradient;
    for (let k = 0; k < ids.length; k++) {
      for (let i = 0; i < by.length; i++) by[i] = -rate * rows.data[k * by.length + i]!;
      table.move(ids[k]!, by);
    }
    memory.steps++;
    table.clearGradients();
  }

  state(table: EmbeddingTable): OptimizerState {
    return this.#memory.save(table);
  }

  restore(table: EmbeddingTable, state: OptimizerState): void {
    this.#memory.load(table, state);
  }
}
