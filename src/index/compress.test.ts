/** The table of row kinds: what must hold on any data, and on data whose answer is known. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Matrix, Rng } from "../core/index.ts";
import { ROW_KINDS, compressionTable } from "./index.ts";

/** Vectors whose variance falls off, the first numbers largest: what leading numbers and principal axes can keep. */
function vectorsOf(rows: number, dim: number, rng: Rng): Matrix {
  const out = Matrix.zeros(rows, dim);
  rng.fillNormal(out.data);
  for (let r = 0; r < rows; r++) for (let i = 0; i < dim; i++) out.row(r)[i] = out.row(r)[i]! / (1 + i / 4);
  return out;
}

for (const metric of ["cosine", "dot", "euclidean"] as const) {
  test(`fewer bytes find less, re-ranking finds more, float32 finds all (${metric})`, async () => {
    const rng = new Rng(1);
    const vectors = vectorsOf(800, 64, rng);
    const queries = vectorsOf(30, 64, rng);
    const table = await compressionTable({ vectors, queries, metric });
    assert.deepEqual(table.rows.map(({ kind }) => kind), ROW_KINDS); // prettier-ignore
    for (const { name, recalls, bytesPerVector, ratio, queriesPerSecond, maxError } of table.rows) {
      for (const [i, { recall }] of recalls.entries()) {
        assert.ok(recall >= (recalls[i - 1]?.recall ?? 0) && recall <= 1, `${name}: ${recall} at ${i}`);
      }
      assert.equal(recalls.map(({ depth }) => depth).join(), "10,20,40,100");
      assert.ok(Math.abs(ratio - 256 / bytesPerVector) < 1e-12 && queriesPerSecond > 0);
      assert.ok(maxError === undefined || maxError < 1.01, `${name}: error ${maxError}`);
      assert.ok(recalls.at(-1)!.recall > 0.5, `${name}: ${recalls.at(-1)!.recall}`);
    }
    const row = (kind: string) => table.rows.find((one) => one.kind === kind)!;
    assert.deepEqual([row("f32").recalls[0]!.recall, row("f32").maxError], [1, 0]);
    assert.ok(row("f16").maxError! < 2 ** -10, "half a unit of ten bits");
    assert.ok(row("int8").maxError! < 0.04 && row("int8").recalls[1]!.recall === 1);
    assert.ok(row("int7").recalls[2]!.recall >= 0.99, `int7: ${row("int7").recalls[2]!.recall}`);
    assert.ok(row("4bit").recalls[0]!.recall > row("1bit").recalls[0]!.recall);
    // The recommendation is the smallest that keeps what was asked for.
    const { recommended, depth, because } = table;
    assert.ok(recommended.recalls.find((one) => one.depth === depth)!.recall >= 0.99);
    for (const smaller of table.rows.filter((one) => one.bytesPerVector < recommended.bytesPerVector)) {
      assert.ok(smaller.recalls.every(({ recall }) => recall < 0.99), smaller.name); // prettier-ignore
    }
    assert.match(because, new RegExp(`^${recommended.name} keeps a vector in ${recommended.bytesPerVector} bytes`));
  });
}

test("queries may be left out, and then no vector is its own neighbour", async () => {
  const vectors = vectorsOf(400, 16, new Rng(2));
  const table = await compressionTable({ vectors, kinds: ["f32", "int8"], k: 5 });
  assert.equal(table.rows[0]!.recalls[0]!.recall, 1);
  assert.equal(table.rows[0]!.recalls[0]!.depth, 5);
});

test("where no kind keeps the recall, the best is named and the sentence says so", async () => {
  const vectors = vectorsOf(500, 32, new Rng(3));
  const table = await compressionTable({ vectors, kinds: ["1bit", "pq"], recall: 1, depths: [1] });
  assert.match(table.because, /no kind reached the 100\.0 %/);
});

test("what cannot be compressed is refused by name, and an abort is heard", async () => {
  const vectors = vectorsOf(500, 32, new Rng(4));
  const few = vectorsOf(10, 32, new Rng(5));
  await assert.rejects(compressionTable({ vectors: few }), { code: "bad-argument", message: /more than k = 10/ });
  await assert.rejects(compressionTable({ vectors, queries: vectorsOf(3, 31, new Rng(6)) }), { code: "dim-mismatch" });
  vectors.data[70] = NaN;
  await assert.rejects(compressionTable({ vectors }), { code: "bad-argument", message: /Row 2/ });
  vectors.data[70] = 0;
  const controller = new AbortController();
  const onStep = () => controller.abort(new Error("enough"));
  await assert.rejects(compressionTable({ vectors, signal: controller.signal, onStep }), /enough/);
});
