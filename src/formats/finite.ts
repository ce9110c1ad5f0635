/**
 * The check that numbers read from a binary file are finite, at the speed of memory.
 */
import type { Matrix } from "../core/index.ts";
import { badFile, quoted } from "./bad-file.ts";

/** Throws `bad-file` naming the first row that holds NaN or an infinity. `keys`, where given, name the rows. */
export function checkFinite(name: string, what: string, matrix: Matrix, keys?: readonly string[]): void {
  const { data, dim } = matrix;
  // x − x is 0 for finite x and NaN for others, so one sum tells for all; four sums, so that they overlap.
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  let i = 0;
  for (; i + 4 <= data.length; i += 4) {
    a += data[i]! - data[i]!;
    b += data[i + 1]! - data[i + 1]!;
    c += data[i + 2]! - data[i + 2]!;
    d += data[i + 3]! - data[i + 3]!;
  }
  for (; i < data.length; i++) a += data[i]! - data[i]!;
  if (a + b + c + d === 0) return;
  const at = data.findIndex((value) => !Number.isFinite(value));
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
