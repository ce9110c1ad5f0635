/** What every optimizer promises: one list of cases, run on each (C14). */
import assert from "node:assert/strict";
import { test } from "node:test";
import { LociError, Matrix, Rng } from "../core/index.ts";
import { EmbeddingTable, type EmbeddingTableOptions } from "../table/index.ts";
import { AdaGrad, Adam, type Optimizer, Sgd, type Schedule, SparseAdam, cosineDecay, warmUp } from "./index.ts";

interface Maker {
  readonly name: string;
  readonly make: (learningRate?: number | Schedule) => Optimizer;
  /** Whether it may move rows that this batch did not look up. */
  readonly dense?: true;
}
const makers: readonly Maker[] = [
  { name: "Sgd", make: (learningRate = 0.1) => new Sgd({ learningRate }) },
  { name: "AdaGrad", make: (learningRate = 0.1) => new AdaGrad({ learningRate }) },
  { name: "SparseAdam", make: (learningRate = 0.1) => new SparseAdam({ learningRate }) },
  { name: "Adam", make: (learningRate = 0.1) => new Adam({ learningRate }), dense: true },
];

const ROWS = 6;
const DIM = 5;
const newTable = (options: EmbeddingTableOptions = {}): EmbeddingTable =>
  new EmbeddingTable({ rows: ROWS, dim: DIM, init: { kind: "normal", scale: 1 }, seed: 3, ...options });

/** Batch number n: eight ids below 5 (row 5 is never looked up) and gradients, from the seed alone. */
function batch(n: number): { ids: number[]; gradients: Matrix } {
  const rng = new Rng(9, n);
  const gradients = Matrix.zeros(8, DIM);
  rng.fillNormal(gradients.data);
  return { ids: Array.from({ length: 8 }, () => rng.nextBelow(ROWS - 1)), gradients };
}

function train(table: EmbeddingTable, optimizer: Optimizer, from: number, to: number): void {
  for (let n = from; n < to; n++) {
    const { ids, gradients } = batch(n);
    table.accumulate(ids, gradients);
    optimizer.step(table);
  }
}

const bitsOf = ({ buffer, byteOffset, length }: Float32Array): number[] => [
  ...new Uint32Array(buffer, byteOffset, length),
];
const rowsOf = (table: EmbeddingTable): number[][] =>
  Array.from({ length: table.rows }, (_, id) => bitsOf(table.row(id)));

for (const { name, make, dense } of makers) {
  test(`${name}: B15: batch [1, 1, 3] on 4 rows moves rows 1 and 3; rows 0 and 2 keep their bits`, () => {
    const table = newTable({ rows: 4 });
    const before = rowsOf(table);
    table.accumulate([1, 1, 3], new Matrix(new Float32Array(3 * DIM).fill(0.5), DIM));
    make().step(table);
    const moved = rowsOf(table).map((row, id) => row.some((bits, i) => bits !== before[id]![i]));
    assert.deepEqual(moved, [false, true, false, true]);
  });

  test(`${name}: an id twice in a batch is its summed gradient once`, () => {
    const twice = newTable();
    twice.accumulate([1, 1], new Matrix(new Float32Array(2 * DIM).fill(0.25), DIM));
    make().step(twice);
    const once = newTable();
    once.accumulate([1], new Matrix(new Float32Array(DIM).fill(0.5), DIM));
    make().step(once);
    assert.deepEqual(rowsOf(twice), rowsOf(once));
  });

  test(`${name}: a row that was never looked up keeps its bits over 30 steps`, () => {
    const table = newTable();
    const before = rowsOf(table)[ROWS - 1];
    train(table, make(), 0, 30);
    assert.deepEqual(rowsOf(table)[ROWS - 1], before);
  });

  test(`${name}: B16: a row looked up once ${dense ? "goes on moving" : "stands still"} while others learn`, () => {
    const table = newTable();
    const optimizer = make();
    table.accumulate([0], new Matrix(new Float32Array(DIM).fill(1), DIM));
    optimizer.step(table);
    const before = rowsOf(table)[0];
    table.accumulate([1], new Matrix(new Float32Array(DIM).fill(1), DIM));
    optimizer.step(table);
    assert.equal(
      rowsOf(table)[0]!.every((bits, i) => bits === before![i]),
      dense !== true,
    );
  });

  test(`${name}: a step uses the gradients up, so the next batch is not added to the last`, () => {
    const table = newTable();
    train(table, make(), 0, 1);
    assert.equal(table.gradient.ids.length, 0);
  });

  test(`${name}: H14: frozen rows keep their bits, with maxNorm, padding and memory of earlier steps; thawed they learn`, () => {
    const table = newTable({ maxNorm: 0.5, padding: 0 });
    const optimizer = make();
    train(table, optimizer, 0, 5);
    table.freeze([1, 2]);
    const { ids, gradients } = batch(5);
    table.accumulate(ids, gradients);
    table.freeze([3]); // after its gradient came
    const before = rowsOf(table);
    optimizer.step(table);
    train(table, optimizer, 6, 30);
    const after = rowsOf(table);
    for (const id of [0, 1, 2, 3]) assert.deepEqual(after[id], before[id], `row ${id}`);
    assert.notDeepEqual(after[4], before[4]);
    table.unfreeze();
    train(table, optimizer, 30, 33);
    for (const id of [1, 2, 3]) assert.notDeepEqual(rowsOf(table)[id], before[id], `row ${id}`);
  });

  test(`${name}: what is remembered of a frozen row stays too, so that it wakes up as it fell asleep`, () => {
    const table = newTable();
    const optimizer = make();
    train(table, optimizer, 0, 5);
    const remembered = (): number[][] =>
      Object.values(optimizer.state(table).parts).map((part) => bitsOf(part.subarray(DIM, 2 * DIM)));
    const before = remembered();
    table.accumulate([1], new Matrix(new Float32Array(DIM).fill(1), DIM));
    table.freeze([1]);
    optimizer.step(table);
    train(table, optimizer, 5, 10);
    assert.deepEqual(remembered(), before);
  });

  test(`${name}: a table frozen whole keeps its bits`, () => {
    const table = newTable({ freeze: true, maxNorm: 0.1 });
    const before = rowsOf(table);
    train(table, make(), 0, 10);
    assert.deepEqual(rowsOf(table), before);
  });

  test(`${name}: H14: frozen columns keep their bits in every row`, () => {
    const table = newTable({ maxNorm: 2 });
    table.freezeColumns([0, 3]);
    const before = rowsOf(table);
    train(table, make(), 0, 20);
    rowsOf(table).forEach((row, id) => assert.deepEqual([row[0], row[3]], [before[id]![0], before[id]![3]]));
    assert.notEqual(rowsOf(table)[1]![1], before[1]![1]);
  });

  test(`${name}: the padding row is zero after training, though it was looked up`, () => {
    const table = newTable({ padding: 2 });
    train(table, make(), 0, 20);
    assert.deepEqual([...table.row(2)], [0, 0, 0, 0, 0]);
  });

  test(`${name}: maxNorm holds for every row that learnt, after every step`, () => {
    const table = newTable({ maxNorm: 0.7 });
    const optimizer = make();
    const seen = new Set<number>();
    for (let n = 0; n < 20; n++) {
      train(table, optimizer, n, n + 1);
      for (const id of batch(n).ids) seen.add(id);
      for (const id of seen) assert.ok(Math.hypot(...table.row(id)) <= 0.7 * (1 + 2 ** -22));
    }
  });

  test(`${name}: C14: resumed from a checkpoint it ends with the bits of an uninterrupted run`, () => {
    const schedule = warmUp(3, cosineDecay({ from: 0.2, to: 0.01, steps: 15 }));
    const whole = newTable();
    train(whole, make(schedule), 0, 20);
    const first = newTable();
    const stopped = make(schedule);
    train(first, stopped, 0, 8);
    const saved = { rows: first.matrix.copy(), state: stopped.state(first) };
    train(first, stopped, 8, 11); // goes on, which must not reach into what was saved
    const second = newTable({ init: saved.rows });
    const resumed = make(schedule);
    resumed.restore(second, saved.state);
    train(second, resumed, 8, 20);
    assert.deepEqual(rowsOf(second), rowsOf(whole));
    assert.equal(resumed.state(second).steps, 20);
    const third = newTable({ init: saved.rows }); // the same checkpoint serves again, also after a copy by message
    resumed.restore(third, structuredClone(saved.state));
    train(third, resumed, 8, 20);
    assert.deepEqual(rowsOf(third), rowsOf(whole));
    resumed.restore(second, saved.state);
    assert.deepEqual(resumed.state(second), saved.state);
  });

  test(`${name}: the state of another optimizer, of another table, or a damaged one is refused`, () => {
    const table = newTable();
    const optimizer = make();
    const state = optimizer.state(table);
    const wrong = (run: () => void, message: RegExp): void =>
      assert.throws(run, (error: unknown) => {
        assert.ok(error instanceof LociError && error.code === "wrong-checkpoint");
        assert.match(error.message, message);
        return true;
      });
    wrong(() => optimizer.restore(table, { ...state, kind: "other" }), /that of other of 6 × 5/);
    wrong(() => optimizer.restore(newTable({ rows: 7 }), state), /table of 7 × 5.*6 × 5/);
    wrong(() => optimizer.restore(table, { ...state, steps: -1 }), /damaged/);
    const cut = Object.fromEntries(Object.keys(state.parts).map((part) => [part, new Float32Array(1)]));
    if (name !== "Sgd") wrong(() => optimizer.restore(table, { ...state, parts: cut }), /30 numbers/);
  });

  test(`${name}: one optimizer keeps its tables apart`, () => {
    const shared = make();
    const [a, b] = [newTable(), newTable({ rows: 9, seed: 4 })];
    for (let n = 0; n < 6; n++) {
      train(a, shared, n, n + 1);
      train(b, shared, n, n + 1);
    }
    const [alone, other] = [newTable(), newTable({ rows: 9, seed: 4 })];
    train(alone, make(), 0, 6);
    train(other, make(), 0, 6);
    assert.deepEqual(rowsOf(a), rowsOf(alone));
    assert.deepEqual(rowsOf(b), rowsOf(other));
  });

  test(`${name}: it walks down a bowl: half the squared distance to a goal ends below a thousandth of where it began`, () => {
    const table = newTable();
    const goal = newTable({ seed: 8 });
    const optimizer = make(cosineDecay({ from: 0.4, steps: 200 }));
    const ids = Array.from({ length: ROWS }, (_, id) => id);
    const gradient = (): Matrix =>
      new Matrix(
        table.matrix.data.map((x, i) => x - goal.matrix.data[i]!),
        DIM,
      );
    const loss = (): number => gradient().data.reduce((sum, g) => sum + (g * g) / 2, 0);
    const start = loss();
    for (let n = 0; n < 200; n++) {
      table.accumulate(ids, gradient());
      optimizer.step(table);
    }
    assert.ok(loss() < start / 1000, `${loss()} of ${start}`);
  });

  test(`${name}: a schedule that gives nonsense is refused with its step, a learning rate below 0 at once`, () => {
    const table = newTable();
    const optimizer = make((step) => (step < 1 ? 0.1 : NaN));
    train(table, optimizer, 0, 1);
    assert.throws(() => train(table, optimizer, 1, 2), /step 1, but the schedule gave NaN/);
    assert.throws(() => make(-1), /`rate`.*-1/);
  });

  test(`${name}: numbers that leave the range of float32 are an error, never a row of NaN`, () => {
    const table = newTable({ init: new Matrix(new Float32Array(ROWS * DIM).fill(3e38), DIM) });
    table.accumulate([1], new Matrix(new Float32Array(DIM).fill(-3e38), DIM));
    assert.throws(
      () => make(1e38).step(table),
      (error: unknown) => error instanceof LociError && error.code === "diverged",
    );
    assert.ok(table.matrix.data.every((x) => Number.isFinite(x)));
  });
}
