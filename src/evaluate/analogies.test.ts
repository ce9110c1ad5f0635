/** Analogies: reading, counting, steps, abort, and a plain re-count of the same vectors. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { LociError, Matrix, Rng, Vocabulary } from "../core/index.ts";
import { cosine, normalize } from "../math/index.ts";
import { Embedding } from "../table/index.ts";
import { evaluateAnalogies, evaluateAnalogiesSteps, parseAnalogies } from "./index.ts";

/** Countries and capitals on a grid: a capital is its country, moved by one offset. */
const grid = (words: string[]) =>
  new Embedding({
    vocabulary: new Vocabulary(words),
    matrix: Matrix.of(words.map((_, i) => [1, (i >> 1) / 4, (i & 1) / 2, (i % 3) / 50])),
  });
const embedding = grid(["Greece", "Athens", "Iraq", "Baghdad", "China", "Beijing", "Egypt", "Cairo"]);
const TEXT = `: capital-common-countries
Athens Greece Baghdad Iraq
Athens Greece Beijing China
Athens Greece Oslo Norway
: gram1-adjective-to-adverb
greece athens iraq baghdad
Iraq Baghdad Greece Cairo
`;

test("accuracy counts the right among the found, by section, semantic and syntactic", async () => {
  const result = await evaluateAnalogies(embedding, TEXT);
  assert.deepEqual(result, {
    accuracy: 3 / 4,
    correct: 3,
    found: 4,
    total: 5,
    sections: [
      { name: "capital-common-countries", accuracy: 1, correct: 2, found: 2, total: 3 },
      { name: "gram1-adjective-to-adverb", accuracy: 1 / 2, correct: 1, found: 2, total: 2 },
    ],
    semantic: { accuracy: 1, correct: 2, found: 2, total: 3 },
    syntactic: { accuracy: 1 / 2, correct: 1, found: 2, total: 2 },
  });
});

test("only the first `limit` keys take part, as questions and as answers", async () => {
  const { found, correct, total } = await evaluateAnalogies(embedding, TEXT, { limit: 4 });
  assert.deepEqual({ found, correct, total }, { found: 2, correct: 2, total: 5 });
  const none = await evaluateAnalogies(embedding, TEXT, { limit: 1 });
  assert.ok(Number.isNaN(none.accuracy));
  assert.deepEqual([none.correct, none.found, none.total], [0, 0, 5]);
});

test("with `lowercase` words are looked up in lower case alone", async () => {
  assert.equal((await evaluateAnalogies(embedding, TEXT, { lowercase: true })).found, 0);
  const lower = grid(["greece", "athens", "iraq", "baghdad", "china", "beijing", "egypt", "cairo"]);
  assert.equal((await evaluateAnalogies(lower, TEXT, { lowercase: true })).correct, 3);
  assert.deepEqual(await evaluateAnalogies(lower, TEXT), await evaluateAnalogies(lower, TEXT, { lowercase: true }));
});

/** A word test on random vectors, with structure enough that some answers are right. */
function randomTest(): { space: Embedding; text: string } {
  const rng = new Rng(1);
  const [rows, dim] = [600, 10];
  const matrix = Matrix.zeros(rows, dim);
  rng.fillNormal(matrix.data);
  for (let r = 1; r < rows; r += 2)
    matrix.row(r).forEach((x, i, row) => (row[i] = matrix.row(r - 1)[i]! + (i < 2 ? 2 : 0.3 * x)));
  const space = new Embedding({
    vocabulary: new Vocabulary(Array.from({ length: rows }, (_, id) => `w${id}`)),
    matrix,
  });
  const lines = Array.from({ length: 1500 }, () => {
    const [a, b] = [2 * rng.nextBelow(300), 2 * rng.nextBelow(300)];
    return `w${a} w${a + 1} w${b} w${b + 1}`;
  });
  return { space, text: [": one", ...lines.slice(0, 700), ": gram two", ...lines.slice(700)].join("\n") };
}

test("the count is that of scoring every word for every question, with 3CosAdd", async () => {
  const { space, text } = randomTest();
  const limit = 500;
  let [found, correct] = [0, 0];
  const units = space.vocabulary.keys.map((key) => normalize(space.vector(key)));
  for (const line of text.split("\n").filter((one) => !one.startsWith(":"))) {
    const ids = line.split(" ").map((word) => Number(word.slice(1)));
    if (Math.max(...ids) >= limit) continue;
    found++;
    const [a, b, c, d] = ids as [number, number, number, number];
    const target = Float64Array.from(units[a]!, (_, i) => units[b]![i]! - units[a]![i]! + units[c]![i]!);
    let [best, most] = [-1, -Infinity];
    for (let id = 0; id < limit; id++) {
      if (id === a || id === b || id === c) continue;
      const score = cosine(target, units[id]!);
      if (score > most) [best, most] = [id, score];
    }
    if (best === d) correct++;
  }
  const result = await evaluateAnalogies(space, text, { limit });
  assert.deepEqual([result.found, result.correct], [found, correct]);
  assert.ok(correct > 100 && correct < found, `${correct} of ${found}`);
});

test("3CosMul, an interval and steps: done grows to total, the interval holds the accuracy", async () => {
  const { space, text } = randomTest();
  const done: number[] = [];
  const { accuracy, interval, found } = await evaluateAnalogies(space, text, {
    method: "3CosMul",
    interval: { resamples: 200 },
    onStep: (step) => done.push(step.done),
  });
  assert.deepEqual(
    [...done].sort((a, b) => a - b),
    done,
  );
  assert.equal(done.at(-1), found);
  assert.ok(interval!.low <= accuracy && accuracy <= interval!.high && interval!.high - interval!.low < 0.1);
});

test("an abort ends the evaluation at the next step with the signal's reason", async () => {
  const { space, text } = randomTest();
  const controller = new AbortController();
  const running = evaluateAnalogies(space, text, {
    signal: controller.signal,
    onStep: () => controller.abort(new Error("enough")),
  });
  await assert.rejects(running, /enough/);
  const timed = new AbortController();
  setTimeout(() => timed.abort(new Error("time is up")), 0);
  await assert.rejects(evaluateAnalogies(space, text, { signal: timed.signal }), /time is up/);
});

test("the steps can be pulled one by one and left early", async () => {
  const { space, text } = randomTest();
  for await (const { phase, total } of evaluateAnalogiesSteps(space, text)) {
    assert.deepEqual([phase, total], ["analogies", 1500]);
    break;
  }
});

test("Google's format is read, with questions before the first section in one without a name", () => {
  assert.deepEqual(parseAnalogies("a b c d\n# note\n: one\r\ne f g h\n\n: two\n"), [
    { name: "", questions: [["a", "b", "c", "d"]] },
    { name: "one", questions: [["e", "f", "g", "h"]] },
    { name: "two", questions: [] },
  ]);
  assert.throws(
    () => parseAnalogies(": x\na b c\n"),
    (error) => error instanceof LociError && error.code === "bad-file" && error.message.startsWith("Line 2 "),
  );
});
