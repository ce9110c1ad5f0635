/**
 * What every set of kernels must do: give what the plain reference gives.
 *
 * Run over plain memory, shared memory and the reference itself, in Node and in browsers. Where kernel and reference
 * do the same operations in the same order they agree to the bit; where they add in another order the tolerance
 * follows from the rounding of each operation (u = 2⁻²⁴ of float32, and 2⁻¹⁴⁹ where a product underflows).
 */
import { Rng, floats, openWorkspace, words, type Layout, type Workspace } from "../../src/core/index.ts";
import { instantiate, kernelModuleIfAllowed, openKernels, reference, type Kernels } from "../../src/kernels/index.ts";
import { type Case, expectNear, expectSame, expectSameNumbers } from "./case.ts";

export interface KernelVariant {
  readonly memory: "plain" | "shared";
  /** "wasm", or the reference that serves where WebAssembly may not run. */
  readonly kind: Kernels["kind"];
}

const U = 2 ** -24;
const TINY = 2 ** -149;

/** Odd and even widths, below, at and above every block of the kernels, and two real ones. */
const DIMS = [1, 2, 3, 4, 5, 7, 8, 15, 16, 17, 31, 33, 100, 300];
const COUNTS = [0, 1, 5];

/** Numbers that make sums go wrong if anything can: ordinary, of all sizes, denormal, mostly zero, equal. */
const FILLS: Readonly<Record<string, (rng: Rng) => number>> = {
  "ordinary numbers": (rng) => 2 * rng.next() - 1,
  "numbers of all sizes": (rng) => (2 * rng.next() - 1) * 2 ** (rng.nextBelow(80) - 40),
  "denormal numbers": (rng) => (2 * rng.next() - 1) * 2 ** (-126 - rng.nextBelow(24)),
  "mostly zeros": (rng) => (rng.nextBelow(4) > 0 ? 0 : rng.next()),
  "one number": () => 0.1,
};

/** The cases that every variant must pass. */
export function kernelCases(variant: KernelVariant): Case[] {
  return [
    ...Object.entries(FILLS).flatMap(([fill, draw]) => tableOf(variant, fill, draw)),
    {
      name: "rows of zeros stay zeros when normalized, and no row becomes NaN",
      run: () => normalizesExtremes(variant),
    },
    { name: "combineRows, quotientRows and firstAbove give the reference's bits", run: () => combines(variant) },
    ...(variant.kind === "wasm" ? elementaryCases(variant) : []),
  ];
}

/** The kernels that the cases above hold to their reference. */
export const COVERED: readonly (keyof Kernels)[] = [
  "dots",
  "dotsAt",
  "squaredDistances",
  "addScaled",
  "normalizeRows",
  "combineRows",
  "quotientRows",
  "firstAbove",
];

interface Operands {
  readonly dim: number;
  readonly count: number;
  readonly query: Float32Array;
  readonly rows: Float32Array;
  readonly ids: Uint32Array;
  readonly out: Float32Array;
  readonly kernels: Kernels;
}

/** name → what it must give on given operands. */
const TABLE: Readonly<Record<string, (operands: Operands) => void>> = {
  dots({ dim, count, query, rows, out, kernels }) {
    const expected = new Float32Array(count);
    reference.dots(query, rows, expected);
    kernels.dots(query, rows, out);
    for (let r = 0; r < count; r++)
      expectNear(out[r]!, expected[r]!, productTolerance(query, rows, r * dim), `dim ${dim}, row ${r}`);
  },
  dotsAt({ dim, count, query, rows, ids, out, kernels }) {
    const expected = new Float32Array(count);
    reference.dotsAt(query, rows, ids, expected);
    kernels.dotsAt(query, rows, ids, out);
    for (let k = 0; k < count; k++)
      expectNear(out[k]!, expected[k]!, productTolerance(query, rows, ids[k]! * dim), `dim ${dim}, id ${ids[k]}`);
  },
  squaredDistances({ dim, count, query, rows, out, kernels }) {
    const expected = new Float32Array(count);
    reference.squaredDistances(query, rows, expected);
    kernels.squaredDistances(query, rows, out);
    for (let r = 0; r < count; r++) {
      let sum = 0;
      for (let i = 0; i < dim; i++) sum += (query[i]! - rows[r * dim + i]!) ** 2;
      // One rounding of the difference counts twice in its square, then the square's, the additions' and the oracle's.
      expectNear(out[r]!, expected[r]!, (dim + 4) * (U * sum + TINY), `dim ${dim}, row ${r}`);
    }
  },
  addScaled({ dim, query, rows, kernels }) {
    if (rows.length === 0) return;
    const source = rows.subarray(0, dim);
    for (const factor of [0, 1, -0.3, 1e-20, 1e20]) {
      const expected = query.slice();
      reference.addScaled(expected, source.slice(), factor);
      kernels.addScaled(query, source, factor);
      expectSameNumbers(query, expected, `dim ${dim}, factor ${factor}`);
    }
  },
  normalizeRows({ dim, rows, kernels }) {
    const expected = rows.slice();
    reference.normalizeRows(expected, dim);
    kernels.normalizeRows(rows, dim);
    // Lengths are float64 on both sides, so each side rounds nearly the same number once.
    rows.forEach((x, i) =>
      expectNear(x, expected[i]!, 2 * U * Math.abs(expected[i]!) + TINY, `dim ${dim}, number ${i}`),
    );
  },
};

/** (dim + 1)(u Σ|qᵢrᵢ| + 2⁻¹⁴⁹): one rounding a product, one an addition, one for the oracle's own result. */
function productTolerance(query: Float32Array, rows: Float32Array, start: number): number {
  let sum = 0;
  for (let i = 0; i < query.length; i++) sum += Math.abs(query[i]! * rows[start + i]!);
  return (query.length + 1) * (U * sum + TINY);
}

function tableOf(variant: KernelVariant, fill: string, draw: (rng: Rng) => number): Case[] {
  return Object.entries(TABLE).map(([name, check]) => ({
    name: `${name} gives what the reference gives for ${fill}, at every width and place`,
    run() {
      const rng = new Rng(7);
      for (const dim of DIMS) {
        for (const count of COUNTS) {
          // Kernels promise to need no alignment.
          for (const offset of [0, 1, 3]) check(operands(variant, dim, count, offset, rng, draw));
        }
      }
    },
  }));
}

function operands(
  variant: KernelVariant,
  dim: number,
  count: number,
  offset: number,
  rng: Rng,
  draw: (rng: Rng) => number,
): Operands {
  const layout = {
    query: floats(dim + offset),
    rows: floats(dim * count + offset),
    ids: words(count + offset),
    out: floats(count + offset),
  };
  const space = open(variant, layout);
  const [query, rows, out] = [space.query.subarray(offset), space.rows.subarray(offset), space.out.subarray(offset)];
  const ids = space.ids.subarray(offset);
  for (let i = 0; i < dim; i++) query[i] = draw(rng);
  for (let i = 0; i < rows.length; i++) rows[i] = draw(rng);
  for (let k = 0; k < count; k++) ids[k] = rng.nextBelow(count);
  return { dim, count, query, rows, ids, out, kernels: space.kernels };
}

function open<L extends Layout>(variant: KernelVariant, layout: L): Workspace<L> {
  const space = openWorkspace(layout, { shared: variant.memory === "shared" });
  if (variant.kind === "reference") return { ...space, kernels: openKernels(undefined, space.memory) };
  expectSame(space.kernels.kind, "wasm", "the kind of kernels");
  return space;
}

/** Lengths that float32 cannot hold: squares of 10⁻³⁰ vanish there, those of 10³⁰ are infinite. */
function normalizesExtremes(variant: KernelVariant): void {
  for (const dim of [3, 4, 19]) {
    for (const size of [0, 1e-45, 1e-30, 1e30, 3e38]) {
      const { rows, kernels } = open(variant, { rows: floats(2 * dim) });
      rows.fill(size);
      kernels.normalizeRows(rows, dim);
      const expected = size === 0 ? 0 : 1 / Math.sqrt(dim);
      for (const x of rows) expectNear(x, expected, 2 * U, `rows of ${size}, dim ${dim}`);
    }
  }
}

function combines(variant: KernelVariant): void {
  const rng = new Rng(11);
  for (const length of [1, 3, 4, 5, 16, 21]) {
    const { rows, ids, weights, out, kernels } = open(variant, {
      rows: floats(5 * length),
      ids: words(3),
      weights: floats(3),
      out: floats(length),
    });
    rows.forEach((_, i) => (rows[i] = 2 * rng.next() - 1));
    ids.set([4, 0, 4]);
    weights.set([1.5, -0.3, 0.7]);
    const expected = new Float32Array(length);
    kernels.combineRows(rows, ids, weights, 0.01, out);
    reference.combineRows(rows, ids, weights, 0.01, expected);
    expectSameNumbers(out, expected, `combineRows of ${length}`);
    for (const positives of [0, 1, 3]) {
      const bounds = { above: 1, below: 1, epsilon: 0.001 };
      kernels.quotientRows(rows, ids, positives, bounds, out);
      reference.quotientRows(rows, ids, positives, bounds, expected);
      expectSameNumbers(out, expected, `quotientRows of ${length} with ${positives} positives`);
    }
    for (let from = 0; from <= length; from++)
      for (const bar of [-2, 0, 0.5, 2])
        expectSame(
          kernels.firstAbove(out, bar, from),
          reference.firstAbove(out, bar, from),
          `firstAbove ${bar} from ${from}`,
        );
  }
}

/** Arguments at which each function changes its way, and every special value. */
const SPECIAL = [
  0,
  -0,
  1,
  -1,
  0.5,
  NaN,
  Infinity,
  -Infinity,
  5e-324,
  -5e-324,
  2.2250738585072014e-308,
  2.2250738585072009e-308,
  Number.MAX_VALUE,
  -Number.MAX_VALUE,
  709.782712893384,
  709.7827128933841,
  -745.1332191019411,
  -745.1332191019412,
  -708.4,
  693.5,
  -693.5,
  Math.SQRT2,
  Math.PI,
  Math.PI / 2,
  Math.PI / 4,
  1048576,
  1048576.0000000002,
  -1048576,
  1e22,
];

function elementaryCases({ memory }: KernelVariant): Case[] {
  const kernels = () => {
    const shared = memory === "shared";
    const space = openWorkspace({}, { shared });
    return instantiate(kernelModuleIfAllowed(shared)!, space.memory);
  };
  const { exp, log, sin, cos } = reference;
  const one = Object.entries({ exp, log, sin, cos }).map(([name, plain]) => ({
    name: `${name} gives the reference's bits, for special values, a sweep, and any bits at all`,
    run() {
      const kernel = kernels()[name]!;
      const check = (x: number) => expectSame(kernel(x), plain(x), `${name}(${x})`);
      SPECIAL.forEach(check);
      for (let x = -750; x <= 750; x += 0.0617) check(x);
      for (const x of anyBits(20_000)) check(x);
    },
  }));
  const pow = {
    name: "pow gives the reference's bits, for special values and any bits at all",
    run() {
      const { pow } = kernels();
      for (const x of SPECIAL) for (const y of SPECIAL) expectSame(pow!(x, y), reference.pow(x, y), `pow(${x}, ${y})`);
      const numbers = anyBits(20_000);
      for (let i = 1; i < numbers.length; i++) {
        const [x, y] = [Math.abs(numbers[i - 1]!), i % 2 === 0 ? numbers[i]! : (i % 400) / 100 - 2];
        expectSame(pow!(x, y), reference.pow(x, y), `pow(${x}, ${y})`);
      }
    },
  };
  return [...one, pow];
}

/** Numbers of random bits: all exponents, both signs, some NaN. */
function anyBits(count: number): Float64Array {
  const bits = new Uint32Array(2 * count);
  const rng = new Rng(23);
  for (let i = 0; i < bits.length; i++) bits[i] = rng.nextWord();
  return new Float64Array(bits.buffer);
}
