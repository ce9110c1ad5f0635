/**
 * Where source code may be cut, by its syntax: before declarations, with the comments and decorators that belong to them.
 *
 * Parsers come from two optional packages, tree-sitter's own and a set of sixteen grammars as WebAssembly. Where a language has none,
 * indentation is a good witness: what matters most starts furthest to the left, after an empty line.
 */
import { peer } from "./peers.ts";

/** A place before which to cut, and what it is worth: 9 at the top level, less inside. */
export interface CutPlace {
  readonly at: number;
  readonly strength: number;
}

/** The languages that have a grammar. */
export const PARSED_LANGUAGES: readonly string[] =
  "bash c-sharp cpp css go ini java javascript php powershell python ruby rust tsx typescript".split(" ");
/** C reads well enough with the grammar of C++. */
const GRAMMARS: Readonly<Record<string, string>> = { c: "cpp" };

/** Longer sources are cut by their lines: a tree takes some hundred bytes a token. */
export const MOST_PARSED = 1 << 22;
/** How far into nested declarations to look. */
const DEEPEST = 4;
export const TOP = 9;

type Grammar = import("web-tree-sitter").Language;
type SyntaxNode = import("web-tree-sitter").Node;

/** Whether `syntaxPlaces` can read this language. */
export function hasGrammar(language: string): boolean {
  return PARSED_LANGUAGES.includes(GRAMMARS[language] ?? language);
}

/**
 * The cut places of a source by its syntax tree, ascending. Code that does not parse has them too, around the errors. Throws
 * `peer-missing` without web-tree-sitter and @vscode/tree-sitter-wasm.
 */
export async function syntaxPlaces(source: string, language: string): Promise<CutPlace[]> {
  const { Parser } = await treeSitter();
  const parser = new Parser();
  try {
    parser.setLanguage(await grammarOf(GRAMMARS[language] ?? language));
    const tree = parser.parse(source);
    if (!tree) return [];
    try {
      const places: CutPlace[] = [];
      visit(tree.rootNode, source, TOP, places);
      return places.sort((a, b) => a.at - b.at);
    } finally {
      tree.delete();
    }
  } finally {
    parser.delete();
  }
}

/** Places by empty lines and indentation, for languages without a grammar and where the packages are not installed. */
export function indentPlaces(source: string): CutPlace[] {
  const places: CutPlace[] = [];
  let empty = true;
  for (const match of source.matchAll(/^([ \t]*)([^\r\n]*)(?:\r\n|\n|\r|$)/gm)) {
    const rest = match[2]!;
    if (rest.trim() === "") {
      empty = true;
      continue;
    }
    const depth = Math.min(DEEPEST, Math.ceil(match[1]!.replaceAll("\t", "    ").length / 4));
    // What closes or goes on belongs to what it closes.
    const goesOn = /^[)\]}]|^(?:else|elif|except|catch|finally|end|then|fi|done|esac|rescue|ensure)\b/.test(rest);
    if (match.index > 0 && !goesOn && (empty || depth === 0))
      places.push({ at: match.index, strength: TOP - 2 * depth - (empty ? 0 : 1) });
    empty = false;
  }
  return places;
}

/** A node is worth a cut before it; a large one is looked into. */
function visit(node: SyntaxNode, source: string, strength: number, places: CutPlace[]): void {
  let lead: SyntaxNode | undefined; // comments and decorators before a declaration
  for (const child of node.namedChildren) {
    if (!child) continue;
    const leads = /comment|attribute_item|decorator|annotation/.test(child.type);
    const startsLine = /^[ \t]*$/.test(source.slice(lineStart(source, child.startIndex), child.startIndex));
    const apart =
      lead !== undefined && /\n\s*\n/.test(source.slice(lead.endIndex, child.startIndex).replaceAll("\r", ""));
    if (apart) lead = undefined;
    if (startsLine && !lead) places.push({ at: lineStart(source, child.startIndex), strength });
    lead = leads ? (lead ?? child) : undefined;
    if (strength > TOP - DEEPEST && child.endIndex - child.startIndex > 400)
      visit(bodyOf(child), source, strength - 1, places);
  }
}

/** The part of a declaration that holds its members or statements. */
function bodyOf(node: SyntaxNode): SyntaxNode {
  let at = node;
  for (let depth = 0; depth < 3; depth++) {
    const inner =
      at.childForFieldName("body") ?? at.childForFieldName("declaration") ?? at.childForFieldName("definition");
    if (!inner) return at;
    at = inner;
    if (/body|block|list/.test(at.type)) return at;
  }
  return at;
}

const lineStart = (source: string, at: number): number => source.lastIndexOf("\n", at - 1) + 1;

/** Set up once: the runtime of tree-sitter is one WebAssembly instance, the grammars are loaded into it. */
let ready: Promise<typeof import("web-tree-sitter")> | undefined;
const grammars = new Map<string, Promise<Grammar>>();
const PACKAGES = "web-tree-sitter @vscode/tree-sitter-wasm";

async function treeSitter(): Promise<typeof import("web-tree-sitter")> {
  ready ??= peer("Cutting code by its syntax", PACKAGES, async () => {
    const module = await import("web-tree-sitter");
    await module.Parser.init();
    return module;
  });
  try {
    return await ready;
  } catch (error) {
    ready = undefined; // it may be installed by the next time
    throw error;
  }
}

async function grammarOf(language: string): Promise<Grammar> {
  const { Language } = await treeSitter();
  let grammar = grammars.get(language);
  if (!grammar) {
    grammar = peer("Cutting code by its syntax", PACKAGES, () =>
      Language.load(new URL(import.meta.resolve(`@vscode/tree-sitter-wasm/wasm/tree-sitter-${language}.wasm`))),
    );
    grammars.set(language, grammar);
    grammar.catch(() => grammars.delete(language));
  }
  return grammar;
}
