/**
 * The quality part of the table, from what is kept: means over seeds, and how far seeds lie apart.
 *
 * Single runs differ by a point and more, so a difference is only as good as the spread printed beside it.
 */
import { basename } from "node:path";
import { kept } from "./cache.ts";
import { type Scores, sourcesFingerprint } from "./loci.ts";
import type { Places } from "./places.ts";
import { qualityKey, type QualityRow, qualityRows, type Side } from "./quality.ts";
import type { Trained } from "./recipe.ts";
import { mean, spread, type TableRow } from "./table.ts";

const part = "Quality";

/** Points (× 100) by measure: Spearman a list, and the accuracy of analogies, whole, semantic and syntactic. */
export function pointsOf(scores: Scores): Map<string, number> {
  const points = new Map<string, number>();
  for (const { file, spearman } of scores.pairs)
    if (spearman !== null) points.set(basename(file, ".tsv"), 100 * spearman);
  const { analogies } = scores;
  if (!analogies || analogies.accuracy === null) return points;
  points.set("analogies", 100 * analogies.accuracy);
  for (const [half, syntactic] of [
    ["analogies, semantic", false],
    ["analogies, syntactic", true],
  ] as const) {
    const sections = analogies.sections.filter(({ name }) => name.startsWith("gram") === syntactic);
    const found = sections.reduce((sum, one) => sum + one.found, 0);
    const correct = sections.reduce((sum, one) => sum + one.correct, 0);
    if (found > 0) points.set(half, (100 * correct) / found);
  }
  return points;
}

/** The judged seeds of one side of a row; Loci's evaluator where it has spoken, else scipy's. */
function judged(places: Places, row: QualityRow, side: Side): Map<string, number>[] {
  const seeds: Map<string, number>[] = [];
  for (let seed = 1; seed <= row.seeds; seed++) {
    const key = qualityKey(row, side, seed);
    const scores = kept<Scores>(places, `${key}.loci`) ?? kept<Scores>(places, `${key}.scipy`);
    if (scores && kept<Trained>(places, key)) seeds.push(pointsOf(scores));
  }
  return seeds;
}

function cell(values: readonly number[]): string {
  if (values.length === 0) return "not run";
  const apart = spread(values, 1);
  return `${mean(values).toFixed(1)}${apart === "" ? " (1 seed)" : ` (${apart}, ${values.length} seeds)`}`;
}

const valuesOf = (seeds: readonly Map<string, number>[], measure: string): number[] =>
  seeds.map((points) => points.get(measure)).filter((value) => value !== undefined);

/** One line a measure: a side of Loci's against a side of a peer's, no lower than `allowed` under it. */
function compare(
  what: string,
  loci: readonly Map<string, number>[],
  peer: readonly Map<string, number>[],
  allowed: number | undefined,
): TableRow[] {
  const measures = new Set([...peer, ...loci].flatMap((points) => [...points.keys()]));
  const target = allowed === undefined ? "" : `≥ -${allowed}`;
  if (loci.length === 0 || peer.length === 0) {
    const said = (seeds: readonly unknown[]) => (seeds.length === 0 ? "not run" : `${seeds.length} seeds`);
    return [{ part, what, loci: said(loci), peer: said(peer), ratio: "", target }];
  }
  // Where nothing is at stake the halves of the analogies say too little for their lines.
  const shown = [...measures].filter((measure) => allowed !== undefined || !measure.startsWith("analogies,"));
  return shown.map((measure) => {
    const [ours, theirs] = [valuesOf(loci, measure), valuesOf(peer, measure)];
    const difference = ours.length > 0 && theirs.length > 0 ? mean(ours) - mean(theirs) : undefined;
    // The issue's targets are on the lists and on all analogies; the two halves are printed to be seen.
    const judgedHere = allowed !== undefined && !measure.startsWith("analogies,");
    return {
      part,
      what: `${what}: ${measure}`,
      loci: cell(ours),
      peer: cell(theirs),
      ratio: difference === undefined ? "" : `${difference >= 0 ? "+" : ""}${difference.toFixed(1)}`,
      target: judgedHere ? target : "",
      met: judgedHere && difference !== undefined ? difference >= -allowed : undefined,
    };
  });
}

const rowNamed = (name: string): QualityRow => qualityRows.find((row) => row.name === name)!;

/** The rates tried on both sides, and for each side the one whose analogies came out best. */
function atItsBest(places: Places, side: Side): { rate: number; seeds: Map<string, number>[] } {
  const tried = ["skipgram d100", "skipgram d100 rate 0.035"].map((name) => {
    const row = rowNamed(name);
    return { rate: row.recipe.learningRate, seeds: judged(places, row, side) };
  });
  const score = (seeds: Map<string, number>[]) => (seeds.length === 0 ? -Infinity : mean(valuesOf(seeds, "analogies")));
  return tried.reduce((best, one) => (score(one.seeds) > score(best.seeds) ? one : best));
}

export function qualityTable(places: Places): TableRow[] {
  const rows: TableRow[] = [];
  const names: Record<string, string> = { gensim: "gensim", fasttext: "fastText", glove: "GloVe's C program" };
  for (const row of qualityRows) {
    const peer = row.sides.find((side) => side !== "loci");
    const seeds = judged(places, row, "loci");
    if (peer) rows.push(...compare(`${row.name}, ${names[peer]}`, seeds, judged(places, row, peer), 1));
    // Loci's other settings stand against gensim's default, which is what they would replace.
    else
      rows.push(
        ...compare(
          `${row.name}, gensim's default`,
          seeds,
          judged(places, rowNamed("skipgram d100"), "gensim"),
          undefined,
        ),
      );
  }
  // A best of one is no choice: the row stands only when both sides have run at both rates.
  const rates = [rowNamed("skipgram d100"), rowNamed("skipgram d100 rate 0.035")];
  const tried = (side: "loci" | "gensim") => rates.every((row) => judged(places, row, side).length > 0);
  if (!tried("loci") || !tried("gensim")) return rows;
  const [loci, gensim] = [atItsBest(places, "loci"), atItsBest(places, "gensim")];
  const what = `each at its best rate (Loci ${loci.rate}, gensim ${gensim.rate})`;
  rows.push(...compare(what, loci.seeds, gensim.seeds, 1));
  return rows;
}

/** What a reader of the quality rows must know: how far the evaluators differ, and whose figures are of older sources. */
export function qualityNotes(places: Places): string[] {
  const notes: string[] = [];
  let models = 0;
  let largest = 0;
  let stale = 0;
  for (const row of qualityRows)
    for (const side of row.sides)
      for (let seed = 1; seed <= row.seeds; seed++) {
        const key = qualityKey(row, side, seed);
        const trained = kept<Trained>(places, key);
        if (side === "loci" && trained && trained.sources !== sourcesFingerprint()) stale++;
        const [ours, scipys] = ["loci", "scipy"].map((by) => kept<Scores>(places, `${key}.${by}`));
        if (!ours || !scipys) continue;
        models++;
        const reference = pointsOf(scipys);
        for (const [measure, value] of pointsOf(ours))
          largest = Math.max(largest, Math.abs(value - (reference.get(measure) ?? value)));
      }
  if (models > 0)
    notes.push(
      `${models} models were judged by scipy as well; its figures are within ${largest.toFixed(2)} points of \`loci evaluate words\`.`,
    );
  else notes.push("Judged by scipy alone: `loci evaluate words` had not spoken when this was written.");
  if (stale > 0) notes.push(`${stale} of Loci's quality figures were taken with older sources than this checkout's.`);
  return notes;
}
