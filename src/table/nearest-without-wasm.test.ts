/** Where WebAssembly may not run, the reference kernels serve. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Matrix, Rng, Vocabulary } from "../core/index.ts";
import { Embedding } from "./index.ts";

function answers(): unknown {
  const matrix = Matrix.zeros(1100, 24);
  new Rng(1).fillNormal(matrix.data);
  const embedding = new Embedding({
    matrix,
    vocabulary: new Vocabulary(Array.from(matrix.data.subarray(0, 1100), String)),
  });
  const [a, b, c] = embedding.vocabulary.keys as [string, string, string];
  return [
    ...(["cosine", "dot", "euclidean"] as const).map((metric) => embedding.neighbors(a, { metric, k: 20 })),
    ...(["3CosAdd", "3CosMul"] as const).map((method) =>
      embedding.analogy({ positive: [a, b], negative: [c], method }),
    ),
  ];
}

test("answers are the same to the bit where a policy forbids WebAssembly", () => {
  const { Module } = WebAssembly;
  const forbid = function (): never {
    throw new WebAssembly.CompileError("blocked by Content Security Policy");
  };
  // The compiled module is kept once it is there, so the forbidden world has to come first.
  WebAssembly.Module = forbid as unknown as typeof Module;
  const forbidden = answers();
  WebAssembly.Module = Module;
  assert.deepEqual(forbidden, answers());
});
