/**
 * Running a command of any side, and what it cost by the system's count.
 *
 * Every side is a process of its own, pinned to a core where threads are not the question, so that nobody pays for
 * another's garbage. Numerical libraries under Python are held to one thread by the environment.
 */
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { readFileSync, rmSync } from "node:fs";
import { loadavg } from "node:os";
import { join } from "node:path";
import type { Places } from "./places.ts";

export interface Cost {
  /** User and system seconds of all threads, start of the program included. */
  readonly cpuSeconds: number;
  readonly wallSeconds: number;
  /** The largest resident size. */
  readonly peakBytes: number;
  /** The machine's load average over a minute, before and after. */
  readonly load: readonly [number, number];
}

export interface Measured extends Cost {
  readonly output: string;
}

/** Runs a command to its end. Throws with the end of its standard error if it fails. */
export async function measured(places: Places, command: readonly string[], core?: number): Promise<Measured> {
  const report = join(places.work, "scratch", `${randomUUID()}.json`);
  const pin = core === undefined ? [] : ["taskset", "-c", String(core)];
  const [program, ...rest] = [
    ...pin,
    join(places.tools, "bin", "python"),
    join(import.meta.dirname, "drivers", "measure.py"),
    report,
    ...command,
  ];
  const env = { ...process.env, OMP_NUM_THREADS: "1", OPENBLAS_NUM_THREADS: "1", MKL_NUM_THREADS: "1" };
  const before = loadavg()[0]!;
  const child = spawn(program!, rest, { env, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  let errors = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (errors = (errors + text).slice(-4000)));
  await new Promise<void>((done, failed) => child.on("error", failed).on("close", () => done()));
  const shown = command.join(" ");
  let cost: Cost & { exit: number };
  try {
    cost = JSON.parse(readFileSync(report, "utf8"));
  } catch (cause) {
    throw new Error(`${shown} could not be measured:\n${errors}`, { cause });
  } finally {
    rmSync(report, { force: true });
  }
  if (cost.exit !== 0) throw new Error(`${complaint(errors)} (exit ${cost.exit}): ${shown}`);
  const { cpuSeconds, wallSeconds, peakBytes } = cost;
  return { cpuSeconds, wallSeconds, peakBytes, load: [before, loadavg()[0]!], output };
}

/** The line of a program's standard error that says what was wrong: the last that speaks of an error, or the last. */
function complaint(errors: string): string {
  const lines = errors.split("\n").filter((line) => line.trim() !== "" && !/^\s+at |^Node\.js v/.test(line));
  return lines.findLast((line) => /error|expected|cannot/i.test(line)) ?? lines.at(-1) ?? "it said nothing";
}

/** The last line of a command's output, as JSON. */
export function lastLine(output: string): unknown {
  const line = output.trimEnd().split("\n").at(-1) ?? "";
  try {
    return JSON.parse(line);
  } catch (cause) {
    throw new Error(`Expected JSON as the last line of the output, got: ${line.slice(0, 200)}`, { cause });
  }
}
