/**
 * Text that is on this machine already: what the installed npm packages say about themselves.
 *
 * Folders are gone through in the order of their names, so that the same packages give the same text, and so the same
 * vectors. No package may fill the corpus alone. A paragraph that stands in several places (types are copied from package
 * to package) counts once.
 */
import { type Dirent, existsSync } from "node:fs";
import { readFile, readdir, stat } from "node:fs/promises";
import { dirname, join, parse, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { LociError, type Step, phaseClock, platform } from "../../core/index.ts";
import { commentProse, markdownProse } from "./prose.ts";

/** What was found. */
export interface FoundText {
  /** One paragraph each. */
  readonly paragraphs: string[];
  /** The Markdown files among them, whole, for questions to be asked of. */
  readonly guides: readonly Guide[];
  readonly characters: number;
  readonly files: number;
  readonly packages: number;
  /** Where: the folders of packages, as paths. */
  readonly folders: readonly string[];
}

/** A Markdown file of a package. */
export interface Guide {
  /** Below the folder of packages: "react/README.md". */
  readonly path: string;
  readonly text: string;
}

export interface FindOptions {
  /** Stop at so many characters of prose. Default 12 million, about 2 million words. */
  readonly most?: number;
  /** At most so many from one package. Default 2 million. */
  readonly mostOfPackage?: number;
}

/** With less than this, folders further away are looked through too. */
const ENOUGH = 1_000_000;
/** With less than this, nothing worth showing can be learnt. */
const LEAST = 200_000;
/** Guides are kept up to so many characters in all: enough to find answers in. */
const MOST_OF_GUIDES = 2_500_000;
/** Larger files are generated tables, bundles, data. */
const LARGEST_FILE = 4 << 20;

/**
 * The folders of packages to read, nearest first: those of the folder one is in, of the folders above it, those that
 * Loci itself was installed among, and npm's own documentation, which comes with Node.
 */
export function packageFolders(here: string): string[] {
  const own = dirname(fileURLToPath(import.meta.url));
  const npm = join(dirname(process.execPath), "..", "lib", "node_modules");
  const candidates = [...upward(here), ...upward(own)].map((folder) => join(folder, "node_modules"));
  return [...new Set([...candidates, npm])].filter((folder) => existsSync(folder));
}

function upward(folder: string): string[] {
  const above = dirname(folder);
  return folder === parse(folder).root || above === folder ? [folder] : [folder, ...upward(above)];
}

/** Finds text in the packages under `folders`, stepwise. Throws `no-text` where there is too little. */
export async function* findTextSteps(
  folders: readonly string[],
  { most = 12_000_000, mostOfPackage = 2_000_000 }: FindOptions = {},
): AsyncGenerator<Step, FoundText, void> {
  const clock = phaseClock("looking", 0);
  const gathering = new Gathering(most);
  const used: string[] = [];
  let next = platform.now();
  for (const folder of folders) {
    if (gathering.characters >= ENOUGH) break;
    used.push(folder);
    for (const name of await packagesIn(folder)) {
      gathering.startPackage(mostOfPackage);
      for await (const file of textFilesUnder(join(folder, name))) {
        if (gathering.full) break;
        gathering.add(relative(folder, file), await readFile(file, "utf8"));
        if (platform.now() < next) continue;
        next = platform.now() + 0.05;
        yield clock(gathering.characters);
      }
    }
  }
  if (gathering.characters < LEAST) throw tooLittle(folders, gathering.characters);
  return { ...gathering.result(), folders: used };
}

function tooLittle(folders: readonly string[], characters: number): LociError {
  const where =
    folders.length === 0
      ? "there is no node_modules folder here or above"
      : `${folders.join(", ")} ${folders.length === 1 ? "holds" : "hold"} too little text (${characters} characters)`;
  return new LociError(
    "no-text",
    `The demo learns from the documentation of installed npm packages, but ${where}. Run it in a project after "npm install", ` +
      `or learn from a text of your own: loci train words TEXT… --out words`,
  );
}

class Gathering {
  readonly #most: number;
  readonly #seen = new Set<string>();
  readonly #packages = new Set<number>();
  readonly #guides: Guide[] = [];
  #ofGuides = 0;
  #mostNow = 0;
  #package = 0;
  #files = 0;
  characters = 0;

  constructor(most: number) {
    this.#most = most;
  }

  startPackage(most: number): void {
    this.#package++;
    this.#mostNow = Math.min(this.#most, this.characters + most);
  }

  get full(): boolean {
    return this.characters >= this.#mostNow;
  }

  add(file: string, content: string): void {
    const markdown = /\.(?:md|markdown)$/i.test(file);
    const paragraphs = markdown ? markdownProse(content) : commentProse(content);
    const before = this.#seen.size;
    for (const paragraph of paragraphs) {
      if (this.#seen.has(paragraph) || this.full) continue;
      this.#seen.add(paragraph);
      this.characters += paragraph.length;
    }
    if (this.#seen.size === before) return;
    if (markdown && this.#ofGuides + content.length <= MOST_OF_GUIDES) {
      this.#guides.push({ path: file.split(sep).join("/"), text: content });
      this.#ofGuides += content.length;
    }
    this.#files++;
    this.#packages.add(this.#package);
  }

  result(): Omit<FoundText, "folders"> {
    return {
      paragraphs: [...this.#seen],
      guides: this.#guides,
      characters: this.characters,
      files: this.#files,
      packages: this.#packages.size,
    };
  }
}

/** The packages of a node_modules folder, sorted; scoped ones as "@scope/name". */
async function packagesIn(folder: string): Promise<string[]> {
  const names: string[] = [];
  for (const entry of await entriesOf(folder)) {
    if (!entry.isDirectory() || entry.name.startsWith(".")) continue;
    if (!entry.name.startsWith("@")) names.push(entry.name);
    else for (const inner of await entriesOf(join(folder, entry.name))) names.push(`${entry.name}/${inner.name}`);
  }
  return names;
}

/** Markdown, and TypeScript that documents something; what says the same twice, or nothing, is passed over. */
const TEXTS = /\.(?:md|markdown|[mc]?ts)$/i;
const NO_TEXTS = /^(?:changelog|history|licen[cs]e|notice|authors|contributors|third.?party.*)\b/i;

async function* textFilesUnder(folder: string): AsyncGenerator<string, void, void> {
  const entries = await entriesOf(folder);
  const names = new Set(entries.map(({ name }) => name));
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      // Packages inside packages are other versions of what stands outside.
      if (entry.name !== "node_modules" && !entry.name.startsWith(".")) yield* textFilesUnder(path);
    } else if (entry.isFile() && TEXTS.test(entry.name) && !NO_TEXTS.test(entry.name)) {
      const twin = entry.name.replace(/\.[mc]ts$/, ".ts");
      if (twin !== entry.name && names.has(twin)) continue;
      if ((await stat(path)).size <= LARGEST_FILE) yield path;
    }
  }
}

/** What is in a folder, by name; nothing where it may not be read. */
async function entriesOf(folder: string): Promise<Dirent[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EACCES" || code === "EPERM" || code === "ENOTDIR" || code === "ENOENT") return [];
    throw error;
  }
}
