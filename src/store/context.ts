/**
 * Context for an answer: the passages that speak to a question, within a budget of tokens, each with a number to cite it by.
 *
 * Works without any language model: it is what one would be given. Passages are taken best first. Neighbouring chunks of one document
 * become one passage, what stands there twice is left out, and what does not fit is passed over for what does, so that the
 * context never has more tokens than the budget, by the counter that is handed in. The first passage is shortened rather
 * than left out.
 */
import { checkWhole, LociError } from "../core/index.ts";
import {
  type CountTokens,
  chunkRecursive,
  headingPathAt,
  LineIndex,
  type LineRange,
  markdownOutline,
  pageAt,
  readLineMap,
} from "../documents/index.ts";
import type { Collection } from "./collection.ts";
import type { CollectionHit, SearchMode } from "./collection-types.ts";
import { counterOf } from "./count-tokens.ts";
import type { Filter, Meta } from "./filter.ts";
import type { ChunkRange, StoredDocument } from "./store.ts";

export interface ContextOptions {
  /** Tokens of the whole context, at most, the lines that name the sources included. Default 2000. */
  readonly budget?: number;
  /** How many chunks are looked at. Default 20. */
  readonly k?: number;
  readonly filter?: Filter;
  readonly mode?: SearchMode;
  /** As the language model counts. Default: words (for English, take three quarters of the tokens you have). */
  readonly countTokens?: CountTokens;
  readonly signal?: AbortSignal;
}

/** Where in its file a passage stands. */
export interface PassagePlace {
  /** Of the file; the id of the document where it came from no file. */
  readonly path: string;
  /** Lines of the file, from 1; undefined for files without lines (PDF, DOCX). */
  readonly lines: LineRange | undefined;
  /** Pages of a PDF, from 1. */
  readonly pages: LineRange | undefined;
  /** The headings it stands under, outermost first. */
  readonly headings: readonly string[];
}

/** One source of a context. */
export interface Citation extends PassagePlace {
  /** The number that it has in the context, from 1. */
  readonly n: number;
  /** Of the document. */
  readonly id: string;
  /** Characters of the document's text. */
  readonly range: ChunkRange;
  /** Of its best chunk. */
  readonly score: number;
}

/** A context and what it is made of. */
export interface Context {
  /** Passages under lines such as `[1] manual/guide.md, lines 10-24: Guide > Install`. Empty where nothing was found. */
  readonly context: string;
  readonly tokens: number;
  readonly citations: readonly Citation[];
}

interface Passage {
  readonly document: StoredDocument;
  readonly range: ChunkRange;
  readonly score: number;
}

/** The context for a question, from a collection. */
export async function contextFor(
  collection: Pick<Collection, "search" | "store" | "encoder">,
  question: string,
  options: ContextOptions = {},
): Promise<Context> {
  const { budget = 2000, k = 20, filter, mode, signal } = options;
  checkWhole("budget", budget, 1);
  if (question.trim() === "") throw new LociError("bad-argument", "Expected a question, got an empty text.");
  const count = options.countTokens ?? counterOf(collection.encoder);
  const { hits } = await collection.search(question, {
    k,
    ...(filter && { filter }),
    ...(mode && { mode }),
    ...(signal && { signal }),
  });
  const documents = await documentsOf(collection, hits);
  return assemble(hits, documents, budget, count);
}

/** Where hits stand in their files: lines, pages, headings, as citations have them. Each document is read once. */
export async function placesOf(
  collection: Pick<Collection, "store">,
  hits: readonly Pick<CollectionHit, "id" | "range">[],
): Promise<PassagePlace[]> {
  const documents = await documentsOf(collection, hits);
  const places = new Places();
  return hits.map(({ id, range }) => {
    const document = documents.get(id);
    return document ? places.of(document, range) : { path: id, lines: undefined, pages: undefined, headings: [] };
  });
}

async function documentsOf(
  { store }: Pick<Collection, "store">,
  hits: readonly { readonly id: string }[],
): Promise<Map<string, StoredDocument>> {
  const ids = [...new Set(hits.map(({ id }) => id))];
  const documents = await store.documents(ids);
  return new Map(documents.flatMap((document) => (document ? [[document.id, document]] : [])));
}

function assemble(
  hits: readonly CollectionHit[],
  documents: ReadonlyMap<string, StoredDocument>,
  budget: number,
  count: CountTokens,
): Context {
  const places = new Places();
  let passages: readonly Passage[] = [];
  let best: Context = { context: "", tokens: 0, citations: [] };
  const seen = new Seen();
  for (const hit of hits) {
    const document = documents.get(hit.id); // gone since it was found: passed over
    if (!document || seen.has(hit.text)) continue;
    const added = withPassage(passages, { document, range: hit.range, score: hit.score });
    const context = render(added, places, count);
    const fits = context.tokens <= budget;
    if (!fits && passages.length > 0) continue;
    const kept = fits ? added : shortened({ document, range: hit.range, score: hit.score }, places, budget, count);
    if (kept.length === 0) continue;
    passages = kept;
    best = fits ? context : render(kept, places, count);
    seen.add(hit.text);
  }
  return best;
}

/** The passages with one more, joined to those of its document that it touches; a joined one keeps the better place. */
function withPassage(passages: readonly Passage[], added: Passage): readonly Passage[] {
  const touches = ({ document, range }: Passage): boolean =>
    document.id === added.document.id && gapBetween(document.text, range, added.range).trim() === "";
  const joined = passages.filter(touches);
  if (joined.length === 0) return [...passages, added];
  const start = Math.min(added.range.start, ...joined.map(({ range }) => range.start));
  const end = Math.max(added.range.end, ...joined.map(({ range }) => range.end));
  const whole = { ...joined[0]!, range: { start, end } };
  return passages.flatMap((passage) => (passage === joined[0] ? whole : joined.includes(passage) ? [] : passage));
}

/** What stands between two ranges; "" where they touch or overlap. */
function gapBetween(text: string, a: ChunkRange, b: ChunkRange): string {
  return text.slice(Math.min(a.end, b.end), Math.max(Math.min(a.end, b.end), Math.max(a.start, b.start)));
}

/** As much of a passage as the budget holds, from its start, whole sentences where one fits; none where not even a word does. */
function shortened(passage: Passage, places: Places, budget: number, count: CountTokens): readonly Passage[] {
  const { document, range } = passage;
  const text = document.text.slice(range.start, range.end);
  for (let size = budget; size > 0; size = Math.floor(size * 0.8)) {
    const first = chunkRecursive(text, { size, countTokens: count }).find((chunk) => chunk.text.trim() !== "");
    if (!first) return [];
    const short = [{ ...passage, range: { start: range.start + first.start, end: range.start + first.end } }];
    if (render(short, places, count).tokens <= budget) return short;
  }
  return [];
}

function render(passages: readonly Passage[], places: Places, count: CountTokens): Context {
  const citations = passages.map(({ document, range, score }, i): Citation => {
    const tight = trimmed(document.text, range);
    return { n: i + 1, id: document.id, range: tight, score, ...places.of(document, tight) };
  });
  const blocks = citations.map((citation, i) => {
    const text = passages[i]!.document.text.slice(citation.range.start, citation.range.end);
    return `${sourceLine(citation)}\n${text}`;
  });
  const context = blocks.join("\n\n");
  return { context, tokens: context === "" ? 0 : count(context), citations };
}

/** Without the white space around it. */
function trimmed(text: string, { start, end }: ChunkRange): ChunkRange {
  const piece = text.slice(start, end);
  const from = start + piece.length - piece.trimStart().length;
  return { start: from, end: from + piece.trim().length };
}

/** `[1] manual/guide.md, lines 10-24: Guide > Install` */
function sourceLine({ n, path, lines, pages, headings }: Citation): string {
  const where = pages ? spanOf("page", pages) : lines ? spanOf("line", lines) : "";
  return `[${n}] ${path}${where === "" ? "" : `, ${where}`}${headings.length > 0 ? `: ${headings.join(" > ")}` : ""}`;
}

const spanOf = (unit: string, { first, last }: LineRange): string =>
  first === last ? `${unit} ${first}` : `${unit}s ${first}-${last}`;

/** Where passages stand, worked out once a document. */
class Places {
  readonly #known = new Map<string, (range: ChunkRange) => PassagePlace>();

  of(document: StoredDocument, range: ChunkRange): PassagePlace {
    let place = this.#known.get(document.id);
    if (!place) this.#known.set(document.id, (place = placer(document)));
    return place(range);
  }
}

function placer({ id, text, meta }: StoredDocument): (range: ChunkRange) => PassagePlace {
  const { path: named, kind, lineMap } = meta;
  const path = typeof named === "string" ? named : id;
  const outlined = kind === "markdown" || kind === "html" || kind === "docx";
  const headings = outlined ? markdownOutline(text).headings : [];
  const linesOf = lineFinder(text, kind, lineMap);
  return (range) => ({
    path,
    lines: linesOf?.(range),
    pages:
      kind === "pdf"
        ? { first: pageAt(text, range.start), last: pageAt(text, Math.max(range.start, range.end - 1)) }
        : undefined,
    headings: outlined ? headingPathAt(headings, bodyStart(headings, text, range)) : [],
  });
}

/** Where a passage says something of its own: behind the headings that it begins with. */
function bodyStart(headings: readonly ChunkRange[], text: string, { start, end }: ChunkRange): number {
  let at = start;
  for (const heading of headings) {
    if (heading.start >= end || text.slice(at, heading.start).trim() !== "") break;
    if (heading.start >= at) at = Math.min(end - 1, heading.end);
  }
  return at;
}

function lineFinder(text: string, kind: Meta[string] | undefined, lineMap: Meta[string] | undefined) {
  if (kind === "pdf" || kind === "docx") return undefined;
  const index = new LineIndex(text);
  if (typeof lineMap !== "string") return (range: ChunkRange): LineRange => index.linesOf(range);
  const map = readLineMap(lineMap);
  return (range: ChunkRange): LineRange => {
    const { first, last } = index.linesOf(range);
    const lines = map.slice(first - 1, last);
    return lines.length === 0 ? { first, last } : { first: Math.min(...lines), last: Math.max(...lines) };
  };
}

/** Texts that were taken already, the same or nearly: by their words, three at a time. */
class Seen {
  readonly #texts: ReadonlySet<string>[] = [];

  add(text: string): void {
    this.#texts.push(shingles(text));
  }

  /** Whether nine tenths of one stand in the other. */
  has(text: string): boolean {
    const own = shingles(text);
    return this.#texts.some((other) => {
      let shared = 0;
      for (const shingle of own) if (other.has(shingle)) shared++;
      return shared >= 0.9 * Math.max(own.size, other.size);
    });
  }
}

function shingles(text: string): ReadonlySet<string> {
  const words = text.toLowerCase().split(/[^\p{L}\p{M}\p{N}]+/u);
  const found = new Set<string>();
  for (let i = 0; i < Math.max(1, words.length - 2); i++) found.add(words.slice(i, i + 3).join(" "));
  return found;
}
