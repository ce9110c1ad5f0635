/**
 * The memory part: the largest resident size of training on the whole text, d=100.
 *
 * Nothing is run for it alone: the quality part's first seed is the same work on both sides, and its peak is kept.
 */
import { asksFor, type Places } from "./places.ts";
import { qualityKey, qualityRows, trainedFor } from "./quality.ts";
import { kept } from "./cache.ts";
import type { Trained } from "./recipe.ts";
import type { TableRow } from "./table.ts";

const row = qualityRows.find(({ name }) => name === "skipgram d100")!;

export async function runMemory(places: Places): Promise<string[]> {
  const failures: string[] = [];
  for (const side of row.sides.filter((side) => asksFor(places, side)))
    try {
      await trainedFor(places, row, side, 1);
    } catch (error) {
      failures.push(`memory, ${side}: ${String(error).slice(0, 600)}`);
    }
  return failures;
}

export const megabytes = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`;

export function memoryRows(places: Places): TableRow[] {
  const [loci, gensim] = (["loci", "gensim"] as const).map((side) => kept<Trained>(places, qualityKey(row, side, 1)));
  const known = loci && gensim;
  return [
    {
      part: "Memory",
      what: "peak resident size, whole text, skip-gram d=100, gensim",
      loci: loci ? megabytes(loci.peakBytes) : "not run",
      peer: gensim ? megabytes(gensim.peakBytes) : "not run",
      ratio: known ? `${(loci.peakBytes / gensim.peakBytes).toFixed(2)}×` : "",
      target: "≤ 1",
      met: known ? loci.peakBytes <= gensim.peakBytes : undefined,
    },
  ];
}
