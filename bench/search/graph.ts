/**
 * The graph against hnswlib, usearch and faiss: one thread each, all sides in turn, queries a second at equal recall.
 *
 * Each side walks through settings of its own; a round asks every side at each of its settings once. A figure at a recall
 * is the fastest setting that reaches it, without interpolation. M 16, efConstruction 200, k 10 on all sides.
 */
import { type TableRow, median, spread } from "../peers/table.ts";
import { type SearchPlaces, type Side, type VectorSet, lociSide, nativeSide } from "./sides.ts";

interface Setting {
  readonly ef: number;
  readonly rerank?: number;
}

/** One setting's rounds: seconds each, and the recall, which does not change. */
interface Measured {
  readonly setting: Setting;
  readonly recall: number;
  readonly seconds: readonly number[];
}

const PEER_EFS = [12, 15, 20, 25, 30, 40, 60, 80, 100, 140];

export interface GraphPlan {
  readonly set: VectorSet;
  readonly queries: number;
  readonly rounds: number;
  readonly loci: readonly Setting[];
  readonly targets: { readonly hnswlib: number; readonly usearch?: number; readonly build: number };
}

/** The sets, and what the design asks for on each. */
export const graphPlans: readonly GraphPlan[] = [
  {
    set: { name: "mnist", rows: 60_000, dim: 784, metric: "euclidean" },
    queries: 5000,
    rounds: 5,
    loci: [15, 20, 25, 30, 36, 40, 50, 60].map((ef) => ({ ef, rerank: Math.max(15, Math.min(30, ef)) })),
    targets: { hnswlib: 4, usearch: 8, build: 5.5 },
  },
  {
    set: { name: "sent", rows: 200_000, dim: 100, metric: "cosine" },
    queries: 2000,
    rounds: 3,
    loci: [16, 20, 24, 30, 40, 50, 60, 80, 100, 130, 160, 200, 250].map((ef) => ({
      ef,
      rerank: Math.max(16, ef >> 1),
    })),
    targets: { hnswlib: 2.2, build: 2.7 },
  },
];

/** Builds all sides, asks them in turn, and says who was how fast. */
export async function runGraph(plan: GraphPlan, places: SearchPlaces): Promise<TableRow[]> {
  const { set } = plan;
  const sides = [
    lociSide(set, {}, places),
    ...["hnswlib", "usearch", "faiss"].map((name) => nativeSide(name, set, places)),
  ];
  try {
    const builds = new Map<string, number>();
    for (const side of sides) {
      const { seconds } = await side.ask({ do: "build" });
      builds.set(side.name, seconds);
      console.log(`${set.name}: ${side.name} built in ${seconds.toFixed(1)} CPU s`);
    }
    const measured = await rounds(plan, sides);
    return [...buildRows(plan, builds), ...[0.95, 0.99].flatMap((recall) => searchRows(plan, measured, recall))];
  } finally {
    for (const side of sides) side.close();
  }
}

async function rounds(plan: GraphPlan, sides: readonly Side[]): Promise<Map<string, Measured[]>> {
  const measured = new Map<string, Measured[]>();
  const settingsOf = (side: Side): readonly Setting[] =>
    side.name === "loci" ? plan.loci : PEER_EFS.map((ef) => ({ ef }));
  for (const side of sides)
    measured.set(
      side.name,
      settingsOf(side).map((setting) => ({ setting, recall: 0, seconds: [] })),
    );
  const most = Math.max(...sides.map((side) => settingsOf(side).length));
  for (let round = 0; round < plan.rounds; round++) {
    for (let i = 0; i < most; i++) {
      for (const side of sides) {
        const setting = settingsOf(side)[i];
        if (!setting) continue;
        const { seconds, recall } = await side.ask({ do: "search", queries: plan.queries, ...setting });
        const before = measured.get(side.name)![i]!;
        measured.get(side.name)![i] = { setting, recall: recall!, seconds: [...before.seconds, seconds] };
      }
    }
    console.log(`${plan.set.name}: round ${round + 1} of ${plan.rounds}`);
  }
  for (const [name, settings] of measured)
    for (const { setting, recall, seconds } of settings)
      console.log(
        `${plan.set.name} ${name} ${JSON.stringify(setting)} recall ${recall.toFixed(4)} ${(plan.queries / median(seconds)).toFixed(0)} QPS`,
      );
  return measured;
}

function buildRows({ set, targets }: GraphPlan, builds: ReadonlyMap<string, number>): TableRow[] {
  const ours = builds.get("loci")!;
  return ["hnswlib", "usearch", "faiss"].map((peer) => {
    const ratio = builds.get(peer)! / ours;
    const target = peer === "hnswlib" ? targets.build : undefined;
    return {
      part: `Graph: ${title(set)}`,
      what: `build, ${peer}`,
      loci: `${ours.toFixed(1)} CPU s`,
      peer: `${builds.get(peer)!.toFixed(1)} CPU s`,
      ratio: `${ratio.toFixed(2)}×`,
      target: target === undefined ? "" : `≥ ${target}`,
      met: target === undefined ? undefined : ratio >= target,
    };
  });
}

function searchRows(
  { set, queries, targets }: GraphPlan,
  measured: ReadonlyMap<string, Measured[]>,
  recall: number,
): TableRow[] {
  const fastest = (name: string): Measured | undefined =>
    measured
      .get(name)!
      .filter((one) => one.recall >= recall)
      .sort((a, b) => median(a.seconds) - median(b.seconds))[0];
  const ours = fastest("loci");
  const said = (one: Measured | undefined) =>
    one
      ? `${(queries / median(one.seconds)).toFixed(0)} QPS (ef ${one.setting.ef}, recall ${one.recall.toFixed(4)})`
      : "not reached";
  return (["hnswlib", "usearch", "faiss"] as const).map((peer) => {
    const theirs = fastest(peer);
    const ratios = ours && theirs ? ours.seconds.map((seconds, round) => theirs.seconds[round]! / seconds) : [];
    const target = peer === "faiss" ? undefined : targets[peer];
    return {
      part: `Graph: ${title(set)}`,
      what: `recall@10 ≥ ${recall}, ${peer}`,
      loci: said(ours),
      peer: said(theirs),
      ratio: ratios.length > 0 ? `${median(ratios).toFixed(2)}× (${spread(ratios, 2)})` : "",
      target: target === undefined ? "" : `≥ ${target}`,
      met: target === undefined || ratios.length === 0 ? undefined : median(ratios) >= target,
    };
  });
}

export const title = ({ name, rows, dim, metric }: VectorSet): string => `${name}, ${rows} × ${dim}, ${metric}`;
