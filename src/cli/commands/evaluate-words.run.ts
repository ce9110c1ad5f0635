/** The work of `loci evaluate words`. */
import { basename } from "node:path";
import { columns } from "../columns.ts";
import type { Cli } from "../command.ts";
import { UsageError } from "../failures.ts";
import { openModel } from "../model.ts";
import { grouped, percent } from "../numbers.ts";
import { openSession, type Session } from "../session.ts";
import { questionKindOf, readText } from "../question-files.ts";
import { LociError } from "../../core/index.ts";
import {
  type AnalogyResult,
  type Interval,
  type WordPairResult,
  evaluateAnalogies,
  evaluateWordPairs,
  parseAnalogies,
} from "../../evaluate/index.ts";
import type { EvaluateWordsFlags } from "./evaluate-words.ts";

interface File {
  readonly path: string;
  readonly content: string;
}

type PairFileResult = { readonly file: string } & WordPairResult;

export default async function evaluateWords(
  cli: Cli,
  flags: EvaluateWordsFlags,
  path: string,
  ...files: string[]
): Promise<void> {
  const session = openSession(cli, flags);
  const { pairs, analogies } = await sorted(files, flags);
  if (pairs.length + analogies.length === 0) {
    throw new UsageError(
      "there is nothing to evaluate on: give files of pairs or of analogies. See: loci evaluate words --help",
    );
  }
  const embedding = await openModel(path, session);
  const interval = flags.intervals && { seed: flags.seed ?? 1 };
  const pairResults: PairFileResult[] = pairs.map((file) => ({
    file: file.path,
    ...named(file, (content) => evaluateWordPairs(embedding, content, { subwords: flags.subwords, interval })),
  }));
  const sections = analogies.flatMap((file) => named(file, parseAnalogies));
  const { limit = 30_000, method, lowercase } = flags;
  const options = { limit, method, lowercase, interval, signal: session.signal, onStep: session.onStep };
  const answered = analogies.length > 0 ? await evaluateAnalogies(embedding, sections, options) : null;
  session.answer({ pairs: pairResults, analogies: answered }, () => [
    ...pairLines(pairResults),
    ...(answered ? [...(pairResults.length > 0 ? [""] : []), ...analogyLines(answered, session)] : []),
  ]);
}

/** The files, read and put with their kind. */
async function sorted(
  files: readonly string[],
  flags: EvaluateWordsFlags,
): Promise<{ readonly pairs: File[]; readonly analogies: File[] }> {
  const read = async (path: string) => ({ path, content: await readText(path) });
  const found = await Promise.all(files.map(read));
  const ofKind = (kind: string) => found.filter(({ path, content }) => questionKindOf(path, content) === kind);
  return {
    pairs: [...ofKind("pairs"), ...(await Promise.all((flags.pairs ?? []).map(read)))],
    analogies: [...ofKind("analogies"), ...(await Promise.all((flags.analogies ?? []).map(read)))],
  };
}

/** Adds the file's name to what its content is refused for. */
function named<T>({ path, content }: File, use: (content: string) => T): T {
  try {
    return use(content);
  } catch (cause) {
    if (!(cause instanceof LociError) || cause.code !== "bad-file") throw cause;
    throw new LociError("bad-file", `${path}: ${cause.message}`, { cause });
  }
}

function pairLines(results: readonly PairFileResult[]): string[] {
  if (results.length === 0) return [];
  const rows = results.map(({ file, spearman, found, total, interval }) => [
    basename(file),
    spearman.toFixed(4),
    ...intervalCells(interval, (x) => x.toFixed(4)),
    `${grouped(found)} of ${grouped(total)}`,
  ]);
  const heading = ["pairs", "Spearman", ...(results[0]!.interval ? ["95 %"] : []), "found"];
  return columns([heading, ...rows], ["left", "right", "right", "right"]);
}

function analogyLines(result: AnalogyResult, { bold }: Session): string[] {
  const row = (name: string, { accuracy, found, total }: { accuracy: number; found: number; total: number }) => [
    name,
    Number.isNaN(accuracy) ? "–" : percent(accuracy),
    `${grouped(found)} of ${grouped(total)}`,
  ];
  const { sections, semantic, syntactic, interval } = result;
  const parts =
    semantic.total > 0 && syntactic.total > 0 ? [row("semantic", semantic), row("syntactic", syntactic)] : [];
  const [heading, ...rest] = columns(
    [
      ["analogies", "right", "found"],
      ...sections.map((one) => row(one.name || "(no section)", one)),
      ...parts,
      row("all", result),
    ],
    ["left", "right", "right"],
  );
  const last = interval ? [`95 % interval of all: ${intervalCells(interval, (x) => percent(x))[0]}`] : [];
  return [heading!, ...rest.slice(0, -1), bold(rest.at(-1)!), ...last];
}

function intervalCells(interval: Interval | undefined, show: (x: number) => string): string[] {
  return interval ? [`${show(interval.low)} to ${show(interval.high)}`] : [];
}
