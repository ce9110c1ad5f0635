/**
 * Fuzzes every reader of files: `node bench/fuzz/formats.ts [--runs 100000] [--seed 1] [--only npy]`.
 *
 * Prints a line a format. Ends with exit code 1 and the seed of the case at the first crash, at a file that takes
 * longer than a second of processor time, at an allocation beyond the bound; a hang is told by a second thread that watches.
 */
import { parseArgs } from "node:util";
import { Worker } from "node:worker_threads";
import { FORMAT_CASES, fuzz } from "./format-cases.ts";

const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "100000" },
    seed: { type: "string", default: "1" },
    only: { type: "string" },
  },
});
const [runs, seed] = [Number(values.runs), Number(values.seed)];

/** Seconds without a new run after which the run is called hung. */
const HUNG_SECONDS = 20;
const beat = new Int32Array(new SharedArrayBuffer(8));
const watch = new Worker(
  `const { workerData: { beat, seconds } } = require("node:worker_threads");
   for (let last = -1; ; last = beat[0]) {
     Atomics.wait(beat, 1, 0, seconds * 1000);
     if (beat[0] === last) {
       require("node:fs").writeSync(2, "hung in run " + last + "\\n");
       process.kill(process.pid, "SIGKILL");
     }
   }`,
  { eval: true, workerData: { beat, seconds: HUNG_SECONDS } },
);
watch.unref();

for (const format of FORMAT_CASES) {
  if (values.only && format.name !== values.only) continue;
  const start = performance.now();
  const result = await fuzz(format, { runs, seed, limitMs: 1000, onRun: () => void beat[0]!++ });
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(
    `${format.name.padEnd(16)} ${result.runs} files: ${result.read} read, ${result.refused} refused, ` +
      `slowest ${result.slowestMs.toFixed(1)} ms, ${(result.boundShare * 100).toFixed(0)} % of the bound, ${seconds} s`,
  );
}
await watch.terminate();
