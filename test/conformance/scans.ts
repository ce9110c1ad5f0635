/**
 * What every set of scans must do: give what the plain reference gives.
 *
 * Whole numbers and single operations to the bit; sums of products within the rounding of their operations, as for the
 * other kernels (kernels.ts).
 */
import { Rng, bytes, doubles, floats, integers, openWorkspace, words } from "../../src/core/index.ts";
import type { Layout, Part, Views } from "../../src/core/index.ts";
import { type ScanOptions, type Scans, openScans } from "../../src/kernels/index.ts";
import { cosine, dot, euclidean } from "../../src/math/index.ts";
import { type Case, expectNear, expectSame, expectSameNumbers } from "./case.ts";

const U = 2 ** -24;
const TINY = 2 ** -149;
const DIMS = [1, 3, 4, 5, 15, 16, 17, 33, 100, 129];

/** The cases that every variant must pass. */
export function scanCases(options: ScanOptions): Case[] {
  const kind = options.variant === "reference" ? "reference" : "wasm";
  const open: Open = (layout) => openSpace(layout, options);
  return [
    { name: "the kind that was asked for runs", run: () => expectSame(open({}).scans.kind, kind, "kind") },
    {
      name: "scanProducts and scanSquares give the reference's sums, in a row and for chosen rows",
      run: () => sums(open),
    },
    { name: "batchProducts gives the products of each query with each row", run: () => batches(open) },
    {
      name: "reach and firstReaching give the reference's bits, NaN and infinities included",
      run: () => reaches(open),
    },
    { name: "scoreRows gives the bits of math, and of the reference", run: () => scores(open) },
    {
      name: "scanCodes keeps the best keys of the rows that may answer, equal keys in the order of rows",
      run: () => codes(open),
    },
    { name: "scanCodesBatch keeps for each query what scanCodes keeps", run: () => codeBatches(open) },
    { name: "unpackCodes gives the codes of 4-bit rows", run: () => unpacks(open) },
    { name: "scanBits keeps the rows that differ in the fewest bits", run: () => bits(open) },
  ];
}

/** The scans that the cases above hold to their reference. */
export const COVERED: readonly (keyof Scans)[] = [
  "scanProducts",
  "scanSquares",
  "batchProducts",
  "packQueries",
  "reach",
  "firstReaching",
  "scoreRows",
  "scanCodes",
  "listKeys",
  "scanCodesBatch",
  "scanBits",
  "unpackCodes",
];

type Open = <L extends Layout>(layout: L) => Views<L> & { readonly scans: Scans; readonly oracle: Scans };

/** A top of 64-bit entries. */
const longs = (count: number): Part<BigInt64Array> => ({
  bytes: 8 * count,
  view: (buffer, offset) => new BigInt64Array(buffer as ArrayBuffer, offset, count),
});

function openSpace<L extends Layout>(layout: L, options: ScanOptions): ReturnType<Open> & Views<L> {
  const space = openWorkspace({ ...layout, spill: bytes(64) }, { shared: options.shared ?? false });
  const { spill, memory } = space as { spill: Uint8Array; memory: WebAssembly.Memory };
  const scans = openScans(memory, spill, options);
  return { ...(space as Views<L>), scans, oracle: openScans(memory, spill, { variant: "reference" }) };
}

function fill(rng: Rng, ...arrays: Float32Array[]): void {
  for (const array of arrays)
    for (let i = 0; i < array.length; i++) array[i] = (2 * rng.next() - 1) * 2 ** (rng.nextBelow(20) - 10);
}

function sums(open: Open): void {
  const rng = new Rng(1);
  for (const dim of DIMS) {
    for (const count of [0, 1, 4, 7]) {
      const space = open({
        query: floats(dim + 1),
        rows: floats(dim * count + 1),
        ids: words(count),
        out: floats(count),
      });
      const [query, rows] = [space.query, space.rows].map((view) => view.subarray(1)) as [Float32Array, Float32Array];
      const out: Float32Array = space.out;
      fill(rng, query, rows);
      const ids = space.ids.map(() => rng.nextBelow(count));
      space.ids.set(ids);
      for (const chosen of [undefined, space.ids]) {
        for (const name of ["scanProducts", "scanSquares"] as const) {
          const expected = new Float32Array(count);
          space.oracle[name](query, rows, chosen, expected);
          space.scans[name](query, rows, chosen, out);
          for (let r = 0; r < count; r++) {
            let size = 0;
            for (let i = 0; i < dim; i++) {
              const x = rows[(chosen ? ids[r]! : r) * dim + i]!;
              size += name === "scanProducts" ? Math.abs(query[i]! * x) : (query[i]! - x) ** 2;
            }
            expectNear(out[r]!, expected[r]!, (dim + 4) * (U * size + TINY), `${name}, dim ${dim}, row ${r}`);
          }
        }
      }
    }
  }
}

function batches(open: Open): void {
  const rng = new Rng(2);
  for (const dim of DIMS) {
    for (const [queries, count] of [
      [8, 9],
      [3, 4],
      [1, 2],
    ] as const) {
      // prettier-ignore
      const stride = count + 3;
      const space = open({ queries: floats(queries * dim), packed: floats(8 * dim), rows: floats(count * dim), out: floats(8 * stride) }); // prettier-ignore
      const [asked, packed, rows, out]: Float32Array[] = [space.queries, space.packed, space.rows, space.out];
      fill(rng, asked!, rows!);
      const [expected, expectedPacked] = [new Float32Array(8 * stride), new Float32Array(8 * dim)];
      space.oracle.packQueries(asked!, dim, expectedPacked);
      space.scans.packQueries(asked!, dim, packed!);
      expectSameNumbers(packed!, expectedPacked, "packed queries");
      space.oracle.batchProducts(packed!, rows!, count, expected, stride);
      space.scans.batchProducts(packed!, rows!, count, out!, stride);
      for (let j = 0; j < 8; j++) {
        for (let r = 0; r < stride; r++) {
          let size = 0;
          const filled = r < count ? dim : 0;
          for (let i = 0; i < filled; i++) size += Math.abs(packed![8 * i + j]! * rows![r * dim + i]!);
          expectNear(
            out![j * stride + r]!,
            expected[j * stride + r]!,
            (dim + 1) * (U * size + TINY),
            `dim ${dim}, query ${j}, row ${r}`,
          );
        }
      }
    }
  }
}

function reaches(open: Open): void {
  const rng = new Rng(3);
  const odd = [NaN, Infinity, -Infinity, 0, -0, 1e-45, 3e38];
  for (const length of [0, 1, 3, 4, 5, 19]) {
    const space = open({ values: floats(length), weights: floats(length), ids: words(length) });
    const [values, weights]: Float32Array[] = [space.values, space.weights];
    for (let round = 0; round < 8; round++) {
      for (const weigh of [true, false]) {
        for (const ids of [undefined, space.ids]) {
          fill(rng, values!, weights!);
          for (let i = 0; i < length; i++) {
            if (rng.nextBelow(5) === 0) values![i] = odd[rng.nextBelow(odd.length)]!;
            if (rng.nextBelow(5) === 0) weights![i] = odd[rng.nextBelow(odd.length)]!;
            if (ids) ids[i] = rng.nextBelow(length);
          }
          const expected = values!.slice();
          const by = {
            weigh,
            factor: rng.next() - 0.5,
            slack: rng.next(),
            curve: rng.nextBelow(2) * (rng.next() - 0.5),
            base: rng.next(),
          };
          space.oracle.reach(expected, weights!.slice(), ids, by);
          space.scans.reach(values!, weights!, ids, by);
          expectSameNumbers(values!, expected, `reach of ${length}`);
          for (const bar of [-1, 0, 0.5, values![0] ?? 0, Infinity, -Infinity]) {
            for (let from = 0; from <= length; from++) {
              const first = space.oracle.firstReaching(values!, bar, from);
              expectSame(space.scans.firstReaching(values!, bar, from), first, `firstReaching ${bar} from ${from}`);
            }
          }
        }
      }
    }
  }
}

function scores(open: Open): void {
  const rng = new Rng(8);
  const judges = [cosine, dot, (a: Float32Array, b: Float32Array) => 0 - euclidean(a, b)] as const;
  for (const dim of DIMS) {
    for (const count of [0, 1, 9, 10, 23]) {
      const space = open({ query: floats(dim), rows: floats(30 * dim), squares: doubles(30), ids: words(count), out: doubles(count), work: bytes(192) }); // prettier-ignore
      const { query, rows, squares, ids, out, work } = space;
      fill(rng, query, rows);
      rows.fill(0, 0, dim); // a row of zeros
      for (let r = 0; r < 30; r++) squares[r] = dot(rows.subarray(r * dim, (r + 1) * dim), rows.subarray(r * dim, (r + 1) * dim)); // prettier-ignore
      ids.forEach((_, i) => (ids[i] = rng.nextBelow(30)));
      for (const metric of [0, 1, 2] as const) {
        const [own, expected] = [dot(query, query), new Float64Array(count)];
        space.oracle.scoreRows(metric, query, own, rows, squares, ids, expected, work);
        space.scans.scoreRows(metric, query, own, rows, squares, ids, out, work);
        expectSameNumbers(out, expected, `metric ${metric}, dim ${dim}`);
        for (let i = 0; i < count; i++) {
          const row = rows.subarray(ids[i]! * dim, (ids[i]! + 1) * dim);
          expectSame(out[i], judges[metric](query, row), `metric ${metric}, dim ${dim}, row ${ids[i]}`);
        }
      }
    }
  }
}

const STRIDES = [64, 128, 192];
const ROWS = 200;

/** Codes over their whole range, few different ones so that keys are often equal, and the largest that there are. */
function fillCodes(rng: Rng, rows: Uint8Array, stride: number, extreme: boolean): void {
  const view = new DataView(rows.buffer, rows.byteOffset, rows.byteLength);
  for (let r = 0; r < rows.length; r += stride) {
    for (let i = 0; i < stride - 4; i++)
      view.setInt8(r + i, extreme ? (rng.nextBelow(2) ? -64 : 63) : rng.nextBelow(3) - 1);
    view.setInt32(r + stride - 4, rng.nextBelow(9) - 4, true);
  }
}

function fillQueries(rng: Rng, queries: Uint8Array, stride: number, extreme: boolean): void {
  for (let i = 0; i < queries.length; i++) {
    queries[i] = i % stride >= stride - 4 ? 0 : extreme ? (rng.nextBelow(2) ? 127 : 0) : 63 + rng.nextBelow(3);
  }
}

function codes(open: Open): void {
  const rng = new Rng(4);
  for (const stride of STRIDES) {
    for (const capacity of [1, 2, 7, 50, 300]) {
      const extreme = capacity === 7;
      const space = open({ query: bytes(stride), codes: bytes(ROWS * stride), bitmap: words(7), keys: integers(ROWS), biases: integers(ROWS), entries: longs(capacity), out: words(ROWS) }); // prettier-ignore
      const [query, rows]: Uint8Array[] = [space.query, space.codes];
      const [keys, biases]: Int32Array[] = [space.keys, space.biases];
      const bitmap: Uint32Array = space.bitmap;
      const entries: BigInt64Array = space.entries;
      const out: Uint32Array = space.out;
      fillQueries(rng, query!, stride, extreme);
      fillCodes(rng, rows!, stride, extreme);
      biases!.forEach((_, r) => (biases![r] = rng.nextBelow(50)));
      bitmap.forEach((_, w) => (bitmap[w] = w === 2 ? 0 : w === 3 ? 0xffffffff : rng.nextWord()));
      const [top, expected] = [
        { entries, size: 0 },
        { entries: new BigInt64Array(capacity), size: 0 },
      ];
      const expectedKeys = keys!.slice();
      // In two pieces: the second goes on with what the first kept.
      for (const [first, end] of [
        [0, 68],
        [68, ROWS],
      ] as const) {
        // prettier-ignore
        const range = { first, end, bitmap };
        space.oracle.scanCodes(query!, rows!, range, expectedKeys, expected);
        space.scans.scanCodes(query!, rows!, range, keys, top);
      }
      expectSame(top.size, expected.size, "size of the top");
      expectSame(
        [...entries].map(String),
        [...expected.entries].map(String),
        `the best ${capacity} of stride ${stride}`,
      );
      for (let r = 0; r < ROWS; r++) {
        if ((bitmap[r >>> 5]! >>> (r & 31)) & 1) expectSame(keys![r], expectedKeys[r], `key ${r}`);
      }
      for (const bias of [undefined, biases!]) {
        for (const limit of [-(2 ** 31), expectedKeys[100]!, 0, 2 ** 31 - 1]) {
          const range = { first: 32, end: 196, bitmap };
          const list = new Uint32Array(ROWS);
          const count = space.oracle.listKeys(keys!, bias, range, limit, list);
          expectSame(space.scans.listKeys(keys!, bias, range, limit, out), count, `how many at most ${limit}`);
          expectSameNumbers(out.subarray(0, count), list.subarray(0, count), `rows at most ${limit}`);
        }
      }
    }
  }
}

function codeBatches(open: Open): void {
  const rng = new Rng(5);
  for (const stride of STRIDES) {
    for (const count of [1, 5]) {
      const space = open({ queries: bytes(count * stride), codes: bytes(ROWS * stride), bitmap: words(7), tops: longs(count * 9), sizes: integers(count) }); // prettier-ignore
      const [queries, rows]: Uint8Array[] = [space.queries, space.codes];
      const [bitmap, tops, sizes] = [space.bitmap, space.tops, space.sizes];
      fillQueries(rng, queries!, stride, false);
      fillCodes(rng, rows!, stride, false);
      bitmap.forEach((_, w) => (bitmap[w] = rng.nextWord() | rng.nextWord()));
      const [expected, expectedSizes] = [tops.slice(), sizes.slice()];
      const range = { first: 0, end: ROWS, bitmap };
      space.oracle.scanCodesBatch(queries!, stride, rows!, range, expected, expectedSizes);
      space.scans.scanCodesBatch(queries!, stride, rows!, range, tops, sizes);
      expectSameNumbers(sizes, expectedSizes, "sizes");
      expectSame([...tops].map(String), [...expected].map(String), `${count} queries of stride ${stride}`);
    }
  }
}

function unpacks(open: Open): void {
  const rng = new Rng(7);
  for (const stride of STRIDES) {
    const { packed, constants, out, scans, oracle } = open({ packed: bytes(4 * stride), constants: integers(8), out: bytes(8 * stride) }); // prettier-ignore
    packed.forEach((_, i) => (packed[i] = rng.nextBelow(256)));
    constants.forEach((_, i) => (constants[i] = rng.nextWord()));
    const expected = new Uint8Array(8 * stride);
    oracle.unpackCodes(packed, constants, stride, expected);
    scans.unpackCodes(packed, constants, stride, out);
    expectSameNumbers(out, expected, `stride ${stride}`);
  }
}

function bits(open: Open): void {
  const rng = new Rng(6);
  for (const stride of [16, 48, 496]) {
    const space = open({ query: bytes(stride), codes: bytes(ROWS * stride), bitmap: words(7), entries: longs(20) });
    const [query, rows]: Uint8Array[] = [space.query, space.codes];
    const bitmap: Uint32Array = space.bitmap;
    query!.forEach((_, i) => (query![i] = rng.nextBelow(256)));
    // The last rows differ in every bit: the most that the kernel's sums must hold.
    rows!.forEach((_, i) => (rows![i] = i >= 150 * stride ? ~query![i % stride]! : rng.nextBelow(256)));
    bitmap.fill(0xffffffff);
    for (const first of [0, 160]) {
      const [top, expected] = [
        { entries: space.entries, size: 0 },
        { entries: new BigInt64Array(20), size: 0 },
      ];
      space.oracle.scanBits(query!, rows!, { first, end: ROWS, bitmap }, expected);
      space.scans.scanBits(query!, rows!, { first, end: ROWS, bitmap }, top);
      expectSame(top.entries.join(), expected.entries.join(), `stride ${stride} from ${first}`);
    }
  }
}
