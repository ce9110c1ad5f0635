/**
 * The skeleton of a Markdown text: its headings and fenced blocks, with exact ranges.
 *
 * One pass over the lines by CommonMark's rules for blocks, at the top level only: what stands in a quotation or a list is part of
 * that, and no section of the text. A parser for all of Markdown (micromark) is the oracle in the tests; it is not used here
 * because it reads 0.3 MB a second where this reads a hundred, and takes seconds for a hostile kilobyte of nested lists.
 */
import type { CodeBlock, Heading } from "./document.ts";

export interface MarkdownOutline {
  readonly headings: readonly Heading[];
  readonly code: readonly CodeBlock[];
  /** `title:` of the front matter, else the first heading; undefined where there is neither. */
  readonly title: string | undefined;
}

const LINE = /[^\r\n]*(?:\r\n|\n|\r|$)/g;
const ATX = /^ {0,3}(#{1,6})(?:[ \t]+(.*))?$/;
const SETEXT = /^ {0,3}(?:(=+)|-+)[ \t]*$/;
const FENCE = /^ {0,3}(`{3,}|~{3,})(.*)$/;
const RULE = /^ {0,3}(?:(?:\*[ \t]*){3,}|(?:-[ \t]*){3,}|(?:_[ \t]*){3,})$/;
const QUOTE = /^ {0,3}> ?/;
const ITEM = /^( {0,3})([-+*]|(\d{1,9})[.)])([ \t]+|$)/;
const HTML_TAGS =
  "address article aside base basefont blockquote body caption center col colgroup dd details dialog dir div dl dt fieldset figcaption " +
  "figure footer form frame frameset h[1-6] head header hr html iframe legend li link main menu menuitem nav noframes ol optgroup " +
  "option p param search section summary table tbody td tfoot th thead title tr track ul";
/** How blocks of HTML begin and end; an end of `undefined` is an empty line. */
const HTML: readonly { readonly open: RegExp; readonly close: RegExp | undefined; readonly interrupts: boolean }[] = [
  {
    open: /^ {0,3}<(?:script|pre|style|textarea)(?:\s|>|$)/i,
    close: /<\/(?:script|pre|style|textarea)>/i,
    interrupts: true,
  },
  { open: /^ {0,3}<!--/, close: /-->/, interrupts: true },
  { open: /^ {0,3}<\?/, close: /\?>/, interrupts: true },
  { open: /^ {0,3}<![A-Za-z]/, close: />/, interrupts: true },
  { open: /^ {0,3}<!\[CDATA\[/, close: /\]\]>/, interrupts: true },
  {
    open: new RegExp(`^ {0,3}</?(?:${HTML_TAGS.replaceAll(" ", "|")})(?:\\s|/?>|$)`, "i"),
    close: undefined,
    interrupts: true,
  },
  {
    open: /^ {0,3}(?:<[A-Za-z][A-Za-z0-9-]*(?:\s+[A-Za-z_:][\w.:-]*(?:\s*=\s*(?:[^\s"'=<>`]+|'[^']*'|"[^"]*"))?)*\s*\/?>|<\/[A-Za-z][A-Za-z0-9-]*\s*>)[ \t]*$/,
    close: undefined,
    interrupts: false,
  },
];

/** Characters of a heading that become its title. */
const LONGEST_TITLE = 300;

/** The headings and fenced blocks of a Markdown text, in order. Never throws: every text is Markdown. */
export function markdownOutline(text: string): MarkdownOutline {
  const matter = frontMatter(text);
  const scan = new BlockScan(text);
  LINE.lastIndex = matter.end;
  for (;;) {
    const start = LINE.lastIndex;
    const [line] = LINE.exec(text)!;
    if (line === "") break;
    scan.line(line.replace(/(?:\r\n|\n|\r)$/, ""), start, start + line.length);
  }
  const { headings, code } = scan.finish();
  return { headings, code, title: matter.title ?? headings.find(({ title }) => title !== "")?.title };
}

class BlockScan {
  readonly #text: string;
  readonly #headings: Heading[] = [];
  readonly #code: CodeBlock[] = [];
  /** Where the paragraph that is open at the top level starts; −1 while there is none. */
  #paragraph = -1;
  /** Whether the last line was text in a quotation or an item, which a line without marker may go on with. */
  #lazy = false;
  /** The indent that a line needs to belong to the open list item; 0 while there is none. */
  #item = 0;
  /** Whether the line before was the marker of an item and nothing else: an empty line then ends the item. */
  #bare = false;
  #fence: { readonly mark: string; readonly start: number; readonly language: string } | undefined;
  #html: { readonly close: RegExp | undefined } | undefined;

  constructor(text: string) {
    this.#text = text;
  }

  line(line: string, start: number, end: number): void {
    if (this.#fence) return this.#inFence(line, end);
    if (this.#html) return this.#inHtml(line);
    if (line.trim() === "") {
      this.#paragraph = -1;
      this.#lazy = false;
      if (this.#bare) this.#item = 0;
      return;
    }
    this.#bare = false;
    const indent = indentOf(line);
    if (this.#item > 0 && indent >= this.#item && this.#paragraph < 0) {
      this.#lazy = isText(line.trimStart());
      return;
    }
    if (this.#topLevel(line, indent, start, end)) return;
    if (this.#lazy) return;
    this.#item = 0;
    if (this.#paragraph < 0 && indent < 4) this.#paragraph = start;
  }

  finish(): { headings: Heading[]; code: CodeBlock[] } {
    if (this.#fence)
      this.#code.push({ start: this.#fence.start, end: this.#text.length, language: this.#fence.language });
    return { headings: this.#headings, code: this.#code };
  }

  /** Whether a line at the top level begins or ends something, which is then taken note of. */
  #topLevel(line: string, indent: number, start: number, end: number): boolean {
    if (indent >= 4) return false;
    const setext = this.#paragraph >= 0 ? SETEXT.exec(line) : null;
    if (setext) {
      const title = this.#text.slice(this.#paragraph, start);
      this.#heading(setext[1] ? 1 : 2, title.replace(/\s+/g, " "), this.#paragraph, end);
      return true;
    }
    const atx = ATX.exec(line);
    if (atx) {
      this.#heading(atx[1]!.length, (atx[2] ?? "").replace(/(?:^|[ \t]+)#+[ \t]*$/, ""), start, end);
      return true;
    }
    const fence = FENCE.exec(line);
    if (fence && !(fence[1]!.startsWith("`") && fence[2]!.includes("`"))) {
      this.#leave();
      this.#fence = { mark: fence[1]!, start, language: /^\s*([^\s{]*)/.exec(fence[2]!)![1]!.toLowerCase() };
      return true;
    }
    if (RULE.test(line)) {
      this.#leave();
      return true;
    }
    return this.#container(line) || this.#htmlBlock(line);
  }

  #container(line: string): boolean {
    if (QUOTE.test(line)) {
      this.#leave();
      this.#lazy = isText(line.replace(QUOTE, ""));
      return true;
    }
    const item = ITEM.exec(line);
    if (!item) return false;
    const rest = line.slice(item[0].length);
    // A paragraph is interrupted only by items that are not empty, and by numbers only from 1.
    const inParagraph = this.#paragraph >= 0 || (this.#lazy && this.#item === 0);
    if (inParagraph && (rest === "" || (item[3] !== undefined && Number(item[3]) !== 1))) return false;
    this.#leave();
    const spaces = indentOf(item[4]!);
    this.#item = item[1]!.length + item[2]!.length + (rest === "" || spaces > 4 ? 1 : spaces);
    this.#lazy = spaces <= 4 && isText(rest);
    this.#bare = rest === "";
    return true;
  }

  #htmlBlock(line: string): boolean {
    const inParagraph = this.#paragraph >= 0 || this.#lazy;
    const html = HTML.find(({ open, interrupts }) => (interrupts || !inParagraph) && open.test(line));
    if (!html) return false;
    this.#leave();
    if (!html.close?.test(line)) this.#html = html;
    return true;
  }

  #heading(level: number, title: string, start: number, end: number): void {
    this.#headings.push({ level, title: plainTitle(title), start, end });
    this.#leave();
  }

  #inFence(line: string, end: number): void {
    const { mark, start, language } = this.#fence!;
    const close = FENCE.exec(line);
    if (close?.[2]!.trim() !== "" || close[1]![0] !== mark[0] || close[1]!.length < mark.length) return;
    this.#code.push({ start, end, language });
    this.#fence = undefined;
  }

  #inHtml(line: string): void {
    const { close } = this.#html!;
    if (close ? close.test(line) : line.trim() === "") this.#html = undefined;
  }

  #leave(): void {
    this.#paragraph = -1;
    this.#lazy = false;
    this.#item = 0;
  }
}

/** Whether what stands in a container is the text of a paragraph, by its first line. */
function isText(line: string): boolean {
  let rest = line;
  for (let depth = 0; depth < 16; depth++) {
    if (rest.trim() === "" || indentOf(rest) >= 4 || ATX.test(rest) || FENCE.test(rest) || RULE.test(rest))
      return false;
    const inner = QUOTE.exec(rest) ?? ITEM.exec(rest);
    if (!inner) return true;
    rest = rest.slice(inner[0].length);
  }
  return false;
}

/** Columns of white space at the start; a tab goes on to the next multiple of four. */
function indentOf(line: string): number {
  let columns = 0;
  for (const character of line) {
    if (character === " ") columns++;
    else if (character === "\t") columns += 4 - (columns % 4);
    else break;
  }
  return columns;
}

/** A heading as people read it: links by their text, without marks for code and emphasis. */
function plainTitle(title: string): string {
  return title
    .slice(0, LONGEST_TITLE)
    .replace(/!?\[([^[\]]{0,300})\]\([^()\s]{0,500}(?:\s[^()]{0,200})?\)/g, "$1")
    .replace(/(?<![\w*])(\*{1,3}|_{1,3})(?=\S)([^*_]{1,300}?\S|\S)\1(?!\w)/g, "$2")
    .replace(/`+([^`]{1,300})`+/g, "$1")
    .replace(/\\([!-/:-@[-`{-~])/g, "$1")
    .replace(/<\/?[A-Za-z][^<>]{0,300}>/g, "")
    .trim();
}

/** The block of YAML or TOML that many tools put at the start, between lines of `---` or `+++`. */
function frontMatter(text: string): { readonly end: number; readonly title: string | undefined } {
  const open = /^(---|\+\+\+)[ \t]*(?:\r\n|\n|\r)/.exec(text);
  if (!open) return { end: 0, title: undefined };
  const close = new RegExp(
    `^(?:${open[1] === "---" ? "---|\\.\\.\\." : "\\+\\+\\+"})[ \\t]*(?:\\r\\n|\\n|\\r|$)`,
    "gm",
  );
  close.lastIndex = open[0].length;
  const found = close.exec(text.slice(0, 1 << 16));
  const inside = found && text.slice(open[0].length, found.index);
  // Without a key in it, it is a rule, some text and another rule.
  if (!found || !inside || !/^[\w-]+[ \t]*[:=]/m.test(inside)) return { end: 0, title: undefined };
  const title = /^title[ \t]*[:=][ \t]*(?:"([^"\r\n]*)"|'([^'\r\n]*)'|([^\r\n]*))/m.exec(inside);
  const named = (title?.[1] ?? title?.[2] ?? title?.[3])?.trim();
  return { end: found.index + found[0].length, title: named === "" ? undefined : named };
}
