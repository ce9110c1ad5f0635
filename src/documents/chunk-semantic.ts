/**
 * Chunks that end where the subject changes.
 *
 * Each sentence becomes a vector; the closeness of the sentences before a gap to those after it is a curve over the text, and its
 * valleys are where the subject changes. A valley counts by its depth below the hills on both sides, so that a text that is
 * loose throughout is not cut everywhere: TextTiling (Hearst, 1997), with vectors of sentences in place of counts of
 * words. Valleys deeper than the mean depth by `contrast` standard deviations end a section.
 */
import { checkNumber, checkWhole, LociError, type Matrix } from "../core/index.ts";
import { cosine } from "../math/index.ts";
import { sentences } from "./boundaries.ts";
import { type Chunk, type ChunkOptions, checkChunkOptions, chunksOf, type Section } from "./chunk.ts";
import { PROSE } from "./chunkers.ts";

export interface ChunkSemanticOptions extends ChunkOptions {
  /** One row a text: `(texts) => encoder.embed(texts)`. */
  readonly embed: (texts: readonly string[]) => Promise<Matrix>;
  /** How many sentences on each side of a gap are compared. Default 2. */
  readonly window?: number;
  /** How many standard deviations deeper than the mean a valley is where the text is cut: lower cuts more. Default 0.5. */
  readonly contrast?: number;
}

/** Sentences embedded in one call. */
const AT_ONCE = 256;

/** Sections of one subject each, cut like prose where they do not fit. */
export async function chunkSemantic(text: string, options: ChunkSemanticOptions): Promise<Chunk[]> {
  const { embed, window = 2, contrast = 0.5 } = options;
  const cut = checkChunkOptions(options);
  checkWhole("window", window, 1, 100);
  checkNumber("contrast", contrast, -10);
  const ends = sentences(text, 0, text.length);
  const depths = valleyDepths(gapScores(await embedded(text, ends, embed), window));
  const places = deepGaps(depths, contrast);
  const sections: Section[] = places.map((gap) => ({ end: ends[gap]!, headings: [] }));
  if (text !== "") sections.push({ end: text.length, headings: [] });
  return chunksOf(text, sections, cut, { levels: PROSE });
}

async function embedded(
  text: string,
  ends: readonly number[],
  embed: ChunkSemanticOptions["embed"],
): Promise<Float32Array[]> {
  const rows: Float32Array[] = [];
  for (let at = 0; at < ends.length; at += AT_ONCE) {
    const some = ends.slice(at, at + AT_ONCE);
    const matrix = await embed(some.map((end, i) => text.slice(some[i - 1] ?? ends[at - 1] ?? 0, end).trim()));
    if (matrix.rows !== some.length)
      throw new LociError(
        "dim-mismatch",
        `Expected \`embed\` to give ${some.length} rows for ${some.length} sentences, got ${matrix.rows}.`,
      );
    for (let i = 0; i < matrix.rows; i++) rows.push(matrix.row(i));
  }
  return rows;
}

/** For each gap between sentences i and i + 1: the cosine of the sum of `window` sentences before it to that of those after. */
function gapScores(rows: readonly Float32Array[], window: number): number[] {
  const sum = (from: number, to: number): Float64Array => {
    const total = new Float64Array(rows[0]?.length ?? 0);
    for (const row of rows.slice(Math.max(0, from), to)) for (let i = 0; i < row.length; i++) total[i]! += row[i]!;
    return total;
  };
  return rows.slice(1).map((_, gap) => cosine(sum(gap + 1 - window, gap + 1), sum(gap + 1, gap + 1 + window)));
}

/** How far each gap lies below the nearest hill to its left, plus the same to its right. */
function valleyDepths(scores: readonly number[]): number[] {
  return scores.map((score, gap) => hill(scores, gap, -1) + hill(scores, gap, 1) - 2 * score);
}

function hill(scores: readonly number[], gap: number, step: 1 | -1): number {
  let at = gap;
  while (scores[at + step] !== undefined && scores[at + step]! >= scores[at]!) at += step;
  return scores[at]!;
}

/** The gaps that are deep, and deeper than their neighbours. */
function deepGaps(depths: readonly number[], contrast: number): number[] {
  const mean = depths.reduce((sum, depth) => sum + depth, 0) / Math.max(1, depths.length);
  const variance = depths.reduce((sum, depth) => sum + (depth - mean) ** 2, 0) / Math.max(1, depths.length);
  const least = mean + contrast * Math.sqrt(variance);
  const gaps: number[] = [];
  depths.forEach((depth, gap) => {
    const lowest = depth > 0 && depth >= least && depth >= (depths[gap - 1] ?? 0) && depth > (depths[gap + 1] ?? 0);
    if (lowest) gaps.push(gap);
  });
  return gaps;
}
