/** Exact searches that let each other in at every step, and what they do with memory of several segments. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Matrix, Rng } from "../core/index.ts";
import { certifiedBest, certifiedWithin } from "./certify.ts";
import { CodeSpace } from "./code-space.ts";
import { Calibration, estimatedBestOfMany } from "./estimate.ts";
import { exactBest, exactBestOfMany, exactWithin } from "./exact-scan.ts";
import { bitsIn } from "./filters.ts";
import { Gate } from "./gate.ts";
import { Question } from "./question.ts";
import { RowSpace } from "./row-space.ts";
import { Turn } from "./turn.ts";

/** Lets others in whenever it is asked. */
class EagerTurn extends Turn {
  override get due(): boolean {
    return true;
  }
}

const ROWS = 5000; // segments of 1,024, 1,024, 2,048 and 4,096 rows

async function space() {
  const rng = new Rng(1);
  const vectors = Matrix.zeros(ROWS, 24);
  rng.fillNormal(vectors.data);
  const rows = new RowSpace(24, "length");
  rows.reserve(ROWS);
  for (let r = 0; r < ROWS; r++) rows.set(r, vectors.row(r));
  const words = new Uint32Array(Math.ceil(ROWS / 32));
  for (let r = 0; r < ROWS; r++) if (r % 3 > 0) words[r >>> 5]! |= 1 << (r & 31);
  const mask = { words, count: bitsIn(words) };
  const queries = Array.from({ length: 20 }, () => {
    const query = new Float32Array(24);
    rng.fillNormal(query);
    return query;
  });
  const whole = { rows, mask, arrivalOf: (slot: number) => slot, turn: new EagerTurn() };
  const questions = queries.map((query) => new Question("euclidean", query, rows));
  const codes = await CodeSpace.build(
    "euclidean",
    rows,
    Array.from({ length: ROWS }, (_, r) => r),
    new Turn(),
  );
  return { whole, questions, codes: codes! };
}

test("searches side by side, of all kinds, give what each gives alone", async () => {
  const { whole, questions, codes } = await space();
  const alone = [];
  for (const question of questions) alone.push(await exactBest({ ...whole, question }, 10));
  const limit = alone[0]![5]!.score;
  const within = await exactWithin({ ...whole, question: questions[0]! }, limit);
  assert.equal(within.length, 6);
  const [singles, certified, batchA, batchB, nearly, range, rangeFromCodes] = await Promise.all([
    Promise.all(questions.map((question) => exactBest({ ...whole, question }, 10))),
    Promise.all(questions.map((question) => certifiedBest(codes, { ...whole, question }, 10))),
    exactBestOfMany(whole, questions, 10),
    exactBestOfMany(whole, questions.toReversed(), 10),
    estimatedBestOfMany(codes, whole, questions, 10, 300),
    exactWithin({ ...whole, question: questions[0]! }, limit),
    certifiedWithin(codes, { ...whole, question: questions[0]! }, limit),
  ]);
  assert.deepEqual(singles, alone);
  assert.deepEqual(certified, alone);
  assert.deepEqual(batchA, alone);
  assert.deepEqual(batchB, alone.toReversed());
  assert.deepEqual(nearly, alone, "300 of 3,333 codes hold the ten nearest");
  assert.deepEqual(range, within);
  assert.deepEqual(rangeFromCodes, within);
});

test("a search that is aborted on its way rejects, and those after it are answered", async () => {
  const { whole, questions, codes } = await space();
  const controller = new AbortController();
  const turn = new EagerTurn(controller.signal);
  const search = certifiedBest(codes, { ...whole, turn, question: questions[0]! }, 10);
  const next = certifiedBest(codes, { ...whole, question: questions[1]! }, 10);
  controller.abort(new Error("enough"));
  await assert.rejects(search, /enough/);
  assert.deepEqual(await next, await exactBest({ ...whole, question: questions[1]! }, 10));
});

test("the gate lets readers in together, a writer alone, and nobody past who waits", async () => {
  const gate = new Gate();
  const log: string[] = [];
  const work = (name: string) => async () => {
    log.push(`${name} in`);
    await new Promise((resolve) => setImmediate(resolve));
    log.push(`${name} out`);
  };
  await Promise.all([
    gate.read(work("a")),
    gate.read(work("b")),
    gate.write(work("c")),
    gate.read(work("d")),
    gate.write(work("e")).then(() =>
      assert.rejects(
        gate.write(() => Promise.reject(new Error("failed"))),
        /failed/,
      ),
    ),
    gate.read(work("f")),
  ]);
  assert.deepEqual(log, "a in,b in,a out,b out,c in,c out,d in,d out,e in,e out,f in,f out".split(","));
  await gate.write(work("after a failure"));
});

test("a calibration gives the least depth that held the recall, and none where none did", () => {
  // Of ten neighbours seven are among the first ten codes, two within fifteen, one beyond 160; for all rows alike.
  const row = [0, 1, 2, 3, 4, 5, 9, 12, 14, Infinity];
  const calibration = new Calibration([row, row], 10);
  assert.deepEqual(calibration.depthFor(0.69, 10), { depth: 10, recall: 0.7 });
  assert.deepEqual(calibration.depthFor(0.71, 10), { depth: 15, recall: 0.9 });
  assert.deepEqual(calibration.depthFor(0.71, 3), { depth: 5, recall: 0.9 });
  assert.equal(calibration.depthFor(0.95, 10), undefined);
  // Where rows differ, a measured mean is not yet a promise: 0.5 ± 0.5 of two.
  assert.equal(new Calibration([[0], [20]], 1).safe[0], 0);
});
