/** Ids in boxes of any shape: a sentence is a list of ids, a batch of equally long sentences a list of lists. */
import { LociError } from "../core/index.ts";

/** Ids in a box of any shape: `[[1, 2], [3, 4]]`. All lists of one level have one length. */
export type NestedIds = number | readonly NestedIds[];

/** The ids of a box end to end, and its shape. Errors: `bad-argument` for a ragged box. */
export function flattenIds(ids: NestedIds): { shape: number[]; flat: number[] } {
  if (typeof ids === "number") return { shape: [], flat: [ids] };
  const parts = ids.map(flattenIds);
  const inner = parts[0]?.shape ?? [];
  const odd = parts.findIndex(({ shape }) => shape.join() !== inner.join() || shape.length !== inner.length);
  if (odd >= 0) {
    throw new LociError(
      "bad-argument",
      `Expected lists of ids of one length, but part ${odd} has shape [${parts[odd]!.shape.join(", ")}] and part 0 [${inner.join(", ")}]. Fill short ones up with the padding id.`,
    );
  }
  return { shape: [ids.length, ...inner], flat: parts.flatMap(({ flat }) => flat) };
}
