/**
 * Source code by its declarations: as many whole ones as fit, and a large one cut between its members, then its lines.
 *
 * The syntax tree says where declarations begin (syntax.ts); a comment goes with what it stands before. Without the packages, or for a
 * language that they do not know, empty lines and indentation say it.
 */
import { LociError } from "../core/index.ts";
import { type Splitter, lines, words } from "./boundaries.ts";
import { type Chunk, type ChunkOptions, checkChunkOptions, chunksOf } from "./chunk.ts";
import { type CutPlace, hasGrammar, indentPlaces, MOST_PARSED, syntaxPlaces } from "./syntax.ts";
import type { Level } from "./tiles.ts";

export interface ChunkCodeOptions extends ChunkOptions {
  /** "typescript", "python", …: what `languageOfName` gives. Default: none, and lines decide. */
  readonly language?: string;
  /**
   * "auto" (default) uses the syntax tree where the packages for it are installed; "syntax" insists on it, with `peer-missing`
   * where they are not and `not-supported` for a language without a grammar; "lines" does without.
   */
  readonly by?: "auto" | "syntax" | "lines";
}

/** Code in chunks of whole declarations. */
export async function chunkCode(text: string, options: ChunkCodeOptions = {}): Promise<Chunk[]> {
  const cut = checkChunkOptions(options);
  if (text === "") return [];
  const places = await placesOf(text, options);
  const strengths = [...new Set(places.map(({ strength }) => strength))].sort((a, b) => b - a);
  const levels: Level[] = strengths.map((strength) => ({ split: before(places, strength), strength: strength + 2 }));
  return chunksOf(text, [{ end: text.length, headings: [] }], cut, {
    levels: [...levels, { split: lines, strength: 2 }, { split: words, strength: 1 }],
    preferFrom: 0.3,
  });
}

async function placesOf(text: string, { language, by = "auto" }: ChunkCodeOptions): Promise<CutPlace[]> {
  const known = language !== undefined && hasGrammar(language) && text.length <= MOST_PARSED;
  if (by === "syntax" && !known)
    throw new LociError(
      "not-supported",
      `There is no grammar for ${language ?? "code of no language"}. Leave \`by\` out, or say "lines".`,
    );
  if (by === "lines" || !known) return indentPlaces(text);
  try {
    return await syntaxPlaces(text, language);
  } catch (error) {
    if (by === "auto" && error instanceof LociError && error.code === "peer-missing") return indentPlaces(text);
    throw error;
  }
}

/** Cuts before every place of at least this strength. Places are in order, so each call finds its own by binary search. */
function before(places: readonly CutPlace[], least: number): Splitter {
  const wanted = places.filter(({ strength }) => strength >= least).map(({ at }) => at);
  return (_text, start, end) => {
    let low = 0;
    let high = wanted.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (wanted[middle]! <= start) low = middle + 1;
      else high = middle;
    }
    const ends: number[] = [];
    for (let i = low; i < wanted.length && wanted[i]! < end; i++) if (wanted[i] !== ends.at(-1)) ends.push(wanted[i]!);
    return [...ends, end];
  };
}
