/** The kernels' oracle table in Node: plain memory, shared memory, and the reference that serves where neither may run. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { openWorkspace } from "../../src/core/index.ts";
import { COVERED, kernelCases, type KernelVariant } from "./kernels.ts";

const VARIANTS: readonly KernelVariant[] = [
  { memory: "plain", kind: "wasm" },
  { memory: "shared", kind: "wasm" },
  { memory: "plain", kind: "reference" },
];

/** Kernels whose cases need more than numbers in rows; each is held to its reference in a test of its own. */
const ELSEWHERE = {
  countPairs: "src/kernels/reference/glove.test.ts",
  fitPairs: "src/kernels/reference/glove.test.ts",
};

for (const variant of VARIANTS) {
  for (const one of kernelCases(variant))
    test(`${variant.kind} kernels, ${variant.memory} memory: ${one.name}`, () => one.run());
}

test("every kernel is held to its reference", () => {
  const { kind: _, ...kernels } = openWorkspace({}).kernels;
  assert.deepEqual(Object.keys(kernels).sort(), [...COVERED, ...Object.keys(ELSEWHERE)].sort());
});
