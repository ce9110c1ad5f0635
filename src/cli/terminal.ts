/**
 * Where the command line writes: two streams, one of them with a line that comes and goes.
 *
 * Results go to standard output, everything else to standard error, so that `loci … > file` and `loci … | head`
 * get results alone. A progress bar is a *passing* line: whatever is written next takes its place.
 */

/** The part of a stream that is used here. */
export interface OutStream {
  write(text: string): unknown;
  /** Whether a person is looking at it. */
  readonly terminal?: boolean;
  /** Whether it takes colours. */
  readonly color?: boolean;
  /** Its width in characters, asked anew for each line, since windows change. */
  readonly columns?: number;
}

/** What a run of the command line is given of the world. */
export interface Io {
  readonly stdout: OutStream;
  readonly stderr: OutStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Aborted by Ctrl-C, with an {@link Interrupted} as its reason. */
  readonly signal: AbortSignal;
}

/** The reason of a run that was stopped from outside. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";
  /** What a shell calls an end by this signal: 128 and its number. */
  readonly exitCode: number;

  constructor(signal: "SIGINT" | "SIGTERM" = "SIGINT") {
    super("interrupted; nothing was left half-written");
    this.exitCode = signal === "SIGINT" ? 130 : 143;
  }
}

const DEFAULT_COLUMNS = 80;

export class Terminal implements OutStream {
  readonly #stream: OutStream;
  #passing = false;

  constructor(stream: OutStream) {
    this.#stream = stream;
  }

  get terminal(): boolean {
    return this.#stream.terminal ?? false;
  }

  get color(): boolean {
    return this.#stream.color ?? false;
  }

  get columns(): number {
    return this.#stream.columns ?? DEFAULT_COLUMNS;
  }

  write(text: string): void {
    this.clear();
    this.#stream.write(text);
  }

  /** Shows a line until something else is written; one that is too long is cut. Only for terminals. */
  passing(line: string): void {
    // One column stays free: some terminals wrap when the last is filled.
    this.#stream.write(`\r\x1b[2K${line.slice(0, this.columns - 1)}`);
    this.#passing = true;
  }

  clear(): void {
    if (this.#passing) this.#stream.write("\r\x1b[2K");
    this.#passing = false;
  }
}
