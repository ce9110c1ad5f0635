/** What a file is, by its name and, where that says nothing, by its first bytes. */
import type { DocumentKind } from "./document.ts";

/** The language of source code by the ending of its file. */
const LANGUAGES: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries({
    typescript: "ts mts cts",
    tsx: "tsx",
    javascript: "js mjs cjs jsx",
    python: "py pyi pyw",
    java: "java",
    c: "c",
    cpp: "h cc cpp cxx hh hpp hxx",
    "c-sharp": "cs",
    go: "go",
    rust: "rs",
    ruby: "rb rake gemspec",
    php: "php",
    bash: "sh bash zsh",
    powershell: "ps1 psm1",
    css: "css scss less",
    ini: "ini cfg conf properties",
    kotlin: "kt kts",
    swift: "swift",
    scala: "scala",
    sql: "sql",
    lua: "lua",
    r: "r",
    dart: "dart",
    haskell: "hs",
    elixir: "ex exs",
    clojure: "clj cljs",
    perl: "pl pm",
    objectivec: "m mm",
    zig: "zig",
    vue: "vue",
    svelte: "svelte",
    yaml: "yaml yml",
    toml: "toml",
    proto: "proto",
    graphql: "graphql gql",
    make: "mk makefile",
    docker: "dockerfile",
    cmake: "cmake",
  }).flatMap(([language, endings]) => endings.split(" ").map((ending) => [ending, language])),
);

const KINDS: Readonly<Record<string, DocumentKind>> = Object.fromEntries(
  Object.entries({
    text: "txt text rst adoc asciidoc org tex log srt vtt",
    markdown: "md markdown mdx mkd qmd",
    html: "html htm xhtml",
    json: "json geojson webmanifest ipynb",
    jsonl: "jsonl ndjson",
    csv: "csv",
    tsv: "tsv tab",
    pdf: "pdf",
    docx: "docx",
  }).flatMap(([kind, endings]) => endings.split(" ").map((ending) => [ending, kind as DocumentKind])),
);

/** The part behind the last dot, in lower case; of a name without a dot the whole name ("makefile"). */
function endingOf(name: string): string {
  const file = name.slice(Math.max(name.lastIndexOf("/"), name.lastIndexOf("\\")) + 1).toLowerCase();
  return file.slice(file.lastIndexOf(".") + 1);
}

/** The kind of a file by its name; undefined where the name does not say it. */
export function kindOfName(name: string): DocumentKind | undefined {
  const ending = endingOf(name);
  return KINDS[ending] ?? (LANGUAGES[ending] ? "code" : undefined);
}

/** The programming language of a file by its name, as a fence would give it; undefined where the name does not say it. */
export function languageOfName(name: string): string | undefined {
  return LANGUAGES[endingOf(name)];
}

/** The kind of a file by name, else by its start: PDF, HTML, a script with `#!`, else text. */
export function kindOf(name: string, head: Uint8Array): DocumentKind {
  const named = kindOfName(name);
  if (named) return named;
  const start = new TextDecoder("latin1").decode(head.subarray(0, 256));
  if (start.startsWith("%PDF-")) return "pdf";
  if (start.startsWith("#!")) return "code";
  return /^\s*(?:<!doctype html|<html[\s>])/i.test(start) ? "html" : "text";
}
