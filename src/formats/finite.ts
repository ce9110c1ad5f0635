/**
 * The check that numbers read from a binary file are finite, at the speed of memory.
 */
import type { Matrix } from "../core/index.ts";
import { badFile, quoted } from "./bad-file.ts";

/** Watches numbers come in, which costs less than going through them again: by then they have left the cache. */
export class FiniteWatch {
  finite = true;

  /** Takes float32 numbers in, as `ByteCursor.large` shows them. */
  readonly look = ({ buffer }: Uint8Array, from: number, to: number): void => {
    this.finite &&= allFinite(new Int32Array(buffer, from, (to - from) >> 2));
  };
}

/** Whether float32 numbers, given by their bits, are all finite. */
function allFinite(bits: Int32Array): boolean {
  // Adding one to an exponent of all ones, and to no other, carries into the sign. Four strands, so that they overlap.
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  const end = bits.length & ~3;
  for (let i = 0; i < end; i += 4) {
    a |= (bits[i]! & EXPONENT) + ONE;
    b |= (bits[i + 1]! & EXPONENT) + ONE;
    c |= (bits[i + 2]! & EXPONENT) + ONE;
    d |= (bits[i + 3]! & EXPONENT) + ONE;
  }
  for (let i = end; i < bits.length; i++) a |= (bits[i]! & EXPONENT) + ONE;
  return (a | b | c | d) >= 0;
}

const EXPONENT = 0x7f800000;
const ONE = 0x00800000;

/**
 * Throws `bad-file` naming the first row that holds NaN or an infinity. `keys`, where given, name the rows; `watch` saw
 * the numbers come in, if anybody did.
 */
export function checkFinite(
  name: string,
  what: string,
  { data, dim }: Matrix,
  keys?: readonly string[],
  watch?: FiniteWatch,
): void {
  if (watch?.finite ?? allFinite(new Int32Array(data.buffer, data.byteOffset, data.length))) return;
  const at = data.findIndex((value) => !Number.isFinite(value));
  if (at < 0) return; // what was seen to come in lay in a row that was dropped
  const row = Math.floor(at / dim);
  const whose = keys?.[row] === undefined ? "" : ` (${quoted(keys[row])})`;
  throw badFile(
    name,
    `${what} row ${row}${whose}, number ${(at % dim) + 1}`,
    "a finite number",
    String(data[at]),
    "Pass allowNonFinite to take it as it is.",
  );
}
