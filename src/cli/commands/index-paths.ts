/** `loci index`: files and folders become a collection that can be searched. */
import { type CommonFlags, defineCommand, switchFlag, text, textFlag, wholeFlag } from "../command.ts";

export interface IndexFlags extends CommonFlags {
  readonly out: string;
  readonly model?: string;
  readonly size?: number;
  readonly overlap?: number;
  readonly exclude?: readonly string[];
  readonly hidden: boolean;
  readonly full: boolean;
  readonly watch: boolean;
  readonly keywordOnly: boolean;
  readonly seed?: number;
}

export const indexPaths = defineCommand<IndexFlags, readonly string[]>({
  brief: "Make files searchable by meaning and by words: text, Markdown, HTML, code, JSON, CSV, PDF, DOCX",
  usage: "PATH… --out FILE",
  details: [
    "Reads files, folders and patterns, cuts them into passages that know their place, and keeps everything in one file. Given " +
      "again, it looks only at what has changed. Files that git ignores are left out, and so are node_modules and what is hidden.",
    "Without --model the vectors of words are learnt from the files themselves, which for search in them does better than vectors " +
      "learnt elsewhere; the model is kept in the file. Very little text is searched by words alone.",
  ],
  examples: [
    { command: "loci index docs notes/*.md --out docs.db", says: "then: loci search docs.db “…”" },
    { command: "loci index . --out code.db --watch", says: "and again whenever a file changes, until Ctrl-C" },
    {
      command: "loci index docs --out docs.db --model words",
      says: "with vectors of yours: a model folder, or a file",
    },
  ],
  positional: {
    kind: "array",
    parameter: { brief: "Files, folders, or patterns such as 'docs/**/*.md'", placeholder: "PATH…", parse: text },
    minimum: 1,
  },
  flags: {
    out: { kind: "parsed", parse: text, brief: "The collection's file; made where there is none", placeholder: "FILE" },
    model: textFlag("A model folder or a file of vectors, in place of vectors learnt from the files", "MODEL"),
    size: wholeFlag("Words in a passage, at most (default 200)"),
    overlap: wholeFlag("Words that a passage repeats of the one before (default 0)"),
    exclude: {
      kind: "parsed",
      parse: text,
      variadic: true,
      brief: "Leave out what matches, besides what git ignores",
      placeholder: "PATTERN",
      optional: true,
    },
    hidden: switchFlag("Hidden files and folders too"),
    full: switchFlag("Look at every file's content, also where its size and time say that it is unchanged"),
    watch: switchFlag("Stay, and index what changes"),
    keywordOnly: switchFlag("No vectors: search by words alone"),
    seed: wholeFlag("Seed of the learning (default 1)"),
  },
  load: () => import("./index-paths.run.ts"),
});
