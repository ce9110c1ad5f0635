/**
 * Codes and their keys, plainly: the oracle of ../assembly/search/{encode,integers}.ts, to the bit.
 *
 * What the kernels do in float32 is rounded here number by number, and sums run in the order of their four lanes.
 */
const { fround } = Math;

/** What encoding needs of a codec; the fields are those of src/index/codec.ts. */
export interface CodecNumbers {
  readonly dim: number;
  readonly width: number;
  readonly codes: number;
  readonly stride: number;
  /** 0: as it is; 1: made one long; 2: lifted to one length. */
  readonly transform: number;
  readonly inverseStep: number;
  readonly inputScale: number;
  readonly beta: number;
  readonly ceiling: number;
  readonly mean: Float32Array;
  readonly matrix: Int16Array;
}

/** constant − 2 Σ query · row, where a row's last four bytes are the constant. Lower is closer. */
export function keyOf(row: Uint8Array, query: Uint8Array): number {
  const codes = new Int8Array(row.buffer, row.byteOffset, row.length - 4);
  const constant = new DataView(row.buffer, row.byteOffset).getInt32(row.length - 4, true);
  return constant - 2 * codes.reduce((sum, code, i) => sum + code * query[i]!, 0);
}

/** A row's code as a query, and the number that makes its keys squared distances. */
export function rowAsQuery(row: Uint8Array): { query: Uint8Array; norm: number } {
  const codes = new Int8Array(row.buffer, row.byteOffset, row.length - 4);
  const constant = new DataView(row.buffer, row.byteOffset).getInt32(row.length - 4, true);
  const query = new Uint8Array(row.length);
  codes.forEach((code, i) => (query[i] = code + 64));
  return { query, norm: constant - 128 * codes.reduce((sum, code) => sum + code, 0) };
}

/** The code row of a vector; `bias`: what of its constant stands for the energy outside; `error`: √Σ (y − code)². */
export function encodeRow(codec: CodecNumbers, vector: Float32Array): { row: Uint8Array; bias: number; error: number } {
  let factor = 1;
  let lift = 0;
  if (codec.transform === 1) {
    const squares = squaredLength(vector);
    factor = squares > 0 ? 1 / Math.sqrt(squares) : 0;
  } else if (codec.transform === 2) {
    lift = Math.sqrt(Math.max(0, codec.ceiling * codec.ceiling - squaredLength(vector)));
  }
  const { y, outside, inside } = project(codec, vector, factor, lift);
  const { codes, error } = quantize(y, 1);
  const row = new Uint8Array(codec.stride);
  row.set(new Uint8Array(codes.buffer));
  const energy = Math.max(0, fround(outside - inside));
  const bias = roundEven(Math.min(2 ** 28, fround(codec.beta * energy)));
  const constant = codes.reduce((sum, code) => sum + code * code + 128 * code, bias);
  new DataView(row.buffer).setInt32(codec.stride - 4, constant, true);
  return { row, bias, error: fround(Math.sqrt(error)) };
}

/** The code of a query, + 64; `shrink`: by how much it was drawn towards the mean to fit. */
export function encodeQuery(codec: CodecNumbers, vector: Float32Array): { query: Uint8Array; shrink: number } {
  let factor = 1;
  if (codec.transform !== 0) {
    const squares = squaredLength(vector);
    factor = squares > 0 ? (codec.transform === 2 ? codec.ceiling : 1) / Math.sqrt(squares) : 0;
  }
  const { y, inside } = project(codec, vector, factor, 0);
  let shrink = 1;
  let { codes, error } = quantize(y, 1);
  const most = y.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
  if (error > fround(fround(0.01) * inside) && most > 63.5) {
    shrink = fround(63 / most);
    ({ codes, error } = quantize(y, shrink));
  }
  const query = new Uint8Array(codec.stride);
  codes.forEach((code, i) => (query[i] = code + 64));
  return { query, shrink };
}

/** Σ x² in float64, in the order of two lanes. */
function squaredLength(x: Float32Array): number {
  let [even, odd] = [0, 0];
  let i = 0;
  for (; i + 4 <= x.length; i += 4) {
    even += x[i]! * x[i]! + x[i + 2]! * x[i + 2]!;
    odd += x[i + 1]! * x[i + 1]! + x[i + 3]! * x[i + 3]!;
  }
  let sum = even + odd;
  for (; i < x.length; i++) sum += x[i]! * x[i]!;
  return sum;
}

function project(codec: CodecNumbers, x: Float32Array, factor: number, lift: number) {
  const { dim, width, codes, mean, matrix } = codec;
  const scale = fround(Math.min(1e37, factor * codec.inverseStep));
  const lifted = fround(lift * codec.inverseStep);
  const centered = Float32Array.from({ length: width }, (_, i) =>
    fround((i < dim ? fround(x[i]! * scale) : i === dim ? lifted : 0) - mean[i]!),
  );
  let inputScale = codec.inputScale;
  let outside = squaresInLanes(centered, dim & ~7);
  const squares = outside < 1e37 ? outside : centered.reduce((sum, value) => sum + value * value, 0);
  const largest = centered.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  if (Math.sqrt(squares) * inputScale > 65000 || largest * inputScale > 32700) {
    inputScale = fround(32000 / Math.sqrt(squares));
  }
  outside = fround(Math.min(squares, 3e38));
  const integers = Int16Array.from(centered, (value) =>
    Math.max(-32768, Math.min(32767, roundEven(fround(value * inputScale)))),
  );
  const outputScale = fround(1 / (16384 * inputScale));
  const y = Float32Array.from({ length: codes }, (_, j) => {
    let sum = 0;
    for (let i = 0; i < width; i++) sum += matrix[j * width + i]! * integers[i]!;
    return fround(fround(sum) * outputScale);
  });
  return { y, outside, inside: inLanes(y, (value) => fround(value * value)) };
}

/** Σ of float32 terms by lanes of four, the lanes added pairwise at the end. */
function inLanes(values: Float32Array, term: (value: number) => number): number {
  const lanes = [0, 0, 0, 0];
  values.forEach((value, i) => (lanes[i % 4] = fround(lanes[i % 4]! + term(value))));
  return fround(fround(lanes[0]! + lanes[1]!) + fround(lanes[2]! + lanes[3]!));
}

/** Σ of squares as `toIntegers` adds them: eight at a time, the rest one by one. */
function squaresInLanes(values: Float32Array, whole: number): number {
  const square = (i: number) => fround(values[i]! * values[i]!);
  const lanes = [0, 0, 0, 0];
  for (let i = 0; i < whole; i += 8) {
    for (let l = 0; l < 4; l++) lanes[l] = fround(lanes[l]! + fround(square(i + l) + square(i + 4 + l)));
  }
  let sum = fround(fround(lanes[0]! + lanes[1]!) + fround(lanes[2]! + lanes[3]!));
  for (let i = whole; i < values.length; i++) sum = fround(sum + square(i));
  return sum;
}

function quantize(y: Float32Array, factor: number): { codes: Int8Array; error: number } {
  const codes = new Int8Array(y.length);
  const errors = new Float32Array(y.length);
  y.forEach((value, j) => {
    const scaled = fround(value * factor);
    codes[j] = Math.max(-64, Math.min(63, roundEven(scaled)));
    errors[j] = fround(scaled - codes[j]);
  });
  return { codes, error: inLanes(errors, (value) => fround(value * value)) };
}

/** To the nearest whole number, halves to the even one. */
function roundEven(value: number): number {
  const rounded = Math.round(value);
  return rounded - value === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}
