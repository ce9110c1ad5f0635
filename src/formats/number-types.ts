/**
 * Numbers as files store them, to and from float32.
 *
 * All are little-endian, as every machine that runs WebAssembly is. Reading goes piece by piece from a cursor straight
 * into the result, so that a file of float64 never lies in memory whole beside its float32.
 */
import type { Step } from "../core/index.ts";
import type { ByteCursor } from "./byte-cursor.ts";
import { fromBrain, fromHalf, toBrain, toHalf } from "./half.ts";
import type { Progress } from "./progress.ts";

/** The names of safetensors; npy's are mapped to them. */
export type NumberType =
  | "F64"
  | "F32"
  | "F16"
  | "BF16"
  | "I64"
  | "I32"
  | "I16"
  | "I8"
  | "U64"
  | "U32"
  | "U16"
  | "U8"
  | "BOOL";

interface Kind {
  readonly bytes: number;
  readonly read: (view: DataView, at: number) => number;
}

const KINDS: Record<NumberType, Kind> = {
  F64: { bytes: 8, read: (view, at) => view.getFloat64(at, true) },
  F32: { bytes: 4, read: (view, at) => view.getFloat32(at, true) },
  F16: { bytes: 2, read: (view, at) => fromHalf(view.getUint16(at, true)) },
  BF16: { bytes: 2, read: (view, at) => fromBrain(view.getUint16(at, true)) },
  I64: { bytes: 8, read: (view, at) => Number(view.getBigInt64(at, true)) },
  I32: { bytes: 4, read: (view, at) => view.getInt32(at, true) },
  I16: { bytes: 2, read: (view, at) => view.getInt16(at, true) },
  I8: { bytes: 1, read: (view, at) => view.getInt8(at) },
  U64: { bytes: 8, read: (view, at) => Number(view.getBigUint64(at, true)) },
  U32: { bytes: 4, read: (view, at) => view.getUint32(at, true) },
  U16: { bytes: 2, read: (view, at) => view.getUint16(at, true) },
  U8: { bytes: 1, read: (view, at) => view.getUint8(at) },
  BOOL: { bytes: 1, read: (view, at) => view.getUint8(at) },
};

/** Bytes a number, or undefined for a type that is none of ours. */
export function typeBytes(type: string): number | undefined {
  return Object.hasOwn(KINDS, type) ? KINDS[type as NumberType].bytes : undefined;
}

const BLOCK = 1 << 16;

/** Reads `count` numbers of a type as float32: I64 and F64 are rounded to nearest. */
export async function* readNumbers(
  cursor: ByteCursor,
  type: NumberType,
  count: number,
  what: string,
  progress: Progress,
): AsyncGenerator<Step, Float32Array<ArrayBuffer>, void> {
  const { bytes, read } = KINDS[type];
  cursor.checkLeft(count * bytes, what);
  if (type === "F32") return new Float32Array((yield* cursor.large(count * 4, what, progress)).buffer);
  const growing = cursor.left === Infinity;
  let out = new Float32Array(growing ? Math.min(count, BLOCK) : count);
  for (let done = 0; done < count;) {
    const block = Math.min(BLOCK, count - done);
    const view = await cursor.take(block * bytes, what);
    if (done + block > out.length) {
      const larger = new Float32Array(Math.min(count, Math.max(out.length * 2, done + block)));
      larger.set(out);
      out = larger;
    }
    for (let i = 0; i < block; i++) out[done + i] = read(view, i * bytes);
    done += block;
    const step = progress.due(cursor.position);
    if (step) yield step;
  }
  return out;
}

/** The same into float64, which holds counts up to 2⁵³ exactly. For short arrays. */
export async function readDoubles(
  cursor: ByteCursor,
  type: NumberType,
  count: number,
  what: string,
): Promise<Float64Array> {
  const { bytes, read } = KINDS[type];
  cursor.checkLeft(count * bytes, what);
  const out: Float64Array[] = [];
  for (let done = 0; done < count;) {
    const block = Math.min(BLOCK, count - done);
    const view = await cursor.take(block * bytes, what);
    out.push(Float64Array.from({ length: block }, (_, i) => read(view, i * bytes)));
    done += block;
  }
  if (out.length === 1) return out[0]!;
  const whole = new Float64Array(count);
  out.forEach((part, i) => whole.set(part, i * BLOCK));
  return whole;
}

/** Float32 as the bytes of another float type, in pieces; F32 is a view, not a copy. Narrowing rounds to nearest even. */
export function* floatPieces(data: Float32Array, type: "F64" | "F32" | "F16" | "BF16"): Generator<Uint8Array> {
  if (type === "F32") {
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    for (let at = 0; at < bytes.length; at += SLICE) yield bytes.subarray(at, at + SLICE);
    return;
  }
  const narrow = type === "F16" ? toHalf : toBrain;
  for (let at = 0; at < data.length; at += BLOCK) {
    const block = data.subarray(at, at + BLOCK);
    const numbers = type === "F64" ? Float64Array.from(block) : Uint16Array.from(block, narrow);
    yield new Uint8Array(numbers.buffer);
  }
}

const SLICE = 1 << 22;
