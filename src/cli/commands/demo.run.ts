/**
 * The work of `loci demo`: the whole way from text to answers, told as it goes.
 *
 * How often the text is gone through depends on how much of it there is, so that the demo takes its ten to thirty
 * seconds anywhere. The number of words decides, never the clock: the same text gives the same vectors.
 */
import { columns } from "../columns.ts";
import { type Asked, askGuides } from "../demo/asked.ts";
import type { Cli } from "../command.ts";
import { curveLines } from "../demo/curve.ts";
import { type FoundText, findTextSteps, packageFolders } from "../demo/found-text.ts";
import { learntAnalogies, tellingNeighbors } from "../demo/telling.ts";
import { saveModel } from "../model.ts";
import { excerpt, lineSpan } from "../passages.ts";
import { counted, duration, grouped, short } from "../numbers.ts";
import { type Session, openSession } from "../session.ts";
import { checkTarget } from "../targets.ts";
import { TrainingClock } from "../training-result.ts";
import { Rng, type Step, drain } from "../../core/index.ts";
import type { Embedding } from "../../table/index.ts";
import { type TrainStep, trainWord2vec } from "../../train/index.ts";
import type { DemoFlags } from "./demo.ts";

/** Characters of text to go through in all: some ten seconds of one core. */
const CHARACTERS_IN_ALL = 45_000_000;

export default async function demo(cli: Cli, flags: DemoFlags): Promise<void> {
  const session = openSession(cli, flags);
  const say = (...lines: string[]) => {
    if (session.forPeople) cli.io.stdout.write(lines.map((line) => `${line}\n`).join(""));
  };
  if (flags.out !== undefined) await checkTarget(flags.out, undefined);
  say(session.bold("From words to vectors, with text that is here already."), "");
  const found = await drain(findTextSteps(packageFolders(process.cwd())), session);
  say(...foundLines(found), "");

  // In an order of chance, so that an hour of one package does not follow an hour of another.
  new Rng(flags.seed ?? 1).shuffle(found.paragraphs);
  const losses: number[] = [];
  const clock = new TrainingClock();
  const embedding = await learn(found, flags, session.signal, (step) => {
    if ("loss" in step && Number.isFinite(step.loss)) losses.push(step.loss);
    clock.step(step);
    session.onStep(step);
  });
  const result = clock.stop(embedding);
  say(
    `Learnt   ${grouped(result.vocabulary)} words, ${embedding.dim} numbers each, in ${duration(result.seconds)}, going through the text ${epochsFor(found)} times`,
    "",
    session.bold("How wrong its guesses were (mean loss), from start to end"),
    ...curveLines(losses, { width: 60, height: 6 }).map((line) => `  ${line}`),
    "",
  );

  const neighbors = tellingNeighbors(embedding, 8, 4);
  const analogies = learntAnalogies(embedding);
  say(session.bold("Words that keep the same company have come to lie side by side"), ...neighborLines(neighbors), "");
  if (analogies.right.length > 0) {
    say(
      session.bold("Some differences between words have become directions") +
        ` (${analogies.right.length} of the ${analogies.asked} asked for)`,
      ...columns(
        analogies.right
          .slice(0, 4)
          .map(({ question, answers }) => [`  ${question}`, `≈ ${answers[0]!.key}`, answers[0]!.score.toFixed(2)]),
      ),
      "",
    );
  }
  const asked = await askGuides(found.guides, embedding, { signal: session.signal, onStep: session.onStep });
  say(...askedLines(asked, session), "");
  if (flags.out !== undefined) await saveModel(embedding, flags.out, session);
  if (session.forPeople) say(...nextLines(nameOfLoci(cli.io.env), flags.out, neighbors[0]?.word ?? "KEY"));
  else {
    const { characters, files, packages, folders } = found;
    session.answer(
      {
        ...result,
        text: { characters, files, packages, folders },
        losses,
        neighbors,
        analogies: analogies.right,
        asked,
      },
      () => [],
    );
  }
}

function learn(
  found: FoundText,
  { seed, workers }: DemoFlags,
  signal: AbortSignal,
  onStep: (step: Step | TrainStep) => void,
): Promise<Embedding> {
  const options = { ...(seed !== undefined && { seed }), ...(workers !== undefined && { workers }) };
  return trainWord2vec({ texts: found.paragraphs }, { epochs: epochsFor(found), ...options, signal, onStep });
}

function epochsFor({ characters }: FoundText): number {
  return Math.max(3, Math.min(25, Math.round(CHARACTERS_IN_ALL / characters)));
}

function foundLines({ characters, files, packages, folders }: FoundText): string[] {
  const where = folders.length === 1 ? folders[0]! : `${folders[0]!} and ${folders.length - 1} more`;
  return [
    `Found    ${short(characters, "characters")} of prose in ${grouped(files)} files: the Markdown and the documentation`,
    `         comments of ${counted(packages, "package")} under ${where}`,
  ];
}

function neighborLines(found: ReturnType<typeof tellingNeighbors>): string[] {
  return columns(
    found.map(({ word, neighbors }) => [
      `  ${word}`,
      neighbors.map(({ key, score }) => `${key} ${score.toFixed(2)}`).join(", "),
    ]),
  );
}

function askedLines({ guides, passages, answers }: Asked, { bold, dim }: Session): string[] {
  return [
    bold(`Questions find their passages, among ${counted(passages, "passage")} of ${counted(guides, "guide")}`),
    ...answers.flatMap(({ question, path, lines, text }) => [
      `  “${question}”`,
      ...(path === undefined
        ? ["    nothing found"]
        : [
            `    ${dim(path + lineSpan(lines))}`,
            ...excerpt(text, question, 88)
              .slice(0, 2)
              .map((line) => `    ${line}`),
          ]),
    ]),
  ];
}

function nextLines(loci: string, out: string | undefined, word: string): string[] {
  const first = out === undefined ? `  ${loci} train words FOLDER --out words` : `  ${loci} near ${out} ${word}`;
  const rows = [
    [first, out === undefined ? "learn from your own text: files, folders, .gz" : "ask the model of this demo"],
    ...(out === undefined
      ? []
      : [[`  ${loci} train words FOLDER --out words`, "learn from your own text: files, folders, .gz"]]),
    [`  ${loci} near words KEY`, "what lies near"],
    [`  ${loci} analogy words A - B + C`, "what completes an analogy"],
    [`  ${loci} index FOLDER --out docs.db`, "make your own files searchable, by meaning and by words"],
    [`  ${loci} search docs.db "a question"`, "ask them"],
    [`  ${loci} trace "some text" --model words`, "every stage from text to vectors"],
    [`  ${loci} --help`, "everything else"],
  ];
  return ["Next", ...columns(rows)];
}

/** How this program is called where it was started from. */
function nameOfLoci(env: Readonly<Record<string, string | undefined>>): string {
  if (env.npm_lifecycle_event === "start" || env.npm_lifecycle_event === "loci") return "npm run loci --";
  return env.npm_command === "exec" ? "npx loci" : "loci";
}
