/** What runs in the page: the shared cases, by name, and the trainings. The test calls `window.loci`. */
import { openWorkspace, platform } from "../../src/core/index.ts";
import type { Case } from "../conformance/case.ts";
import { kernelCases } from "../conformance/kernels.ts";
import { poolCases } from "../conformance/pool.ts";
import { trainedHash, trainedNumbers } from "../conformance/training.ts";

/** The bundled text of test/conformance/pool.worker.ts, put here when the page is packed. */
declare const POOL_WORKER: string;

function allCases(): Record<string, Case[]> {
  const kind = openWorkspace({}).kernels.kind;
  const here = poolCases({ source: POOL_WORKER, workers: 1, here: true });
  return {
    [`${kind} kernels, plain memory`]: kernelCases({ memory: "plain", kind }),
    "pool on the page's thread": here,
    ...(platform.sharedMemory && {
      "wasm kernels, shared memory": kernelCases({ memory: "shared", kind: "wasm" }),
      "pool of two Web Workers": poolCases({ source: POOL_WORKER, workers: 2, here: false }),
    }),
  };
}

const page = {
  /** What the platform says of itself. */
  facts: () => ({
    name: platform.name,
    shared: platform.sharedMemory,
    files: platform.files !== undefined,
    kernels: openWorkspace({}).kernels.kind,
  }),
  /** The sentences to be found true, by suite. */
  names: () =>
    Object.fromEntries(
      Object.entries(allCases()).map(([suite, cases]) => [
        suite,
        cases.filter(({ skip }) => !skip).map(({ name }) => name),
      ]),
    ),
  /** Runs one; the error's text if it is not true. */
  async run(suite: string, name: string): Promise<string | undefined> {
    try {
      const cases = allCases()[suite]!;
      await cases.find((one) => one.name === name)!.run();
      return undefined;
    } catch (error) {
      return error instanceof Error ? (error.stack ?? error.message) : String(error);
    }
  },
  trainedHash,
  trainedNumbers,
};

export type TestPage = typeof page;
(globalThis as unknown as { loci: TestPage }).loci = page;
