/**
 * What a lookup costs, and what it would cost as the multiplication it stands for (inventory B04 and B07).
 *
 * Run: `npm exec -- node bench/lookup.ts`. Prints medians. The rows of B04 are read in batches of 10,000 random ids,
 * as training reads them; a million rows in one matrix would be 2 GB and time the allocator.
 */
import { Bench } from "tinybench";
import { Matrix, Rng } from "../src/core/index.ts";
import { EmbeddingTable, multiplyOneHot, oneHot, sparseOneHot } from "../src/table/index.ts";

const BATCH = 10_000;
const BATCHES = 100;

/** Milliseconds of one run of each function, by name: the median of several. */
async function medians(tasks: Record<string, () => void>): Promise<Map<string, number>> {
  const bench = new Bench({ time: 2000, iterations: 5, warmupIterations: 2, warmupTime: 200 });
  for (const [name, run] of Object.entries(tasks)) bench.add(name, run);
  await bench.run();
  const found = new Map<string, number>();
  for (const { name, result } of bench.tasks) {
    if (result.state !== "completed") throw new Error(`${name} did not complete: ${result.state}`);
    found.set(name, result.latency.p50);
  }
  return found;
}

async function gather(): Promise<void> {
  const table = new EmbeddingTable({ rows: 10_000, dim: 512 });
  const rng = new Rng(1);
  const ids = Array.from({ length: BATCHES }, () => Uint32Array.from({ length: BATCH }, () => rng.nextBelow(10_000)));
  const out = Matrix.zeros(BATCH, 512);
  const found = await medians({
    "lookup, a new matrix each": () => {
      for (const batch of ids) table.lookup(batch);
    },
    "lookupInto, one matrix again": () => {
      for (const batch of ids) table.lookupInto(batch, out);
    },
  });
  console.log(`B04: gather of ${(BATCH * BATCHES).toLocaleString("en")} rows of a 10,000 × 512 table`);
  for (const [name, ms] of found) {
    const gigabytes = (BATCH * BATCHES * 512 * 4) / 1e9;
    console.log(
      `  ${name}: ${ms.toFixed(0)} ms, ${((ms * 1e6) / (BATCH * BATCHES)).toFixed(0)} ns a row, ${((gigabytes / ms) * 1000).toFixed(1)} GB/s`,
    );
  }
}

async function multiplyAgainstRead(): Promise<void> {
  const [rows, dim, id] = [50_000, 768, 31_415];
  const table = new EmbeddingTable({ rows, dim });
  const dense = oneHot(id, rows);
  const sparse = sparseOneHot(id, rows);
  const found = await medians({
    "dense one-hot × table": () => void multiplyOneHot(dense, table.matrix),
    "sparse one-hot × table": () => void multiplyOneHot(sparse, table.matrix),
    lookup: () => void table.lookup([id]),
  });
  const read = found.get("lookup")!;
  console.log(`B07: one row of a ${rows.toLocaleString("en")} × ${dim} table`);
  for (const [name, ms] of found) {
    console.log(
      `  ${name}: ${(ms * 1000).toFixed(ms < 0.1 ? 2 : 0)} µs, ${Math.round(ms / read).toLocaleString("en")} × a read`,
    );
  }
}

await gather();
await multiplyAgainstRead();
