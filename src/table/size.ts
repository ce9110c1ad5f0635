/** What a table weighs, before it is made: V rows of d numbers are V·d parameters, however they are learnt. */
import { checkWhole } from "../core/index.ts";

/** The weight of a table. */
export interface TableSize {
  /** Numbers to learn: rows × dim. */
  readonly parameters: number;
  readonly bytes: number;
  /** Bytes ÷ 1024² (MiB), as operating systems and many papers count "MB". */
  readonly mebibytes: number;
  /** Bytes ÷ 10⁶ (MB, decimal), as disks and networks count. */
  readonly megabytes: number;
}

/**
 * Parameters and bytes of a table of `rows` × `dim` numbers of `bytesPerNumber` (default 4: float32).
 *
 * `tableSize({ rows: 50_000, dim: 768 })` has 38,400,000 parameters: 153.6 MB, or 146.5 MiB. Training takes
 * more: AdaGrad as much again, Adam twice as much again, and the gradients of the rows of a batch.
 */
export function tableSize(options: { rows: number; dim: number; bytesPerNumber?: number }): TableSize {
  const { rows, dim, bytesPerNumber = 4 } = options;
  checkWhole("rows", rows, 0);
  checkWhole("dim", dim, 1);
  checkWhole("bytesPerNumber", bytesPerNumber, 1);
  const parameters = rows * dim;
  const bytes = parameters * bytesPerNumber;
  checkWhole("rows × dim × bytesPerNumber", bytes, 0); // beyond 2⁵³ the count would be rounded
  return { parameters, bytes, mebibytes: bytes / 1024 ** 2, megabytes: bytes / 1e6 };
}
