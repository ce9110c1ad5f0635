/** The promise of every scratch: a range that was not written is refused, and never read as zeros or grown into. */
import { LociError } from "./error.ts";

/** Throws `bad-argument` unless [position, position + length) lies within `bytes`. */
export function checkScratchRange(position: number, length: number, bytes: number): void {
  if (position >= 0 && position + length <= bytes) return;
  throw new LociError("bad-argument", `Scratch holds ${bytes} bytes; asked for ${position} to ${position + length}.`);
}
