/**
 * PDF: the text of each page, pages parted by a form feed, so that page numbers can be told from the text alone.
 *
 * A PDF has glyphs at places, not text; unpdf (pdf.js) puts them in reading order as well as it can be known. A scan has
 * no glyphs and comes out empty: it wants character recognition first, which this is not.
 */
import { LociError } from "../core/index.ts";
import type { TextDocument } from "./document.ts";
import { peer } from "./peers.ts";

/** Pages read of one file, at most. */
const MOST_PAGES = 20_000;

/** Reads a PDF. Throws `peer-missing` without unpdf, `bad-file` naming the file for one that is damaged or locked. */
export async function readPdf(bytes: Uint8Array, name: string): Promise<TextDocument> {
  const { getDocumentProxy } = await peer("Reading PDF", "unpdf", () => import("unpdf"));
  try {
    const pdf = await getDocumentProxy(bytes.slice(), { verbosity: 0 }); // it takes its bytes away
    try {
      if (pdf.numPages > MOST_PAGES) throw new LociError("bad-file", `${name}: more than ${MOST_PAGES} pages.`);
      const pages: string[] = [];
      for (let number = 1; number <= pdf.numPages; number++) {
        const page = await pdf.getPage(number);
        const { items } = await page.getTextContent();
        pages.push(pageText(items));
        page.cleanup();
      }
      const { info } = await pdf.getMetadata();
      const title = (info as { Title?: unknown }).Title;
      return {
        kind: "pdf",
        text: pages.join("\f").trim() === "" ? "" : pages.join("\f"),
        title: typeof title === "string" && title.trim() !== "" ? title.trim() : undefined,
        row: undefined,
        language: undefined,
        fields: { pages: pdf.numPages },
        origin: undefined,
      };
    } finally {
      await pdf.loadingTask.destroy();
    }
  } catch (cause) {
    if (cause instanceof LociError) throw cause;
    const locked = cause instanceof Error && cause.name === "PasswordException";
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new LociError(
      "bad-file",
      `${name}: ${locked ? "this PDF is locked by a password" : `no PDF that can be read (${why})`}.`,
      {
        cause,
      },
    );
  }
}

/** The items of a page as lines; a gap of more than a line's height is a new paragraph. */
function pageText(items: readonly object[]): string {
  let text = "";
  let bottom: number | undefined;
  for (const item of items as readonly { str?: string; hasEOL?: boolean; transform?: number[]; height?: number }[]) {
    if (item.str === undefined) continue; // a mark of structure
    const y = item.transform?.[5];
    const height = item.height ?? 0;
    if (item.str.trim() !== "" && y !== undefined) {
      if (
        bottom !== undefined &&
        bottom - y > 1.8 * Math.max(height, 1) &&
        text.endsWith("\n") &&
        !text.endsWith("\n\n")
      )
        text += "\n";
      bottom = y;
    }
    text += item.str.replaceAll("\f", " ");
    if (item.hasEOL) text += "\n";
  }
  return text;
}

/** Which page (from 1) a character of a PDF's text stands on. */
export function pageAt(text: string, offset: number): number {
  let page = 1;
  for (let at = text.indexOf("\f"); at >= 0 && at < offset; at = text.indexOf("\f", at + 1)) page++;
  return page;
}
