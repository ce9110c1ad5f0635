/** For tests: a run of the command line in this process, its output caught. */
import { run } from "./run.ts";
import type { OutStream } from "./terminal.ts";

export interface Caught {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly terminal?: boolean;
  readonly color?: boolean;
  readonly env?: Record<string, string>;
  readonly signal?: AbortSignal;
}

/** Runs `loci` with these arguments. */
export async function runCaught(argv: readonly string[], options: RunOptions = {}): Promise<Caught> {
  const { terminal = false, color = false, env = {}, signal = new AbortController().signal } = options;
  const written = { stdout: "", stderr: "" };
  const stream = (name: "stdout" | "stderr"): OutStream => ({
    write: (text) => (written[name] += text),
    terminal,
    color,
    columns: 100,
  });
  const code = await run(argv, { stdout: stream("stdout"), stderr: stream("stderr"), env, signal });
  return { code, ...written };
}
