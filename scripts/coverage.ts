/**
 * How much of the library its tests run: fails below 90 % of lines outside `cli`.
 *
 *     npm run coverage
 *
 * Workers are threads of their own whose lines Node does not count, so what only runs there shows as not run.
 */
import { spawnSync } from "node:child_process";
import { join } from "node:path";

const { status } = spawnSync(
  process.execPath,
  [
    "--test",
    "--test-concurrency=2",
    "--experimental-test-coverage",
    "--test-coverage-include=src/**/*.ts",
    "--test-coverage-exclude=src/cli/**",
    // Run against real servers (npm run test:servers) and in a browser (npm run test:browser), which do not count here.
    "--test-coverage-exclude=src/store/{postgres,opensearch}/**",
    "--test-coverage-exclude=src/**/*.web.ts",
    "--test-coverage-exclude=**/*.test.ts",
    "--test-coverage-exclude=**/generated/**",
    "--test-coverage-lines=90",
    "src/{core,kernels,text,math,formats,table,net,train,embed,index,documents,store,evaluate,adapters,serve}/**/*.test.ts",
    "test/conformance/*.test.ts",
  ],
  { cwd: join(import.meta.dirname, ".."), stdio: "inherit" },
);
process.exitCode = status ?? 1;
