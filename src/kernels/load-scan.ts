/**
 * Scans one can call: the search module's over a memory, or their reference where WebAssembly may not run.
 *
 * As with the other kernels, arrays handed in must be views of that memory. The search module has no data of its own, so it may
 * run over a memory that other kernels use as well.
 */
import { instantiate } from "./load.ts";
import type { SearchVariant } from "./load-search.ts";
import { searchModuleIfAllowed } from "./load-search.ts";
import * as codes from "./reference/scan-codes.ts";
import * as floats from "./reference/scan-floats.ts";

/** Scans over one memory. Each says more in ./reference. */
export interface Scans {
  /** "wasm", or "reference" where WebAssembly may not run. */
  readonly kind: "wasm" | "reference";
  readonly scanProducts: typeof floats.scanProducts;
  readonly scanSquares: typeof floats.scanSquares;
  readonly reach: typeof floats.reach;
  readonly firstReaching: typeof floats.firstReaching;
  readonly packQueries: typeof floats.packQueries;
  readonly batchProducts: typeof floats.batchProducts;
  readonly scoreRows: typeof floats.scoreRows;
  readonly scanCodes: typeof codes.scanCodes;
  readonly scanCodesBatch: typeof codes.scanCodesBatch;
  readonly listKeys: typeof codes.listKeys;
  readonly scanBits: typeof codes.scanBits;
  readonly unpackCodes: typeof codes.unpackCodes;
}

export interface ScanOptions {
  /** Which variant of the module; by default what the engine can, or the reference. */
  readonly variant?: SearchVariant | "reference";
  readonly shared?: boolean;
}

/** Opens scans over a memory. `spill` is 64 bytes of it that belong to these scans alone, aligned to 64. */
export function openScans(memory: WebAssembly.Memory, spill: Uint8Array, options: ScanOptions = {}): Scans {
  const { variant, shared = false } = options;
  const module = variant === "reference" ? undefined : searchModuleIfAllowed(shared, variant);
  if (!module) return { kind: "reference", ...floats, ...codes };
  const raw = instantiate(module, memory);
  raw.openScratch!(spill.byteOffset);
  const at = (view: ArrayBufferView | undefined): number => {
    if (!view) return 0;
    if (view.buffer !== memory.buffer)
      throw new RangeError("Kernels work on views of their own memory, got a foreign array.");
    return view.byteOffset;
  };
  return {
    kind: "wasm",
    scanProducts: (query, rows, ids, out) =>
      void raw.scanProducts!(at(query), at(rows), at(ids), at(out), query.length, out.length),
    scanSquares: (query, rows, ids, out) =>
      void raw.scanSquares!(at(query), at(rows), at(ids), at(out), query.length, out.length),
    reach(values, weights, ids, { weigh, factor, slack, curve, base }) {
      raw.reach!(at(values), values.length, at(weights), at(ids), weigh ? 1 : 0, factor, slack, curve, base);
    },
    firstReaching: (values, bar, from) => raw.firstReaching!(at(values), values.length, bar, from),
    packQueries: (queries, dim, out) => void raw.packQueries!(at(queries), queries.length / dim, dim, at(out)),
    batchProducts: (packed, rows, count, out, stride) =>
      void raw.batchProducts!(at(packed), at(rows), at(out), stride, packed.length / 8, count),
    scoreRows(metric, query, querySquares, rows, squares, ids, out, work) {
      const [q, x, xx, chosen] = [at(query), at(rows), at(squares), at(ids)];
      raw.scoreRows!(metric, q, querySquares, x, xx, query.length, chosen, ids.length, at(out), at(work));
    },
    scanCodes(query, codes, { first, end, bitmap }, keys, top) {
      const [entries, capacity] = [at(top.entries), top.entries.length];
      top.size = raw.scanCodes!(at(query), at(codes), query.length, first, end, at(bitmap), at(keys), entries, top.size, capacity); // prettier-ignore
    },
    scanCodesBatch(queries, stride, codes, { first, end, bitmap }, tops, sizes) {
      const count = queries.length / stride;
      raw.scanCodesBatch!(at(queries), count, at(codes), stride, first, end, at(bitmap), at(tops), at(sizes), tops.length / count); // prettier-ignore
    },
    listKeys: (keys, biases, { first, end, bitmap }, limit, out) =>
      raw.listKeys!(at(keys), at(biases), first, end, at(bitmap), limit, at(out)),
    unpackCodes: (packed, constants, stride, out) =>
      void raw.unpackCodes!(at(packed), at(constants), constants.length, stride, at(out)),
    scanBits(query, codes, { first, end, bitmap }, top) {
      const [entries, capacity] = [at(top.entries), top.entries.length];
      top.size = raw.scanBits!(at(query), at(codes), query.length, first, end, at(bitmap), entries, top.size, capacity);
    },
  };
}
