/** Scored keys as lines. */
import { columns } from "./columns.ts";

/** A line a key: its score, then the key, so that keys of any width line up. */
export function scoreLines(found: readonly { readonly key: string; readonly score: number }[]): string[] {
  return columns(
    found.map(({ key, score }) => [score.toFixed(4), key]),
    ["right"],
  );
}
