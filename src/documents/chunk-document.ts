/** The chunker that fits a document, by its kind. */
import type { Chunk, ChunkOptions } from "./chunk.ts";
import { chunkCode } from "./chunk-code.ts";
import { chunkMarkdown } from "./chunk-markdown.ts";
import { chunkRecursive } from "./chunkers.ts";
import type { TextDocument } from "./document.ts";

/**
 * Cuts a document into chunks: what has headings (Markdown, HTML, DOCX) by its sections, code and settings by declarations, all else
 * by paragraphs and sentences.
 */
export async function chunkDocument(document: TextDocument, options: ChunkOptions = {}): Promise<Chunk[]> {
  const { kind, text, language, row } = document;
  if (kind === "markdown" || kind === "html" || kind === "docx") return chunkMarkdown(text, options);
  const isSource = kind === "code" || (kind === "json" && row === undefined && language !== undefined);
  return isSource
    ? chunkCode(text, { ...options, ...(language !== undefined && { language }) })
    : chunkRecursive(text, options);
}
