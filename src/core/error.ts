/**
 * The one error class of Loci.
 *
 * Programs look at `code`, which never changes; people read `message`, which says what was expected,
 * what came, and what to do. A failure is thrown, never returned as null.
 */

/** Every code an error of Loci can carry. Stable: programs may branch on them. */
export type LociErrorCode =
  | "bad-argument" // an option or argument out of its range
  | "bad-file" // bytes that are not what their format promises; the message names the place
  | "dim-mismatch" // vectors of another width
  | "id-out-of-range" // a row or id past the end of its table
  | "unknown-key" // a key that the vocabulary does not hold
  | "no-text" // a corpus in which nothing can be learnt
  | "out-of-memory" // more than a WebAssembly memory can hold
  | "not-found" // a file, folder or pattern that matches nothing
  | "cannot-write" // a file or folder that the system does not let us write
  | "not-supported" // something this platform cannot do (files in a browser, …)
  | "diverged" // training produced numbers that are not finite
  | "frozen" // a write to a table that was frozen
  | "worker-failed" // a worker thread died
  | "wrong-checkpoint" // a checkpoint of another corpus or of other options
  | "wrong-space" // vectors of another model than those already there
  | "peer-missing" // an optional package that is not installed; the message has the install line
  | "store-locked" // another process is writing to this collection
  | "read-only" // a write through something opened for reading
  | "network"; // a server that did not answer as it should

/** A failure of Loci: `code` for programs, `message` for people. */
export class LociError extends Error {
  override readonly name = "LociError";
  readonly code: LociErrorCode;

  constructor(code: LociErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Throws `bad-argument` unless `value` is a whole number in [least, most]. */
export function checkWhole(name: string, value: number, least: number, most: number = Number.MAX_SAFE_INTEGER): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  const range = most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `from ${least} to ${most}`;
  throw new LociError("bad-argument", `Expected \`${name}\` to be a whole number ${range}, got ${value}.`);
}

/** Throws `bad-argument` unless `value` is a finite number in [least, most]. */
export function checkNumber(name: string, value: number, least: number, most: number = Infinity): void {
  if (Number.isFinite(value) && value >= least && value <= most) return;
  const range = most === Infinity ? `>= ${least}` : `from ${least} to ${most}`;
  throw new LociError("bad-argument", `Expected \`${name}\` to be a finite number ${range}, got ${value}.`);
}

/** `value`, or `bad-argument` naming the words that are allowed. */
export function checkOneOf<T extends string>(name: string, value: T, allowed: readonly T[]): T {
  if (allowed.includes(value)) return value;
  const list = allowed.map((word) => `"${word}"`).join(" or ");
  throw new LociError("bad-argument", `Expected \`${name}\` to be ${list}, got ${JSON.stringify(value)}.`);
}
