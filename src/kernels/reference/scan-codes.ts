/**
 * Scans of short codes. Plain, slow, and right: the oracle of ../assembly/search/scan-codes.ts.
 *
 * A row is `stride` bytes: 7-bit signed codes, and in the last four a signed constant. A query is as long: codes + 64, and
 * zeros in its last four. The key of a row is constant − 2 · (query · row); lower is closer.
 */

/** The best of a scan: keys and rows, ascending; of equal keys the lower row first. */
export interface Top {
  readonly entries: BigInt64Array;
  size: number;
}

/** Rows first … end, of which the bitmap (bit r % 32 of word r / 32) says which may answer. */
export interface RowRange {
  readonly first: number;
  readonly end: number;
  readonly bitmap: Uint32Array;
}

function admits({ bitmap }: RowRange, row: number): boolean {
  return ((bitmap[row >>> 5]! >>> (row & 31)) & 1) === 1;
}

/** Puts an entry in its place; what falls out at the end is forgotten. */
function put(top: Top, key: number, row: number): void {
  const entry = (BigInt(key) << 32n) | BigInt(row);
  let place = top.size;
  while (place > 0 && top.entries[place - 1]! > entry) place--;
  if (place === top.entries.length) return;
  top.size = Math.min(top.size + 1, top.entries.length);
  top.entries.copyWithin(place + 1, place, top.size - 1);
  top.entries[place] = entry;
}

function keyOf(query: Uint8Array, codes: Uint8Array, stride: number, row: number): number {
  const view = new DataView(codes.buffer, codes.byteOffset + row * stride, stride);
  let product = 0;
  for (let i = 0; i < stride - 4; i++) product += query[i]! * view.getInt8(i);
  return view.getInt32(stride - 4, true) - 2 * product;
}

/** Scores the rows of a range that may answer and keeps the best. `keys`, where given, gets each row's key. */
export function scanCodes(
  query: Uint8Array,
  codes: Uint8Array,
  range: RowRange,
  keys: Int32Array | undefined,
  top: Top,
): void {
  for (let r = range.first; r < range.end; r++) {
    if (!admits(range, r)) continue;
    const key = keyOf(query, codes, query.length, r);
    if (keys) keys[r] = key;
    put(top, key, r);
  }
}

/** The same for several queries, end to end; query j keeps its best in tops[j · capacity …), their number in sizes[j]. */
export function scanCodesBatch(
  queries: Uint8Array,
  stride: number,
  codes: Uint8Array,
  range: RowRange,
  tops: BigInt64Array,
  sizes: Int32Array,
): void {
  const count = queries.length / stride;
  const capacity = tops.length / count;
  for (let j = 0; j < count; j++) {
    const top = { entries: tops.subarray(j * capacity, (j + 1) * capacity), size: sizes[j]! };
    scanCodes(queries.subarray(j * stride, (j + 1) * stride), codes, range, undefined, top);
    sizes[j] = top.size;
  }
}

/** Lists the rows of a range whose key, without its bias, is at most `limit`; returns how many. */
export function listKeys(
  keys: Int32Array,
  biases: Int32Array | undefined,
  range: RowRange,
  limit: number,
  out: Uint32Array,
): number {
  let count = 0;
  for (let r = range.first; r < range.end; r++) {
    if (admits(range, r) && keys[r]! - (biases ? biases[r]! : 0) <= limit) out[count++] = r;
  }
  return count;
}

/** Hamming distances of 1-bit rows as long as the query: the best by distance, then row. */
export function scanBits(query: Uint8Array, codes: Uint8Array, range: RowRange, top: Top): void {
  const stride = query.length;
  for (let r = range.first; r < range.end; r++) {
    if (!admits(range, r)) continue;
    let apart = 0;
    for (let i = 0; i < stride; i++) {
      for (let bits = query[i]! ^ codes[r * stride + i]!; bits !== 0; bits &= bits - 1) apart++;
    }
    put(top, apart, r);
  }
}

/**
 * Code rows from 4-bit ones: byte j of a packed row (stride / 2 bytes) holds code j in its low and code j + stride / 2 in its
 * high half; level n stands for 8n − 60. The constant of row r is constants[r].
 */
export function unpackCodes(packed: Uint8Array, constants: Int32Array, stride: number, out: Uint8Array): void {
  const half = stride / 2;
  const view = new DataView(out.buffer, out.byteOffset, out.byteLength);
  for (let r = 0; r < constants.length; r++) {
    for (let j = 0; j < half; j++) {
      const byte = packed[r * half + j]!;
      view.setInt8(r * stride + j, 8 * (byte & 15) - 60);
      view.setInt8(r * stride + half + j, 8 * (byte >> 4) - 60);
    }
    view.setInt32((r + 1) * stride - 4, constants[r]!, true);
  }
}
