import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

const MAIN = join(import.meta.dirname, "main.ts");

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts the program in a process of its own. */
function start(argv: readonly string[], env: Record<string, string> = {}) {
  const { NO_COLOR: _, FORCE_COLOR: __, ...others } = process.env;
  const child = spawn(process.execPath, [MAIN, ...argv], { env: { ...others, ...env } });
  const written = { stdout: "", stderr: "" };
  child.stdout.on("data", (piece: Buffer) => (written.stdout += piece.toString()));
  child.stderr.on("data", (piece: Buffer) => (written.stderr += piece.toString()));
  const ended = new Promise<Ended>((resolve) => child.on("close", (code) => resolve({ code, ...written })));
  return { child, ended, written };
}

test("the process ends with 0, 1 and 2 as the run did", async () => {
  const [good, failed, misused] = await Promise.all(
    [["size", "2", "3", "--json"], ["near", "no-such-model", "x"], ["sise"]].map((argv) => start(argv).ended),
  );
  assert.equal(good!.code, 0);
  assert.equal(JSON.parse(good!.stdout).parameters, 6);
  assert.equal(failed!.code, 1);
  assert.equal(misused!.code, 2);
});

test("NO_COLOR and FORCE_COLOR decide about colours", async () => {
  const plain = start(["--help"], { NO_COLOR: "1" });
  const colored = start(["--help"], { FORCE_COLOR: "1" });
  assert.ok(!(await plain.ended).stdout.includes("\x1b["));
  assert.ok((await colored.ended).stdout.includes("\x1b["));
});

test("a reader that goes away early is no failure", async () => {
  const words = Array.from({ length: 15_000 }, (_, i) => `w${i}`).join(" ");
  const { child, ended } = start(["trace", words, "--json"]);
  child.stdout.once("data", () => child.stdout.destroy());
  const { code, stderr } = await ended;
  assert.equal(stderr, "");
  assert.equal(code, 0);
});

test(
  "Ctrl-C stops a training with 130 and leaves nothing half-written",
  { skip: process.platform === "win32" },
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "loci-interrupt-"));
    try {
      writeFileSync(join(folder, "corpus.txt"), "one two three four five six seven eight\n".repeat(20_000));
      const out = join(folder, "model");
      const { child, ended, written } = start([
        "train",
        "words",
        join(folder, "corpus.txt"),
        "--out",
        out,
        "--epochs",
        "100000",
        "--progress",
        "json",
      ]);
      // Wait until it trains, so that workers are running when the signal comes.
      while (!written.stderr.includes('"train"')) await new Promise((resolve) => setTimeout(resolve, 50));
      child.kill("SIGINT");
      const { code, stdout, stderr } = await ended;
      assert.equal(code, 130);
      assert.equal(stdout, "");
      assert.match(stderr, /loci: interrupted; nothing was left half-written\n$/);
      assert.ok(!existsSync(out));
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
);
