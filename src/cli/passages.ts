/** Passages as people read them: where they stand, and the part of them that speaks to the question. */
import { keywordTerms } from "../index/index.ts";

/** ":12-20", or ":12" for one line; nothing where lines are not known. */
export function lineSpan(lines: { readonly first: number; readonly last: number } | undefined): string {
  if (!lines) return "";
  return lines.first === lines.last ? `:${lines.first}` : `:${lines.first}-${lines.last}`;
}

/** At most three lines of a passage, from where most words of the question stand close together. */
export function excerpt(text: string, query: string, width: number): string[] {
  const words = text.replaceAll(/\s+/g, " ").trim().split(" ");
  const asked = new Set(keywordTerms(query));
  const hits = words.map((word) => (keywordTerms(word).some((term) => asked.has(term)) ? 1 : 0));
  const lines = wrap(words, width);
  if (lines.length <= 3) return lines.map(({ from, to }) => words.slice(from, to).join(" "));
  const weight = ({ from, to }: Line) => hits.slice(from, to).reduce<number>((sum, hit) => sum + hit, 0);
  let best = 0;
  let most = -1;
  for (let i = 0; i + 3 <= lines.length; i++) {
    const sum = lines.slice(i, i + 3).reduce((total, line) => total + weight(line), 0);
    if (sum > most) [best, most] = [i, sum];
  }
  const shown = lines.slice(best, best + 3).map(({ from, to }) => words.slice(from, to).join(" "));
  if (best > 0) shown[0] = `… ${shown[0]}`;
  if (best + 3 < lines.length) shown[2] = `${shown[2]} …`;
  return shown;
}

interface Line {
  readonly from: number;
  readonly to: number;
}

function wrap(words: readonly string[], width: number): Line[] {
  const lines: Line[] = [];
  let from = 0;
  let length = 0;
  words.forEach((word, i) => {
    if (i > from && length + 1 + word.length > width) {
      lines.push({ from, to: i });
      from = i;
      length = 0;
    }
    length += (i > from ? 1 : 0) + word.length;
  });
  if (from < words.length) lines.push({ from, to: words.length });
  return lines;
}
