/**
 * Holds the documentation to the code.
 *
 *     npm run docs
 *
 * Every ```ts block of the Markdown files runs as a program of its own against the sources, in a folder with a
 * small corpus; every link leads somewhere; every file that a page or a comment names exists. A block fenced as
 * ```ts sketch shows what is not a program (an interface, a fragment) and is only parsed.
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { parseSync } from "oxc-parser";
import { doors, root } from "./doors.ts";
import { repositoryFiles } from "./files.ts";

/** A fenced block of a page. */
export interface Example {
  /** "README.md:12" */
  readonly place: string;
  readonly code: string;
  readonly runs: boolean;
}

const textOf = (file: string): string => readFileSync(join(root, file), "utf8");

/** The pages: Markdown in the root and under docs. */
export const pages = (): string[] =>
  repositoryFiles().filter((file) => file.endsWith(".md") && (!file.includes("/") || file.startsWith("docs/")));

export function examples(): Example[] {
  return pages().flatMap((page) => {
    const text = textOf(page);
    return [...text.matchAll(/^```ts( sketch)?\n([\s\S]*?)^```$/gm)].map(({ index, 1: sketch, 2: code }) => ({
      place: `${page}:${text.slice(0, index).split("\n").length}`,
      code: code!,
      runs: sketch === undefined,
    }));
  });
}

/** Runs an example (or parses it, if it is a sketch); throws with its place if that fails. */
export function tryExample({ place, code, runs }: Example): void {
  const { errors } = parseSync("example.ts", code);
  if (errors.length > 0) throw new SyntaxError(`${place}: ${errors[0]!.message}`);
  if (!runs) return;
  const folder = mkdtempSync(join(tmpdir(), "loci-docs-"));
  try {
    mkdirSync(join(folder, "corpus"));
    writeFileSync(join(folder, "corpus/court.txt"), corpus());
    writeFileSync(join(folder, "example.ts"), againstSources(code));
    execFileSync(process.execPath, ["example.ts"], {
      cwd: folder,
      stdio: ["ignore", "ignore", "pipe"],
      encoding: "utf8",
      timeout: 60_000,
    });
  } catch (cause) {
    const { stderr = "" } = cause as { stderr?: string };
    throw new Error(`${place}: the example fails.\n${stderr}`, { cause });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The example with "loci" and "loci/room" leading to the sources. */
function againstSources(code: string): string {
  let text = code;
  for (const { specifier, source } of doors())
    text = text.replaceAll(`"${specifier}"`, `"${pathToFileURL(join(root, source)).href}"`);
  return text;
}

/** Sentences in which the words that examples ask for are frequent. */
function corpus(): string {
  const people = [
    ["king", "man", "he"],
    ["queen", "woman", "she"],
    ["prince", "boy", "he"],
    ["princess", "girl", "she"],
  ];
  const deeds = [
    "rules the old city",
    "walks in the garden",
    "speaks to the people",
    "reads a long letter",
    "rides to new york",
  ];
  const sentences: string[] = [];
  for (let i = 0; i < 4000; i++) {
    const [title, person, pronoun] = people[i % 4]!;
    sentences.push(`the ${title} is a ${person} and ${pronoun} ${deeds[(i * 7) % 5]}`);
  }
  return sentences.join("\n");
}

/** What is wrong with the pages' links, and with the files that pages and comments name: one line a fault. */
export function brokenLinks(): string[] {
  return [
    ...pages().flatMap(brokenLinksOf),
    ...repositoryFiles()
      .filter((file) => /\.(ts|md|sh)$|^\.ci\/run$/.test(file))
      .flatMap(missingMentions),
  ];
}

function brokenLinksOf(page: string): string[] {
  const text = withoutCode(textOf(page));
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, link]) => {
    if (/^[a-z]+:/.test(link!)) return []; // the world outside is not ours to check
    const [path = "", heading] = link!.split("#");
    const target = path === "" ? page : join(dirname(page), path);
    if (!existsSync(join(root, target))) return [`${page}: the link to ${link} leads nowhere`];
    if (heading && !headingsOf(target).includes(heading)) return [`${page}: ${target} has no heading #${heading}`];
    return [];
  });
}

const withoutCode = (text: string): string => text.replace(/^```[\s\S]*?^```$/gm, "").replace(/`[^`\n]*`/g, "");

/** Headings as their anchors are made: lower case, no punctuation, spaces to hyphens. */
function headingsOf(page: string): string[] {
  const headings = withoutFences(textOf(page)).matchAll(/^#+ (.*)$/gm);
  return [...headings].map(([, text]) =>
    text!
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );
}

const withoutFences = (text: string): string => text.replace(/^```[\s\S]*?^```$/gm, "");

/** Pages and sources named in full (docs/…, src/…, test/…, scripts/…, bench/…) must be there. */
function missingMentions(file: string): string[] {
  const names = new Set(
    [...textOf(file).matchAll(/(?<![\w./-])(?:docs|src|test|scripts|bench)\/[\w./-]+\.(?:md|ts|sh|json)\b/g)].map(
      ([name]) => name,
    ),
  );
  return [...names]
    .filter((name) => !/generated|\.\.|^bench\/results/.test(name) && !existsSync(join(root, name)))
    .map((name) => `${file} names ${name}, which is not there`);
}

if (import.meta.main) {
  const faults = brokenLinks();
  for (const fault of faults) console.error(fault);
  let failed = faults.length;
  for (const example of examples()) {
    try {
      tryExample(example);
      console.log(`ok ${example.place}`);
    } catch (error) {
      failed++;
      console.error(String(error));
    }
  }
  console.log(`${examples().length} examples, ${pages().length} pages, ${failed} faults`);
  process.exitCode = failed > 0 ? 1 : 0;
}
