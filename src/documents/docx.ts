/**
 * DOCX: what mammoth makes of it, an HTML of headings, paragraphs, lists and tables, read like a web page.
 *
 * The file is a zip archive of XML. It is looked through before it is unpacked (zip.ts), pictures are left out, and nothing that it
 * points to is fetched.
 */
import { LociError } from "../core/index.ts";
import type { TextDocument } from "./document.ts";
import { readHtml } from "./html.ts";
import { peer } from "./peers.ts";
import { checkZip } from "./zip.ts";

/** What the parts of a document may unpack to, pictures not counted. */
const MOST_UNPACKED = 1 << 26;

/** Reads a DOCX file. Throws `peer-missing` without mammoth and htmlparser2, `bad-file` naming the file for one that is damaged. */
export async function readDocx(bytes: Uint8Array, name: string): Promise<TextDocument> {
  await checkZip(bytes, name, MOST_UNPACKED, /^word\/(?:media|embeddings|fonts)\//);
  const { default: mammoth } = await peer("Reading DOCX", "mammoth", () => import("mammoth"));
  let html: string;
  try {
    const copy = bytes.slice(); // one name for Node, one for browsers
    const input = { buffer: copy, arrayBuffer: copy.buffer } as unknown as Parameters<typeof mammoth.convertToHtml>[0];
    const convertImage = mammoth.images.imgElement(async () => ({ src: "" }));
    html = (await mammoth.convertToHtml(input, { convertImage, externalFileAccess: false })).value;
  } catch (cause) {
    const why = (cause instanceof Error ? cause.message : String(cause)).replace(/\s+/g, " ").slice(0, 200);
    throw new LociError("bad-file", `${name}: no DOCX that can be read (${why}).`, { cause });
  }
  const read = await readHtml(html, { boilerplate: "keep" }, name);
  return { ...read, kind: "docx", origin: undefined };
}
