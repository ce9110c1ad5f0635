/**
 * Exact search: a scan of float32 against the memory's speed, proven answers from codes, and questions by the hundred against
 * a bare matrix product on OpenBLAS.
 */
import { type TableRow, median, spread } from "../peers/table.ts";
import { graphPlans, title } from "./graph.ts";
import { type Outcome, type SearchPlaces, type VectorSet, lociSide, nativeSide } from "./sides.ts";

interface ExactPlan {
  readonly set: VectorSet;
  readonly rounds: number;
  readonly targets: { readonly certified: number; readonly estimated: number; readonly product?: number };
}

const setNamed = (name: string): VectorSet => graphPlans.find(({ set }) => set.name === name)!.set;

/** What the design asks for on each set. */
export const exactPlans: readonly ExactPlan[] = [
  { set: setNamed("mnist"), rounds: 5, targets: { certified: 8, estimated: 20, product: 3 } },
  { set: setNamed("sent"), rounds: 5, targets: { certified: 2.5, estimated: 5 } },
];

/** Asks both sides in turn and compares what a question costs. */
export async function runExact({ set, rounds, targets }: ExactPlan, places: SearchPlaces): Promise<TableRow[]> {
  const loci = lociSide(set, {}, places);
  const numpy = nativeSide("numpy", set, places);
  try {
    const kinds = ["scan", "certified", "estimated", "batch"] as const;
    const figures = new Map<string, Outcome[]>();
    const note = (name: string, outcome: Outcome) => figures.set(name, [...(figures.get(name) ?? []), outcome]);
    await loci.ask({ do: "codes" });
    for (let round = 0; round < rounds; round++) {
      for (const kind of kinds) note(kind, await loci.ask({ do: kind, queries: kind === "batch" ? 500 : 100 }));
      note("bandwidth", await numpy.ask({ do: "bandwidth", queries: 20 }));
      note("numpy", await numpy.ask({ do: "search", queries: 20 }));
      note("product", await numpy.ask({ do: "product", queries: 500 }));
      console.log(`${set.name}: exact, round ${round + 1} of ${rounds}`);
    }
    return rowsOf(set, figures, targets);
  } finally {
    loci.close();
    numpy.close();
  }
}

const QUERIES: Readonly<Record<string, number>> = { batch: 500, product: 500, numpy: 20, bandwidth: 20 };

function rowsOf(set: VectorSet, figures: ReadonlyMap<string, Outcome[]>, targets: ExactPlan["targets"]): TableRow[] {
  /** Microseconds a question, by round. */
  const cost = (name: string): number[] =>
    figures.get(name)!.map(({ seconds }) => (1e6 * seconds) / (QUERIES[name] ?? 100));
  const recall = (name: string): string =>
    `recall ${Math.min(...figures.get(name)!.map((one) => one.recall ?? 1)).toFixed(4)}`;
  const row = (what: string, name: string, peer: string, peerIs: string, target?: number): TableRow => {
    const ratios = cost(name).map((one, round) => cost(peer)[round]! / one);
    return {
      part: `Exact: ${title(set)}`,
      what,
      loci: `${median(cost(name)).toFixed(0)} µs, ${recall(name)}`,
      peer: `${median(cost(peer)).toFixed(0)} µs (${peerIs})`,
      ratio: `${median(ratios).toFixed(2)}× (${spread(ratios, 2)})`,
      target: target === undefined ? "" : `≥ ${target}`,
      met: target === undefined ? undefined : median(ratios) >= target,
    };
  };
  return [
    row("f32 scan against reading the bytes once", "scan", "bandwidth", "reading", 0.85),
    row("f32 scan against numpy", "scan", "numpy", "sgemv and a partial sort"),
    row("proven exact, from codes", "certified", "scan", "f32 scan", targets.certified),
    row("codes and re-ranking, unproven", "estimated", "scan", "f32 scan", targets.estimated),
    row("100 questions at once", "batch", "product", "bare OpenBLAS sgemm", targets.product),
  ];
}
