/**
 * From bytes to kernels one can call.
 *
 * The compiled module is some kilobytes of base64 inside the package, so that one entry point works in
 * Node, in every bundler and offline. A module that imports shared memory refuses a plain one, so there are
 * two of it, made of the same code. Where WebAssembly may not run (a strict Content-Security-Policy), the reference
 * kernels serve: slower, and right.
 */
import { kernelCode, memoryKindAt } from "./generated/kernels.ts";
import * as reference from "./reference/index.ts";

/** The kernels of one memory. Arrays handed to them must be views of that memory. */
export interface Kernels {
  /** "wasm", or "reference" where WebAssembly may not run. */
  readonly kind: "wasm" | "reference";
  /** out[r] = query · rows[r] */
  dots(query: Float32Array, rows: Float32Array, out: Float32Array): void;
  /** out[k] = query · rows[ids[k]] */
  dotsAt(query: Float32Array, rows: Float32Array, ids: Uint32Array, out: Float32Array): void;
  /** out[r] = ‖query − rows[r]‖² */
  squaredDistances(query: Float32Array, rows: Float32Array, out: Float32Array): void;
  /** target += factor · source */
  addScaled(target: Float32Array, source: Float32Array, factor: number): void;
  /** Rows of length one, in place; zeros stay. */
  normalizeRows(rows: Float32Array, dim: number): void;
  /** out[i] = base + Σₖ weights[k] · rows[ids[k]][i]; rows are as long as `out`. */
  combineRows(rows: Float32Array, ids: Uint32Array, weights: Float32Array, base: number, out: Float32Array): void;
  /** 3CosMul: products of closenesses to the first `positives` ids, divided by those to the others. */
  quotientRows: typeof reference.quotientRows;
  /** The first place from `from` on with a number above `bar`, or the length. */
  firstAbove(values: Float32Array, bar: number, from: number): number;
  /** GloVe: counts pairs of words into an ordered table; returns where it stopped. */
  countPairs: typeof reference.countPairs;
  /** GloVe: fits rows to a run of pairs; returns the sum of their losses. */
  fitPairs: typeof reference.fitPairs;
}

/** The functions of the compiled module, which speak in byte offsets. */
export type KernelExports = Record<string, (...numbers: number[]) => number> & {
  readonly __heap_base: WebAssembly.Global;
};

// Compiling takes milliseconds, and the module is the same for everyone: the one cache of the library.
const compiled: { plain?: WebAssembly.Module; shared?: WebAssembly.Module } = {};

/** The compiled module for plain or shared memory; throws where WebAssembly may not run. */
export function kernelModule(shared: boolean): WebAssembly.Module {
  const kind = shared ? "shared" : "plain";
  return (compiled[kind] ??= new WebAssembly.Module(moduleBytes(kernelCode, memoryKindAt, shared)));
}

/** The compiled code says "shared memory" in one byte; that byte is all by which the code for plain memory differs. */
export function moduleBytes(base64: string, kindAt: number, shared: boolean): Uint8Array<ArrayBuffer> {
  const code = fromBase64(base64);
  if (!shared) code[kindAt] = 1;
  return code;
}

/** The module, or undefined where WebAssembly may not run. */
export function kernelModuleIfAllowed(shared: boolean): WebAssembly.Module | undefined {
  return ifAllowed(() => kernelModule(shared));
}

/** What `compile` returns, or undefined where WebAssembly may not run. */
export function ifAllowed(compile: () => WebAssembly.Module): WebAssembly.Module | undefined {
  try {
    return compile();
  } catch (error) {
    // A policy that forbids WebAssembly answers with a CompileError; anything else is a defect of ours.
    if (typeof WebAssembly === "undefined" || error instanceof WebAssembly.CompileError) return undefined;
    throw error;
  }
}

/** An instance of a compiled module over a memory, with the raw functions. */
export function instantiate(module: WebAssembly.Module, memory: WebAssembly.Memory): KernelExports {
  return new WebAssembly.Instance(module, { env: { memory } }).exports as KernelExports;
}

/** Kernels over a memory: an instance of the module, or the reference. */
export function openKernels(module: WebAssembly.Module | undefined, memory: WebAssembly.Memory): Kernels {
  if (!module) return { kind: "reference", ...reference };
  const raw = instantiate(module, memory);
  const at = (view: Float32Array | Float64Array | Uint32Array | Int32Array): number => {
    // The buffer of a shared memory may come as a new object each time, but views of it agree on the memory's.
    if (view.buffer !== memory.buffer)
      throw new RangeError("Kernels work on views of their own memory, got a foreign array.");
    return view.byteOffset;
  };
  return {
    kind: "wasm",
    dots: (query, rows, out) => void raw.dots!(at(query), at(rows), at(out), query.length, out.length),
    dotsAt: (query, rows, ids, out) =>
      void raw.dotsAt!(at(query), at(rows), at(ids), at(out), query.length, out.length),
    squaredDistances: (query, rows, out) =>
      void raw.squaredDistances!(at(query), at(rows), at(out), query.length, out.length),
    addScaled: (target, source, factor) => void raw.addScaled!(at(target), at(source), factor, target.length),
    normalizeRows: (rows, dim) => void raw.normalizeRows!(at(rows), dim, rows.length / dim),
    combineRows: (rows, ids, weights, base, out) =>
      void raw.combineRows!(at(rows), at(ids), at(weights), ids.length, base, at(out), out.length),
    quotientRows(rows, ids, positives, { above, below, epsilon }, out) {
      raw.quotientRows!(at(rows), at(ids), positives, ids.length, above, below, epsilon, at(out), out.length);
    },
    firstAbove: (values, bar, from) => raw.firstAbove!(at(values), values.length, bar, from),
    countPairs: (ids, from, to, weights, strips, key, table, bits, limit, state) => {
      const [window, slots] = [weights.length - 1, table.length / 2];
      return raw.countPairs!(
        at(ids),
        from,
        to,
        at(weights),
        window,
        strips,
        key,
        at(table),
        bits,
        slots,
        limit,
        at(state),
      );
    },
    fitPairs: (pairs, words, contexts, vectors, mode, rate, clip) =>
      raw.fitPairs!(at(pairs), pairs.length / 3, at(words), at(contexts), vectors, mode, rate, clip),
  };
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}
