/**
 * Prose out of files that are half code: Markdown, and the documentation comments of TypeScript.
 *
 * What is left is one paragraph a string, in plain words: code blocks, tags, addresses and markup are gone, the words
 * of inline code stay, since they are what the text is about. This is made for learning word vectors from, not for
 * reading: where a rule cannot tell markup from text, losing a word is better than keeping a piece of code.
 */

/** The paragraphs of a Markdown file. */
export function markdownProse(source: string): string[] {
  const text = source
    .replace(/^---\r?\n[\s\S]*?\r?\n---\r?\n/, "") // front matter
    .replaceAll(/<!--[\s\S]*?-->/g, " ")
    .replaceAll(/^([ \t]*)(```+|~~~+)[\s\S]*?(?:^[ \t]*\2[`~]*[ \t]*$|(?![\s\S]))/gm, "\n") // fenced code, closed or not
    .replaceAll(/^(?: {4}|\t)(?![ \t]*(?:[-*+]|\d+\.) ).*$/gm, "") // indented code, but not nested list items
    .replaceAll(/^\[[^\]]+\]:.*$/gm, "") // where links go
    .replaceAll(/^[ \t]*(?:[-*+]|\d+[.)])[ \t]+/gm, "\n") // each list item is a paragraph
    .replaceAll(/^[ \t]*(#{1,6}.*)$/gm, "\n$1\n") // and each heading
    .replaceAll(/^[ \t]*\|?[ \t:|-]+\|[ \t:|-]*$/gm, ""); // rules of tables
  return paragraphs(text);
}

/** The paragraphs of the documentation comments in a TypeScript file. */
export function commentProse(source: string): string[] {
  const found: string[] = [];
  for (const [, body] of source.matchAll(/\/\*\*(?!\/)([\s\S]*?)\*\//g)) found.push(...commentBody(body!));
  return found;
}

function commentBody(body: string): string[] {
  const lines = body.replaceAll(/^[ \t]*\*[ \t]?/gm, "").replaceAll(/\{@\w+[ \t]+([^}|]*?)(?:\|([^}]*))?\}/g, "$1 $2");
  // A tag begins a part of its own. Examples are code, types and defaults are no prose; of the rest, the words stay.
  const parts = lines
    .split(/^[ \t]*(?=@\w)/m)
    .filter((part) => !/^@(?:example|default|type|template|license|internal)\b/.test(part));
  return parts.flatMap((part) =>
    markdownProse(
      part.replace(/^@(?:param|arg|property|prop)\s+(?:\{[^}]*\}\s*)?\[?[\w.$]+[^\s\]]*\]?/, "").replace(/^@\w+/, ""),
    ),
  );
}

/** Fewer words than this are a caption, a name, a version: no company to learn from. */
const LEAST_WORDS = 4;

function paragraphs(text: string): string[] {
  const found: string[] = [];
  for (const paragraph of text.split(/\r?\n[ \t]*\r?\n/)) {
    const words = plainWords(paragraph);
    if (words.split(" ", LEAST_WORDS).length === LEAST_WORDS) found.push(words);
  }
  return found;
}

/** Markup taken off, white space made one. */
function plainWords(paragraph: string): string {
  return paragraph
    .replaceAll(/!\[[^\]]*\](?:\([^)]*\)|\[[^\]]*\])/g, " ") // pictures
    .replaceAll(/\[MDN Reference\]\([^)]*\)/g, " ") // the one line that stands a thousand times in lib.dom.d.ts
    .replaceAll(/\[([^\]]*)\](?:\([^)]*\)|\[[^\]]*\])/g, "$1") // links keep their text
    .replaceAll(/\b(?:https?|ftp):\/\/[^\s)>\]]*|\bwww\.[^\s)>\]]*/g, " ")
    .replaceAll(/<\/?[a-zA-Z][^<>]*>/g, " ") // tags (and type parameters, which look like them)
    .replaceAll(/&[a-z]+;|&#\d+;/g, " ")
    .replaceAll(/[`*_~#>|\\=]+/g, " ")
    .replaceAll(/\s+/g, " ")
    .trim();
}
