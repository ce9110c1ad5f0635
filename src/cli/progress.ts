/**
 * How far a long command is, on standard error.
 *
 * On a terminal a bar of one line, ten times a second. Elsewhere (a log file, a CI run) a line every ten seconds, so
 * that short runs stay silent and long ones show that they live. `--progress json` writes a step a line, twice a
 * second, for programs that draw their own.
 */
import { type Step, platform } from "../core/index.ts";
import { duration, percent, short } from "./numbers.ts";
import type { Terminal } from "./terminal.ts";

export type ProgressMode = "auto" | "none" | "json";

/** What the steps of training add to a step, where they do. */
interface Details {
  readonly loss?: number;
  readonly epoch?: number;
}

const SECONDS_BETWEEN = { bar: 0.1, lines: 10, json: 0.5 };
const CELLS = 20;

/** What a phase is called, and what its units are. */
const PHASES: Readonly<Record<string, readonly [label: string, unit: string]>> = {
  read: ["reading", "B"],
  encode: ["numbering", "words"],
  phrases: ["joining phrases", "words"],
  train: ["training", "words"],
  count: ["counting pairs", "words"],
  merge: ["merging pairs", "records"],
  analogies: ["answering analogies", "questions"],
  looking: ["looking for text", "characters"],
  write: ["writing", "B"],
};

export class Progress {
  readonly #terminal: Terminal;
  readonly #style: "bar" | "lines" | "json" | "none";
  #phase = "";
  #next: number;

  constructor(terminal: Terminal, mode: ProgressMode) {
    this.#terminal = terminal;
    this.#style = mode === "auto" ? (terminal.terminal ? "bar" : "lines") : mode;
    this.#next = this.#style === "lines" ? platform.now() + SECONDS_BETWEEN.lines : 0;
  }

  /** Shows a step if it is time to. */
  step(step: Step & Details): void {
    if (this.#style === "none") return;
    const now = platform.now();
    const turned = step.phase !== this.#phase && this.#style !== "lines";
    if (now < this.#next && !turned) return;
    this.#phase = step.phase;
    this.#next = now + SECONDS_BETWEEN[this.#style];
    if (this.#style === "bar") this.#terminal.passing(barLine(step));
    else this.#terminal.write(`${this.#style === "json" ? jsonLine(step) : plainLine(step)}\n`);
  }
}

function jsonLine(step: Step & Details): string {
  // Typed arrays (snapshots of vectors) are for pictures, not for lines.
  return JSON.stringify(step, (_, value: unknown) => (ArrayBuffer.isView(value) ? undefined : value));
}

function barLine(step: Step & Details): string {
  const { done, total } = step;
  const filled = total > 0 ? Math.round((CELLS * Math.min(done, total)) / total) : 0;
  const bar = total > 0 ? ` ${"█".repeat(filled)}${"░".repeat(CELLS - filled)}` : "";
  return `${labelOf(step)}${bar} ${parts(step).join("  ")}`;
}

function plainLine(step: Step & Details): string {
  return `${labelOf(step)}: ${parts(step).join(", ")}`;
}

function parts({ phase, done, total, rate, secondsLeft, loss, epoch }: Step & Details): string[] {
  const unit = PHASES[phase]?.[1] ?? "steps";
  const found = [total > 0 ? percent(Math.min(1, done / total), 0) : short(done, unit)];
  if (epoch !== undefined) found.push(`epoch ${epoch + 1}`);
  if (loss !== undefined && Number.isFinite(loss)) found.push(`loss ${loss.toFixed(3)}`);
  if (rate > 0) found.push(short(rate, `${unit}/s`));
  if (secondsLeft > 0) found.push(`${duration(Math.ceil(secondsLeft))} left`);
  return found;
}

function labelOf({ phase }: Step): string {
  return PHASES[phase]?.[0] ?? phase;
}
