/**
 * AdaGrad: each number of each row gets smaller steps the more gradient it has seen (Duchi, Hazan & Singer, 2011).
 *
 * It suits embeddings: a frequent word settles while a rare one still takes large steps, and GloVe learns with it.
 * A gradient of zero adds nothing to the sum of squares and moves nothing, so visiting only the touched rows is
 * exact, as with SGD.
 */
import { checkNumber } from "../core/index.ts";
import type { EmbeddingTable } from "../table/index.ts";
import { checkSquare, type Optimizer, OptimizerMemory, type OptimizerState } from "./optimizer.ts";
import { type Schedule, asSchedule, rateAt } from "./schedule.ts";

export interface AdaGradOptions {
  /** The first step of each number, roughly. Default 0.01, as in PyTorch; GloVe takes 0.05. */
  readonly learningRate?: number | Schedule;
  /** Keeps the quotient finite where no gradient was seen. Default 1e-10. */
  readonly epsilon?: number;
  /** What the sums of squares start from: more makes the first steps smaller. Default 0; GloVe takes 1. */
  readonly initialSquares?: number;
}

/**
 * Sparse AdaGrad: s += g², row −= learningRate · g ÷ (√s + ε), for looked-up rows.
 * Remembers `squares`, as much memory again as the table.
 */
export class AdaGrad implements Optimizer {
  readonly #rate: Schedule;
  readonly #epsilon: number;
  readonly #memory: OptimizerMemory;

  constructor(options: AdaGradOptions = {}) {
    const { learningRate = 0.01, epsilon = 1e-10, initialSquares = 0 } = options;
    checkNumber("epsilon", epsilon, 0);
    checkNumber("initialSquares", initialSquares, 0);
    this.#rate = asSchedule(learningRate);
    this.#epsilon = epsilon;
    this.#memory = new OptimizerMemory("adagrad", ["squares"], initialSquares);
  }

  step(table: EmbeddingTable): void {
    const memory = this.#memory.of(table);
    const squares = memory.parts["squares"]!;
    const rate = rateAt(this.#rate, memory.steps);
    const by = new Float64Array(table.dim);
    const { ids, rows } = table.gradient;
    for (let k = 0; k < ids.length; k++) {
      const id = ids[k]!;
      if (!table.learns(id)) continue; // frozen since its gradient came: its memory stays too
      for (let i = 0, at = id * by.length; i < by.length; i++, at++) {
        const gradient = rows.data[k * by.length + i]!;
        squares[at] = squares[at]! + gradient * gradient;
        checkSquare(squares[at]!, id);
        // A gradient of 0 moves nothing, also where 0 ÷ (0 + ε) would be 0 ÷ 0.
        by[i] = gradient === 0 ? 0 : (-rate * gradient) / (Math.sqrt(squares[at]!) + this.#epsilon);
      }
      table.move(id, by);
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
