/** Moving a graph to a larger memory. */
import { type HnswSpace, linkBytes, upperBytes } from "./hnsw-space.ts";
import type { Turn } from "./turn.ts";

const COPIED_AT_ONCE = 1 << 20;

/** Copies what the first `end` slots hold. Both spaces have one codec; slots keep their levels, and so their upper rows. */
export async function copySpace(from: HnswSpace, to: HnswSpace, end: number, turn: Turn): Promise<void> {
  const { codec, shape, views } = from;
  const upperRows = end === 0 ? 0 : views.upperAt[end - 1]! + views.levels[end - 1]!;
  const lengths = {
    codes: end * codec.stride,
    links: (end * linkBytes(shape.M)) / 4,
    upper: (upperRows * upperBytes(shape.M)) / 4,
    squares: end,
    lengths: end,
    weights: end,
    biases: end,
    errors: end,
    rows: end * shape.dim,
    live: views.live.length,
    dead: views.dead.length,
  };
  for (const [name, length] of Object.entries(lengths) as [keyof typeof lengths, number][]) {
    for (let at = 0; at < length; at += COPIED_AT_ONCE) {
      to.views[name].set(views[name].subarray(at, Math.min(length, at + COPIED_AT_ONCE)), at);
      if (turn.due) await turn.pass();
    }
  }
}
