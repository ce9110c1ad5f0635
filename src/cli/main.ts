#!/usr/bin/env node
/**
 * The `loci` program: `run` with this process' streams and signals.
 */
import { styleText } from "node:util";
import { run } from "./run.ts";
import { Interrupted, type OutStream } from "./terminal.ts";

/** A stream of this process; whether it takes colours is for Node to say (NO_COLOR, FORCE_COLOR, terminals). */
function outStream(stream: NodeJS.WriteStream): OutStream {
  const color = styleText("red", "x", { stream }) !== "x";
  return {
    write: (text) => stream.write(text),
    terminal: stream.isTTY && process.env.TERM !== "dumb",
    color,
    get columns() {
      return stream.columns;
    },
  };
}

// A reader that has seen enough (`loci near … | head`) closes the pipe: the end, and no failure.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
  throw error;
});

const controller = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  // The first asks the command to stop and clean up; the second does not wait for that.
  process.on(signal, () => {
    const interrupted = new Interrupted(signal);
    if (controller.signal.aborted) process.exit(interrupted.exitCode);
    controller.abort(interrupted);
  });
}

const code = await run(process.argv.slice(2), {
  stdout: outStream(process.stdout),
  stderr: outStream(process.stderr),
  env: process.env,
  signal: controller.signal,
});
process.exitCode = code;
// What was interrupted may have left something open that would keep the process: standard input, a worker.
if (controller.signal.aborted) process.exit(code);
