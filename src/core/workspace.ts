/**
 * One block of memory that plain code, kernels and other threads see alike.
 *
 * Its size is known when it opens and never grows: WebAssembly memory that grows takes every view away,
 * so what needs more room opens a larger one. Views are 64-byte aligned (a cache line, so that threads
 * do not share one by accident) and lie above the kernels' own data.
 */
import { instantiate, kernelModuleIfAllowed, openKernels, type Kernels } from "../kernels/index.ts";
import { LociError } from "./error.ts";

/** A named part of a workspace: what it holds and how many. */
export interface Part<T> {
  readonly bytes: number;
  readonly view: (buffer: ArrayBufferLike, offset: number) => T;
}

/** A part of so many float32. */
export const floats = (count: number): Part<Float32Array> => ({
  bytes: count * 4,
  view: (buffer, offset) => new Float32Array(buffer as ArrayBuffer, offset, count),
});
/** A part of so many float64. */
export const doubles = (count: number): Part<Float64Array> => ({
  bytes: count * 8,
  view: (buffer, offset) => new Float64Array(buffer as ArrayBuffer, offset, count),
});
/** A part of so many unsigned 32-bit integers: ids, offsets. */
export const words = (count: number): Part<Uint32Array> => ({
  bytes: count * 4,
  view: (buffer, offset) => new Uint32Array(buffer as ArrayBuffer, offset, count),
});
/** A part of so many signed 32-bit integers. */
export const integers = (count: number): Part<Int32Array> => ({
  bytes: count * 4,
  view: (buffer, offset) => new Int32Array(buffer as ArrayBuffer, offset, count),
});
/** A part of so many bytes. */
export const bytes = (count: number): Part<Uint8Array> => ({
  bytes: count,
  view: (buffer, offset) => new Uint8Array(buffer as ArrayBuffer, offset, count),
});

/** The parts of a workspace by name. */
export type Layout = Record<string, Part<unknown>>;
/** What a workspace shows of its layout: one typed array a part. */
export type Views<L extends Layout> = { readonly [N in keyof L]: L[N] extends Part<infer T> ? T : never };

/** The views of a layout, the memory they lie in, and kernels over it. */
export type Workspace<L extends Layout> = Views<L> & {
  readonly memory: WebAssembly.Memory;
  /** Kernels over this memory; the reference where WebAssembly may not run. */
  readonly kernels: Kernels;
  /** The compiled module, to be handed to workers; undefined where WebAssembly may not run. */
  readonly module: WebAssembly.Module | undefined;
};

const PAGE = 65536;
const MOST_PAGES = 65536; // 4 GiB: the reach of a 32-bit offset
const LINE = 64;

/** Opens a workspace with the parts of `layout`, filled with zeros. */
export function openWorkspace<L extends Layout>(
  layout: L,
  { shared = false }: { shared?: boolean } = {},
): Workspace<L> {
  const module = kernelModuleIfAllowed(shared);
  const base = heapBase(module, shared);
  const offsets: Record<string, number> = {};
  let end = base;
  for (const [name, part] of Object.entries(layout)) {
    offsets[name] = end;
    end += Math.ceil(part.bytes / LINE) * LINE;
  }
  const pages = Math.ceil(end / PAGE);
  const memory = openMemory(pages, shared, end);
  const views = Object.fromEntries(
    Object.entries(layout).map(([name, part]) => [name, part.view(memory.buffer, offsets[name]!)]),
  );
  return { ...(views as Views<L>), memory, kernels: openKernels(module, memory), module };
}

/** Where the kernels' static data ends. */
function heapBase(module: WebAssembly.Module | undefined, shared: boolean): number {
  if (!module) return LINE;
  const probe = new WebAssembly.Memory({ initial: 1, maximum: shared ? MOST_PAGES : 1, shared });
  const base = instantiate(module, probe).__heap_base.value as number;
  return Math.ceil(Math.max(base, LINE) / LINE) * LINE;
}

function openMemory(pages: number, shared: boolean, bytes: number): WebAssembly.Memory {
  const mebibytes = Math.ceil(bytes / 2 ** 20);
  if (pages > MOST_PAGES) {
    throw new LociError(
      "out-of-memory",
      `This needs ${mebibytes} MiB in one memory; WebAssembly has 4096 at most. Use a smaller dim, a higher minCount or fewer buckets.`,
    );
  }
  try {
    return new WebAssembly.Memory(
      shared ? { initial: pages, maximum: MOST_PAGES, shared } : { initial: pages, maximum: pages },
    );
  } catch (cause) {
    throw new LociError("out-of-memory", `The machine did not give ${mebibytes} MiB of memory.`, { cause });
  }
}
