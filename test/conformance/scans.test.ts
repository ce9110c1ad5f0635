/** The scans' oracle table in Node: both variants of the search module, plain and shared memory, and the reference itself. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { bytes, openWorkspace } from "../../src/core/index.ts";
import { type ScanOptions, hasRelaxedSimd, openScans } from "../../src/kernels/index.ts";
import { COVERED, scanCases } from "./scans.ts";

const VARIANTS: readonly ScanOptions[] = [
  { variant: "plain" },
  { variant: "plain", shared: true },
  ...(hasRelaxedSimd() ? [{ variant: "relaxed" } as const, { variant: "relaxed", shared: true } as const] : []),
  { variant: "reference" },
];

for (const options of VARIANTS) {
  for (const one of scanCases(options))
    test(`${options.variant} scans, ${options.shared ? "shared" : "plain"} memory: ${one.name}`, () => one.run());
}

test("every scan is held to its reference", () => {
  const { memory, spill } = openWorkspace({ spill: bytes(64) });
  const { kind: _, ...scans } = openScans(memory, spill);
  assert.deepEqual(Object.keys(scans).sort(), [...COVERED].sort());
});
