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
    "--test-coverage-exclude=**/*.test.ts",
    "--test-coverage-exclude=**/generated/**",
    "--test-coverage-lines=90",
    "src/{core,kernels,text,math,formats,table,net,train,evaluate}/**/*.test.ts",
    "test/conformance/*.test.ts",
  ],
  { cwd: join(import.meta.dirname, ".."), stdio: "inherit" },
);
process.exitCode = status ?? 1;
