/**
 * Rows of the dated table: both sides' figures, their ratio, the target, and whether it was met.
 *
 * A row whose target was missed looks like every other row. A figure that is not there says so.
 */
export interface TableRow {
  readonly part: string;
  readonly what: string;
  readonly loci: string;
  readonly peer: string;
  /** Loci over peer for speed and memory, Loci minus peer for quality. */
  readonly ratio: string;
  readonly target: string;
  /** Undefined where there is no target, or nothing to judge yet. */
  readonly met?: boolean | undefined;
}

export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
};

export const mean = (values: readonly number[]): number => values.reduce((sum, x) => sum + x, 0) / values.length;

/** "6.9-7.4", or nothing for one value. */
export const spread = (values: readonly number[], digits: number): string =>
  values.length < 2 ? "" : `${Math.min(...values).toFixed(digits)}-${Math.max(...values).toFixed(digits)}`;

export function markdown(rows: readonly TableRow[]): string {
  const lines: string[] = [];
  for (const part of new Set(rows.map((row) => row.part))) {
    lines.push(
      `\n## ${part}\n`,
      "| what | Loci | peer | ratio or difference | target | |",
      "|---|---|---|---|---|---|",
    );
    for (const row of rows.filter((one) => one.part === part)) {
      const verdict = row.met === undefined ? "" : row.met ? "met" : "**missed**";
      lines.push(`| ${row.what} | ${row.loci} | ${row.peer} | ${row.ratio} | ${row.target} | ${verdict} |`);
    }
  }
  return `${lines.join("\n")}\n`;
}
