/**
 * One run of a command: where its answer goes, its progress, and its end by Ctrl-C.
 *
 * A command computes one value and hands it over once: `answer(json, lines)` prints the value as JSON or the
 * lines for people, never both.
 */
import type { Step } from "../core/index.ts";
import type { Cli, CommonFlags } from "./command.ts";
import { Progress } from "./progress.ts";

export interface Session {
  readonly signal: AbortSignal;
  readonly onStep: (step: Step) => void;
  /** Whether a person will read the answer, so that it may be styled and hints make sense. */
  readonly forPeople: boolean;
  /** Prints the answer: `value` as one JSON document, or for people the lines. */
  answer(value: unknown, lines: () => readonly string[]): void;
  /** A line of standard error: what should be known beside the answer. */
  readonly note: (line: string) => void;
  /** What to do next; only for people at a terminal. */
  hint(line: string): void;
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
}

/** Opens the session of a command from its context and flags. */
export function openSession({ io }: Cli, { json, progress }: CommonFlags): Session {
  const { stdout, stderr } = io;
  const bar = new Progress(stderr, progress);
  const styled = (open: number, close: number) => (text: string) =>
    stdout.color && !json ? `\x1b[${open}m${text}\x1b[${close}m` : text;
  return {
    signal: io.signal,
    onStep(step) {
      if (step.note !== undefined && progress !== "json") stderr.write(`${step.note}\n`);
      bar.step(step);
    },
    forPeople: !json,
    answer(value, lines) {
      stderr.clear();
      stdout.write(
        json
          ? `${JSON.stringify(value)}\n`
          : lines()
              .map((line) => `${line}\n`)
              .join(""),
      );
    },
    note: (line) => stderr.write(`${line}\n`),
    hint(line) {
      if (json || !stderr.terminal) return;
      stderr.write(stderr.color ? `\x1b[2m${line}\x1b[22m\n` : `${line}\n`);
    },
    bold: styled(1, 22),
    dim: styled(2, 22),
  };
}
