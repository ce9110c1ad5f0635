/** `loci search`: passages that answer a question. */
import { type CommonFlags, defineCommand, switchFlag, text, wholeFlag } from "../command.ts";
import { collectionArgument, modelFlag, whereFlag } from "../collection-flags.ts";

export interface SearchFlags extends CommonFlags {
  readonly count?: number;
  readonly mode?: "hybrid" | "vector" | "keyword";
  readonly where?: readonly string[];
  readonly model?: string;
  readonly exact: boolean;
  readonly parts: boolean;
}

export const search = defineCommand<SearchFlags, [string, string]>({
  brief: "Passages that answer a question, by meaning and by words",
  usage: "FILE QUERY [-k 10]",
  details: [
    "Searches the collection in FILE, which `loci index` made. A hybrid search joins what the words find (BM25) with what " +
      "the meaning finds (vectors). Each hit says where it stands: the file, the lines.",
  ],
  examples: [
    { command: 'loci search docs.db "how do I reset a password"', says: "the ten best passages" },
    { command: 'loci search docs.db "leap year" -k 3 --mode keyword', says: "by words alone" },
    {
      command: `loci search docs.db "setup" --where kind=markdown --where 'modified>=2026-01-01'`,
      says: "among some files",
    },
    {
      command: 'loci search docs.db "setup" --json | jq -r ".hits[].path"',
      says: "{ hits: [{ id, score, … }], exact, recall }",
    },
  ],
  positional: {
    kind: "tuple",
    parameters: [collectionArgument, { brief: "The question, in your own words", placeholder: "QUERY", parse: text }],
  },
  flags: {
    count: wholeFlag("How many (default 10)"),
    mode: {
      kind: "enum",
      values: ["hybrid", "vector", "keyword"],
      brief: "What decides: words, meaning, or both (default: both where there are vectors)",
      optional: true,
    },
    where: whereFlag,
    model: modelFlag,
    exact: switchFlag("Prove that no nearer passage was missed; slower in large collections"),
    parts: switchFlag("Print what each side said, and the percentile of nearness"),
  },
  aliases: { k: "count" },
  load: () => import("./search.run.ts"),
});
