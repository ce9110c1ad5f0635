/** The commands of `loci`, and the page that lists them. */
import { type RouteMap, buildRouteMap } from "@stricli/core";
import type { Cli } from "./command.ts";
import { analogy } from "./commands/analogy.ts";
import { compact } from "./commands/compact.ts";
import { compress } from "./commands/compress.ts";
import { convert } from "./commands/convert.ts";
import { demo } from "./commands/demo.ts";
import { evaluateRetrieval } from "./commands/evaluate-retrieval.ts";
import { evaluateWords } from "./commands/evaluate-words.ts";
import { indexPaths } from "./commands/index-paths.ts";
import { inspect } from "./commands/inspect.ts";
import { migrate } from "./commands/migrate.ts";
import { near } from "./commands/near.ts";
import { rag } from "./commands/rag.ts";
import { search } from "./commands/search.ts";
import { serve } from "./commands/serve.ts";
import { similarity } from "./commands/similarity.ts";
import { size } from "./commands/size.ts";
import { trace } from "./commands/trace.ts";
import { trainWords } from "./commands/train-words.ts";
import { verify } from "./commands/verify.ts";
import { type HelpGroup, groupHelp } from "./help.ts";

const LEARN: HelpGroup = {
  title: "Learn",
  commands: [
    ["demo", demo.brief],
    ["train words CORPUS… --out DIR", trainWords.brief],
  ],
};
const ASK: HelpGroup = {
  title: "Ask",
  commands: [
    ["near MODEL KEY", near.brief],
    ["analogy MODEL A - B + C", analogy.brief],
    ["similarity MODEL A B", similarity.brief],
  ],
};
const FIND: HelpGroup = {
  title: "Find",
  commands: [
    ["index PATH… --out FILE", indexPaths.brief],
    ["search FILE QUERY", search.brief],
    ["rag FILE QUESTION", rag.brief],
    ["serve FILE|MODEL", serve.brief],
  ],
};
const KEEP: HelpGroup = {
  title: "Look after a collection",
  commands: [
    ["migrate FILE --model MODEL", migrate.brief],
    ["compress FILE|MODEL", compress.brief],
    ["compact FILE", compact.brief],
    ["verify FILE", verify.brief],
  ],
};
const JUDGE: HelpGroup = {
  title: "Judge",
  commands: [
    ["evaluate words MODEL FILE…", evaluateWords.brief],
    ["evaluate retrieval DIR", evaluateRetrieval.brief],
  ],
};
const LOOK: HelpGroup = {
  title: "Look inside, and carry",
  commands: [
    ["inspect MODEL", inspect.brief],
    ["convert IN OUT", convert.brief],
    ["trace TEXT", trace.brief],
    ["size V d", size.brief],
  ],
};

const train = withPage(
  buildRouteMap({ routes: { words: trainWords }, docs: { brief: "Learn vectors from your own data" } }),
  { usage: "loci train words CORPUS… --out DIR", groups: [{ ...LEARN, commands: LEARN.commands.slice(1) }] },
  "loci train words --help",
);

const evaluate = withPage(
  buildRouteMap({
    routes: { words: evaluateWords, retrieval: evaluateRetrieval },
    docs: { brief: "Judge vectors and search by what people said" },
  }),
  { usage: "loci evaluate WHAT …", groups: [JUDGE] },
  "loci evaluate words --help",
);

/** The first words of commands that have two. */
export const groupNames: readonly string[] = ["train", "evaluate"];

export const commands: RouteMap<Cli> = withPage(
  buildRouteMap({
    routes: {
      demo,
      train,
      near,
      analogy,
      similarity,
      evaluate,
      inspect,
      convert,
      trace,
      size,
      index: indexPaths,
      search,
      rag,
      serve,
      migrate,
      compress,
      compact,
      verify,
    },
    docs: { brief: "Texts to vectors, vectors to answers" },
  }),
  {
    usage: "loci COMMAND …",
    about: [
      "Loci learns vectors from your own text, makes your files searchable by meaning and by words, and answers: which " +
        "passages, which words are near, how good it all is. Everything runs on this machine.",
    ],
    groups: [LEARN, FIND, ASK, JUDGE, KEEP, LOOK],
  },
  "loci COMMAND --help",
);

/** Gives a group of commands our own help page. */
function withPage(
  routes: RouteMap<Cli>,
  page: { readonly usage: string; readonly about?: readonly string[]; readonly groups: readonly HelpGroup[] },
  more: string,
): RouteMap<Cli> {
  const after = [
    `Every option, with examples: ${more}`,
    "Every command takes --json (one JSON document on standard output) and --help.",
    ...(routes.getAllEntries().length > 1 ? ["New here? Start with: loci demo"] : []),
  ];
  return {
    ...routes,
    formatHelp: ({ ansiColor }) => groupHelp({ ...page, about: page.about ?? [`${routes.brief}.`], after }, ansiColor),
  };
}
