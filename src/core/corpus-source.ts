/**
 * Opening a corpus: files, folders, patterns, gzipped or not, and standard input, as one stream of files.
 *
 * A path that exists is taken as it stands, also when it holds `*`; otherwise a pattern is expanded. A pattern
 * takes every file it matches. A folder is searched to the bottom, in sorted order, for files that look like
 * prose by their names (`TEXT_NAMES`), since source code, tables and pictures beside the text are rarely meant;
 * a pattern such as `folder/**\/*.json` takes those too.
 */
import { gunzipNamed, isGzip } from "./byte-source.ts";
import { LociError } from "./error.ts";
import { platform, type Files } from "./platform.ts";

/** One file of a corpus, ungzipped. */
export interface CorpusFile {
  readonly name: string;
  /** A piece may be overwritten by the next. */
  readonly bytes: AsyncIterable<Uint8Array>;
}

/** The files of a corpus, found and counted, to be read one after another. */
export interface CorpusSource {
  /** The paths, in the order in which they are read; "-" is standard input. */
  readonly paths: readonly string[];
  /** Bytes on disk, gzipped ones as they lie there; 0 when standard input is among them. */
  readonly totalBytes: number;
  /** Bytes read so far of those. */
  readonly bytesRead: number;
  /** The files, one after another: read each to its end before the next. */
  files(): AsyncGenerator<CorpusFile, void, void>;
}

/** What a folder is searched for: prose formats, names without an ending, and any of these with `.gz`. */
const TEXT_NAMES = /^[^.][^.]*(?:.*\.(?:txt|text|md|markdown|mdx|rst|adoc|asciidoc|org|tex|log|srt|vtt))?(?:\.gz)?$/i;
const PATTERN = /[*?[\]{}]/;

/** Finds the files that `paths` name. Throws `not-found` if one of them names none. */
export async function openCorpusSource(paths: string | readonly string[]): Promise<CorpusSource> {
  const found: string[] = [];
  let totalBytes = 0;
  for (const path of typeof paths === "string" ? [paths] : paths) {
    for (const { name, bytes } of await filesOf(path)) {
      found.push(name);
      totalBytes += bytes;
    }
  }
  if (found.length === 0) throw new LociError("not-found", "Expected at least one path of a corpus, got none.");
  return new FoundFiles(found, found.includes("-") ? 0 : totalBytes);
}

class FoundFiles implements CorpusSource {
  readonly paths: readonly string[];
  readonly totalBytes: number;
  bytesRead = 0;

  constructor(paths: readonly string[], totalBytes: number) {
    this.paths = paths;
    this.totalBytes = totalBytes;
  }

  async *files(): AsyncGenerator<CorpusFile, void, void> {
    this.bytesRead = 0;
    for (const name of this.paths) yield { name, bytes: ungzipped(name, this.#counted(name)) };
  }

  async *#counted(path: string): AsyncGenerator<Uint8Array, void, void> {
    const files = requireFiles(path);
    for await (const piece of path === "-" ? files.standardInput() : files.read(path)) {
      this.bytesRead += piece.length;
      yield piece;
    }
  }
}

function requireFiles(path: string): Files {
  if (platform.files) return platform.files;
  throw new LociError(
    "not-supported",
    `There are no files here to find "${path}" in. In a browser, pass the text itself: { texts: [...] }.`,
  );
}

async function filesOf(path: string): Promise<{ name: string; bytes: number }[]> {
  const files = requireFiles(path);
  if (path === "-") return [{ name: path, bytes: 0 }];
  const stat = await files.stat(path);
  if (stat && !stat.folder) return [{ name: path, bytes: stat.bytes }];
  const names = stat ? await textsUnder(files, path) : PATTERN.test(path) ? await files.glob(path) : [];
  if (names.length === 0) throw nothingAt(path, stat !== undefined);
  const found = [];
  for (const name of names) found.push({ name, bytes: (await files.stat(name))?.bytes ?? 0 });
  return found;
}

function nothingAt(path: string, folder: boolean): LociError {
  if (folder) {
    return new LociError(
      "not-found",
      `The folder "${path}" holds no text files (.txt, .md, .rst and their like, or names without an ending). ` +
        `To take others, name them by a pattern: "${path.replace(/\/$/, "")}/**/*.json".`,
    );
  }
  if (PATTERN.test(path)) return new LociError("not-found", `No file matches "${path}".`);
  return new LociError("not-found", `There is no file or folder "${path}".`);
}

/** The text files under a folder, sorted. Hidden ones and folders of packages are left out. */
async function textsUnder(files: Files, folder: string): Promise<string[]> {
  const found: string[] = [];
  const base = folder.endsWith("/") ? folder : `${folder}/`;
  for (const name of await files.list(folder)) {
    if (name.startsWith(".") || name === "node_modules/") continue;
    if (name.endsWith("/")) found.push(...(await textsUnder(files, base + name)));
    else if (TEXT_NAMES.test(name) && (await files.stat(base + name))?.folder === false) found.push(base + name);
  }
  return found;
}

/** What the first bytes of a file say it is, where that is not text. */
const FOREIGN_FILES: readonly { magic: readonly number[]; advice: string }[] = [
  { magic: [0x42, 0x5a, 0x68], advice: "is compressed with bzip2: run bzcat on it and read standard input (-)" },
  {
    magic: [0xfd, 0x37, 0x7a, 0x58, 0x5a],
    advice: "is compressed with xz: run xzcat on it and read standard input (-)",
  },
  { magic: [0x28, 0xb5, 0x2f, 0xfd], advice: "is compressed with zstd: run zstdcat on it and read standard input (-)" },
  { magic: [0x50, 0x4b, 0x03, 0x04], advice: "is a zip archive (or an office document): unpack it first" },
  { magic: [0xff, 0xfe], advice: "is UTF-16: convert it first with iconv -f UTF-16 -t UTF-8" },
  { magic: [0xfe, 0xff], advice: "is UTF-16: convert it first with iconv -f UTF-16 -t UTF-8" },
];

/** Passes text on, ungzips what begins like gzip, and refuses what is known not to be text. */
async function* ungzipped(
  name: string,
  bytes: AsyncGenerator<Uint8Array, void, void>,
): AsyncGenerator<Uint8Array, void, void> {
  try {
    const first = await bytes.next();
    if (first.done) return;
    const starts = (magic: readonly number[]): boolean => magic.every((byte, i) => first.value[i] === byte);
    const foreign = FOREIGN_FILES.find(({ magic }) => starts(magic));
    if (foreign) throw new LociError("bad-file", `"${name}" ${foreign.advice}.`);
    const all = (async function* () {
      yield first.value;
      yield* bytes;
    })();
    yield* refusingNul(name, isGzip(first.value) ? gunzipNamed(name, all) : all);
  } finally {
    await bytes.return();
  }
}

/** Passes bytes on, unless their beginning shows that they are no text. */
async function* refusingNul(name: string, bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
  let looked = false;
  for await (const piece of bytes) {
    if (!looked && piece.subarray(0, 4096).includes(0)) {
      throw new LociError(
        "bad-file",
        `"${name}" holds NUL bytes, so it is not text (or it is UTF-16). Give UTF-8 text.`,
      );
    }
    looked = true;
    yield piece;
  }
}
