/** Pools in Node: on this thread, on one worker, on three; and what only Node can do to a worker. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { openPool } from "../../src/core/index.ts";
import { bundled } from "./bundle.ts";
import { poolCases } from "./pool.ts";

const source = await bundled("test/conformance/pool.worker.ts");

for (const [name, variant] of [
  ["this thread", { source, workers: 1, here: true }],
  ["one worker", { source, workers: 1, here: false }],
  ["three workers", { source, workers: 3, here: false }],
] as const) {
  for (const one of poolCases(variant)) test(`${name}: ${one.name}`, { skip: one.skip ?? false }, () => one.run());
}

test("a worker that dies at work is worker-failed for what is waited for and for all that comes", async () => {
  const jobs = { die: (): void => process.exit(3) };
  const pool = await openPool(jobs, { source: dying, workers: 2, setup: null });
  await assert.rejects(pool.runAll("die", undefined), { code: "worker-failed", message: /exit code 3/ });
  await assert.rejects(pool.runAll("die", undefined), { code: "worker-failed" });
  await pool.close();
});

/** Speaks the pool's protocol no further than to fall dead. */
const dying = `process.getBuiltinModule("node:worker_threads").parentPort.on("message", (m) => "start" in m || process.exit(3));`;

test("an idle pool that nobody closed does not keep the process", () => {
  const script = `
    import { openPool } from ${JSON.stringify(join(import.meta.dirname, "../../src/core/index.ts"))};
    const pool = await openPool({ whoAmI: () => 0 }, { source: ${JSON.stringify(source)}, workers: 2, setup: null });
    console.log(JSON.stringify(await pool.runAll("whoAmI", null)));`;
  const { stdout, status, signal } = spawnSync(process.execPath, ["--input-type=module", "-e", script], {
    encoding: "utf8",
    timeout: 30_000,
  });
  assert.deepEqual([stdout.trim(), status, signal], ['[{"worker":0,"workers":2},{"worker":1,"workers":2}]', 0, null]);
});

test("a pool of no workers is refused", async () => {
  await assert.rejects(openPool({}, { source, workers: 0, setup: null }), { code: "bad-argument" });
});
