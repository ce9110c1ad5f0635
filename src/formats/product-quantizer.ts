/**
 * fastText's product quantiser, decoded: codes of a byte to the rows they stand for.
 *
 * Jégou, Douze and Schmid 2011; as used by Joulin et al. 2016 (`.ftz`). A row of `dim` numbers is cut in parts of
 * `partDim` (the last may be shorter); each part is one of 256 centroids of its own, so a code is a byte a part. With
 * `qnorm` the rows were scaled to length one first and their lengths quantised the same way, in one dimension.
 */
import { Matrix } from "../core/index.ts";
import type { Step } from "../core/index.ts";
import { badFile } from "./bad-file.ts";
import { int64 } from "./byte-cursor.ts";
import type { ByteCursor } from "./byte-cursor.ts";
import { readNumbers } from "./number-types.ts";
import type { Progress } from "./progress.ts";

const CENTROIDS = 256;

/**
 * The widest part decoded: it bounds how much larger than its file a model can be (4 × this). fastText's default
 * is 2; past 16 nothing is left of the vectors.
 */
export const MAX_PART_DIM = 32;

export interface ProductQuantizer {
  readonly dim: number;
  readonly parts: number;
  readonly partDim: number;
  /** Width of the last part. */
  readonly lastDim: number;
  /** The centroids of part 0, then of part 1, …: 256 rows of partDim each, of the last part of lastDim. */
  readonly centroids: Float32Array;
}

/** Reads a quantised matrix whole and decodes it. `rows` and `dim` are what it must have. */
export async function* readQuantizedMatrix(
  cursor: ByteCursor,
  what: string,
  shape: { rows?: number; dim: number },
  progress: Progress,
): AsyncGenerator<Step, Matrix, void> {
  const at = cursor.position;
  const head = await cursor.take(1 + 8 + 8 + 4, `the sizes of ${what}`);
  const withNorms = head.getUint8(0) !== 0;
  const [rows, dim, codeBytes] = [int64(head, 1), int64(head, 9), head.getInt32(17, true)];
  checkShape(cursor.name, at, what, { rows, dim }, shape);
  const codes = yield* cursor.large(unsigned(cursor, at, codeBytes), `the codes of ${what}`, progress);
  const quantizer = yield* readQuantizer(cursor, dim, progress);
  if (codes.length !== rows * quantizer.parts) {
    const expected = `${rows * quantizer.parts} codes for ${rows} rows of ${quantizer.parts} parts in ${what}`;
    throw badFile(cursor.name, `byte ${at}`, expected, `${codes.length}`);
  }
  if (!withNorms) return decode(codes, quantizer, rows);
  const normCodes = yield* cursor.large(rows, `the norms of ${what}`, progress);
  const normQuantizer = yield* readQuantizer(cursor, 1, progress);
  return decode(
    codes,
    quantizer,
    rows,
    Float32Array.from(normCodes, (code) => normQuantizer.centroids[code]!),
  );
}

/** Throws unless a matrix in the file has the shape that the rest of the file implies. */
export function checkShape(
  name: string,
  at: number,
  what: string,
  found: { rows: number; dim: number },
  expected: { rows?: number; dim: number },
): void {
  const rowsFit = expected.rows === undefined ? found.rows >= 0 : found.rows === expected.rows;
  if (rowsFit && found.dim === expected.dim) return;
  const rows = expected.rows ?? "some";
  throw badFile(name, `byte ${at}`, `${what} of ${rows} × ${expected.dim}`, `${found.rows} × ${found.dim}`);
}

function unsigned(cursor: ByteCursor, at: number, value: number): number {
  if (value >= 0) return value;
  throw badFile(cursor.name, `byte ${at}`, "a size of 0 or more", `${value}`);
}

async function* readQuantizer(
  cursor: ByteCursor,
  dim: number,
  progress: Progress,
): AsyncGenerator<Step, ProductQuantizer, void> {
  const at = cursor.position;
  const head = await cursor.take(16, "the sizes of a quantiser");
  const [own, parts, partDim, lastDim] = [0, 4, 8, 12].map((offset) => head.getInt32(offset, true)) as [
    number,
    number,
    number,
    number,
  ];
  const fits =
    own === dim && partDim >= 1 && lastDim >= 1 && lastDim <= partDim && (parts - 1) * partDim + lastDim === dim;
  if (!fits || partDim > MAX_PART_DIM) {
    throw badFile(
      cursor.name,
      `byte ${at}`,
      `a quantiser of dim ${dim} in parts of 1 to ${MAX_PART_DIM}`,
      `dim ${own} in ${parts} parts of ${partDim}, the last of ${lastDim}`,
    );
  }
  const centroids = yield* readNumbers(cursor, "F32", dim * CENTROIDS, "the centroids of a quantiser", progress);
  return { dim, parts, partDim, lastDim, centroids };
}

/** Codes (rows × parts) to rows. A norm multiplies its row's centroids in float32, as fastText's own look-up does. */
export function decode(codes: Uint8Array, quantizer: ProductQuantizer, rows: number, norms?: Float32Array): Matrix {
  const { dim, parts, partDim, lastDim, centroids } = quantizer;
  const matrix = Matrix.zeros(rows, dim);
  const { data } = matrix;
  for (let r = 0; r < rows; r++) {
    const norm = norms ? norms[r]! : 1;
    for (let part = 0; part < parts; part++) {
      const width = part === parts - 1 ? lastDim : partDim;
      const from = part * CENTROIDS * partDim + codes[r * parts + part]! * width;
      const to = r * dim + part * partDim;
      for (let i = 0; i < width; i++) data[to + i] = norm * centroids[from + i]!;
    }
  }
  return matrix;
}
