/** A falling (or rising) curve in a few lines of a terminal. */

const EIGHTHS = " ▁▂▃▄▅▆▇█";

export interface CurveOptions {
  /** Columns; more values than that are averaged into them. */
  readonly width: number;
  readonly height: number;
}

/** The curve of some values from left to right, with its highest and lowest value beside it. Empty without values. */
export function curveLines(values: readonly number[], { width, height }: CurveOptions): string[] {
  const finite = values.filter((value) => Number.isFinite(value));
  if (finite.length === 0) return [];
  const points = averaged(finite, Math.min(width, finite.length));
  const low = Math.min(...points);
  const high = Math.max(...points);
  // The lowest point keeps one eighth, so that the curve has a foot to stand on.
  const heights = points.map((value) => (high === low ? 1 : 1 + ((value - low) / (high - low)) * (8 * height - 1)));
  const labels = [high.toFixed(2), ...Array.from({ length: height - 2 }, () => ""), low.toFixed(2)];
  const room = Math.max(...labels.map((label) => label.length));
  return labels.slice(0, height).map((label, row) => {
    const below = 8 * (height - 1 - row);
    const cells = heights.map((eighths) => EIGHTHS[Math.round(Math.max(0, Math.min(8, eighths - below)))]!);
    return `${label.padStart(room)} │${cells.join("")}`.trimEnd();
  });
}

/** The means of `count` stretches that are as equal as can be. */
function averaged(values: readonly number[], count: number): number[] {
  return Array.from({ length: count }, (_, i) => {
    const part = values.slice(Math.floor((i * values.length) / count), Math.floor(((i + 1) * values.length) / count));
    return part.reduce((sum, value) => sum + value, 0) / part.length;
  });
}
