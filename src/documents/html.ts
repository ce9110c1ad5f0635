/**
 * Web pages: their text as light Markdown, with the way back to the source.
 *
 * Headings become `#` lines, list items `- `, table rows `a | b`, preformatted text a fenced block; everything else is paragraphs
 * with white space collapsed, as a browser shows it. What nobody reads is left out: scripts, styles, forms, and, unless they
 * are asked for, navigation, footers and what is hidden. Broken pages are read as far as they make sense, as browsers do;
 * the parser keeps a stack and no tree.
 */
import { LociError } from "../core/index.ts";
import type { TextDocument } from "./document.ts";
import { SpanOrigin } from "./origin.ts";
import { peer } from "./peers.ts";

export interface HtmlOptions {
  /** "drop" (default) leaves out navigation, footers of the page and what is hidden; "keep" takes them. */
  readonly boilerplate?: "drop" | "keep";
}

/** Elements within each other, at most: browsers stop at 512, and the parser's work grows with depth × elements. */
const DEEPEST = 5000;

const FENCE = "```";

const words = (list: string): ReadonlySet<string> => new Set(list.split(" "));

/** Never text. */
const DROPPED = words(
  "script style noscript template svg math iframe object embed canvas audio video map select option datalist textarea button dialog",
);
/** Around the text rather than in it. */
const BOILERPLATE = words("nav footer");
const BOILERPLATE_ROLES = words("navigation banner contentinfo search menu menubar toolbar");
/** A footer inside these is part of the text. */
const ARTICLES = words("article main blockquote");
const PARAGRAPHS = words(
  "p div section article main aside header footer nav ul ol dl table blockquote figure figcaption details fieldset form address center " +
    "body h1 h2 h3 h4 h5 h6 pre hr",
);
const LINES = words("br li dt dd tr caption summary legend option thead tbody tfoot");

/**
 * Reads a page that is in memory as text. Throws `peer-missing` without htmlparser2, `bad-file` by `name` for elements nested more than
 * 5000 deep.
 */
export async function readHtml(
  source: string,
  { boilerplate = "drop" }: HtmlOptions = {},
  name = "This page",
): Promise<TextDocument> {
  const { Parser } = await peer("Reading HTML", "htmlparser2", () => import("htmlparser2"));
  const page = new PageText(source, boilerplate === "drop", name);
  const parser: InstanceType<typeof Parser> = new Parser(
    {
      onopentag: (name, attributes) => page.open(name, attributes, parser.startIndex),
      onclosetag: (name) => page.close(name),
      ontext: (text) => page.text(text, parser.startIndex, parser.endIndex + 1 - parser.startIndex),
    },
    { decodeEntities: true },
  );
  parser.end(source);
  return page.finish();
}

class PageText {
  readonly #name: string;
  readonly #drops: boolean;
  readonly #origin: SpanOrigin;
  readonly #parts: string[] = [];
  #length = 0;
  /** How deep inside a dropped element; 0 outside. Its name is on the stack like any other. */
  #dropped = 0;
  readonly #open: { readonly name: string; readonly drops: boolean }[] = [];
  #articles = 0;
  #pre = 0;
  /** Of the preformatted text that is open; the fence itself is written with its first text. */
  #fence: { language: string; open: boolean } | undefined;
  /** Line breaks due before the next text: 0, 1 or 2. */
  #breaks = 0;
  #blank = false;
  /** What goes before the next text of this line: `# `, `- `. */
  #prefix = "";
  /** Cells of this row so far; where the text of the present one starts, −1 outside; whether it is one line so far. */
  #cells = 0;
  #cellStart = -1;
  #cellPlain = false;
  #title = "";
  #inTitle = false;
  #heading: { readonly name: string; readonly at: number } | undefined;
  #firstHeading = "";

  constructor(source: string, drops: boolean, name: string) {
    this.#name = name;
    this.#drops = drops;
    this.#origin = new SpanOrigin(source);
  }

  open(name: string, attributes: Readonly<Record<string, string>>, at: number): void {
    if (this.#open.length >= DEEPEST)
      throw new LociError("bad-file", `${this.#name}: elements are nested more than ${DEEPEST} deep.`);
    const drops = DROPPED.has(name) || (this.#drops && this.#isBoilerplate(name, attributes));
    this.#open.push({ name, drops });
    if (drops) this.#dropped++;
    if (this.#dropped > 0) return;
    if (name === "title") this.#inTitle = true;
    if (ARTICLES.has(name)) this.#articles++;
    if (name === "td" || name === "th") this.#cell();
    if (name === "tr") this.#cells = 0;
    this.#break(name);
    if (/^h[1-6]$/.test(name)) {
      this.#prefix = `${"#".repeat(Number(name[1]))} `;
      this.#heading = { name, at: this.#parts.length };
    } else if (name === "li") this.#prefix = "- ";
    else if (name === "pre" && this.#pre++ === 0) this.#fence = { language: languageOf(attributes), open: false };
    else if (name === "code" && this.#fence?.language === "") this.#fence.language = languageOf(attributes);
    else if (name === "img" && attributes.alt?.trim()) this.#put(attributes.alt.trim().replace(/\s+/g, " "), at, 0);
  }

  close(name: string): void {
    const top = this.#open.pop();
    if (this.#dropped > 0) {
      if (top?.drops) this.#dropped--;
      return;
    }
    if (name === "title") this.#inTitle = false;
    if (ARTICLES.has(name)) this.#articles--;
    if (name === "pre" && --this.#pre === 0) this.#closeFence();
    if (this.#heading?.name === name) {
      if (this.#firstHeading === "")
        this.#firstHeading = this.#parts
          .slice(this.#heading.at)
          .join("")
          .replace(/^\s*#+ /, "")
          .trim();
      this.#heading = undefined;
      this.#prefix = "";
    }
    if (name === "li") this.#prefix = "";
    this.#break(name);
    if (name === "td" || name === "th") {
      if (this.#cellPlain) this.#breaks = 0;
      this.#cellStart = -1;
    }
  }

  /** Text that takes up `length` characters of the source from `at` on; entities come as texts of their own. */
  text(text: string, at: number, length: number): void {
    if (this.#inTitle) {
      this.#title += text;
      return;
    }
    if (this.#dropped > 0 || isOutsideCells(this.#open.at(-1)?.name)) return;
    if (this.#pre > 0) return this.#preformatted(text, at, length);
    const verbatim = text.length === length;
    // One piece for each run without white space to collapse.
    for (const match of text.matchAll(/[^\t\n\f\r ]+(?: [^\t\n\f\r ]+)*|[\t\n\f\r ]+/g)) {
      if (/^[\t\n\f\r ]/.test(match[0])) this.#blank = true;
      else this.#put(match[0], at + (verbatim ? match.index : 0), verbatim ? match[0].length : length);
    }
  }

  finish(): TextDocument {
    const text = this.#parts.join("") + (this.#fence?.open ? `\n${FENCE}` : "");
    this.#origin.text = text;
    const title = this.#title.replace(/\s+/g, " ").trim() || this.#firstHeading;
    return {
      kind: "html",
      text,
      title: title === "" ? undefined : title,
      row: undefined,
      language: undefined,
      fields: {},
      origin: this.#origin,
    };
  }

  #isBoilerplate(name: string, { role, hidden, "aria-hidden": ariaHidden }: Readonly<Record<string, string>>): boolean {
    if (hidden !== undefined && hidden !== "until-found") return true;
    if (ariaHidden === "true" || (role !== undefined && BOILERPLATE_ROLES.has(role))) return true;
    return BOILERPLATE.has(name) && (name === "nav" || this.#articles === 0);
  }

  #break(name: string): void {
    if (this.#prefix === "- ") return; // a paragraph or a list that an item begins with is on its line
    if (PARAGRAPHS.has(name)) this.#breaks = 2;
    else if (LINES.has(name)) this.#breaks = Math.max(this.#breaks, 1);
    else return;
    this.#blank = false;
    // What a cell begins with is on its line, paragraph or not.
    if (this.#cellStart === this.#length) this.#breaks = 0;
  }

  #cell(): void {
    if (this.#breaks > 0) this.#flush();
    if (this.#cells++ > 0 && this.#cellPlain) this.#append(" | ");
    this.#blank = false;
    this.#cellStart = this.#length;
    this.#cellPlain = true;
  }

  #closeFence(): void {
    if (!this.#fence?.open) return;
    if (!this.#parts.at(-1)?.endsWith("\n")) this.#append("\n");
    this.#append(FENCE);
    this.#fence = undefined;
    this.#breaks = 2;
  }

  #preformatted(text: string, at: number, length: number): void {
    if (this.#fence && !this.#fence.open) {
      this.#breaks = 2;
      this.#flush();
      this.#append(`${FENCE}${this.#fence.language}\n`);
      this.#fence.open = true;
    }
    // A fence inside would end the block: its marks are parted by a joiner of no width.
    const safe = text.replaceAll("```", "`\u2060``");
    if (text.length === length && safe === text) this.#origin.add(this.#length, at, length);
    else this.#origin.add(this.#length, at, 1);
    this.#append(safe);
  }

  #put(text: string, at: number, length: number): void {
    if (this.#breaks > 0) this.#flush();
    else if (this.#blank && this.#length > 0 && !/\s$/.test(this.#parts.at(-1)!)) this.#append(" ");
    this.#blank = false;
    if (this.#prefix !== "") {
      this.#append(this.#prefix);
      this.#prefix = "";
    }
    if (length > 0) this.#origin.add(this.#length, at, Math.min(length, text.length));
    this.#append(text);
  }

  /** Writes the line breaks that are due. */
  #flush(): void {
    if (this.#length > 0) this.#append("\n".repeat(Math.max(1, this.#breaks)));
    if (this.#cellStart >= 0) this.#cellPlain = false;
    this.#breaks = 0;
    this.#blank = false;
  }

  #append(text: string): void {
    this.#parts.push(text);
    this.#length += text.length;
  }
}

/** The language of code by its class: `language-js`, `lang-js`, `brush: js`. */
function languageOf({ class: classes = "" }: Readonly<Record<string, string>>): string {
  return /(?:^|\s)(?:language|lang|brush)[-:]\s*([\w+#-]{1,30})/.exec(classes)?.[1] ?? "";
}

/** White space between the rows of a table is no text. */
const isOutsideCells = (name: string | undefined): boolean =>
  name === "table" || name === "tr" || name === "tbody" || name === "thead" || name === "tfoot";
