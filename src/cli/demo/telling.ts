/**
 * What to show of vectors learnt from the documentation of packages: words that such text speaks of a lot, and
 * relations that it spells out again and again.
 *
 * Lists, since a machine cannot tell what is telling; but what is shown of them is what the vectors say.
 */
import type { Embedding } from "../../table/index.ts";

type Scored = ReturnType<Embedding["neighbors"]>;

/** In the order of how well they show that company makes meaning. */
const WORDS = [
  "height", "promise", "red", "http", "click", "linux", "error", "hash", "max", "array", "stream", "audio", "import",
  "browser", "false", "string", "file", "buffer", "css", "package", "install", "test", "server", "date", "first",
]; // prettier-ignore

/** a is to b as c is to d, as `b - a + c = d`. */
const RELATIONS: readonly (readonly [minus: string, from: string, plus: string, answer: string])[] = [
  ["width", "height", "x", "y"],
  ["client", "server", "request", "response"],
  ["start", "started", "stop", "stopped"],
  ["large", "larger", "small", "smaller"],
  ["open", "opened", "close", "closed"],
  ["read", "readable", "write", "writable"],
  ["max", "min", "last", "first"],
  ["left", "right", "top", "bottom"],
  ["error", "errors", "file", "files"],
  ["encode", "encoding", "decode", "decoding"],
  ["get", "getter", "set", "setter"],
  ["large", "largest", "small", "smallest"],
  ["add", "added", "remove", "removed"],
  ["array", "arrays", "string", "strings"],
  ["first", "second", "minimum", "maximum"],
];

/** A word seen less often than this has had too little company. */
const LEAST_COUNT = 30;

/** The nearest neighbours of up to `count` telling words that the text holds. */
export function tellingNeighbors(
  embedding: Embedding,
  count: number,
  k: number,
): { word: string; neighbors: Scored }[] {
  const { vocabulary } = embedding;
  const seen = (word: string) => (vocabulary.counts[vocabulary.idOf(word) ?? -1] ?? 0) >= LEAST_COUNT;
  return WORDS.filter(seen)
    .slice(0, count)
    .map((word) => ({ word, neighbors: embedding.neighbors(word, { k }) }));
}

/** An analogy, and what the vectors answer. */
export interface AnsweredAnalogy {
  readonly question: string;
  readonly answers: Scored;
}

/** The relations that these vectors have learnt (those whose answer comes first), and how many were asked for. */
export function learntAnalogies(embedding: Embedding): { readonly right: AnsweredAnalogy[]; readonly asked: number } {
  const known = RELATIONS.filter((words) => words.every((word) => embedding.vocabulary.has(word)));
  const answers = embedding.analogies(
    known.map(([minus, from, plus]) => ({ positive: [from, plus], negative: [minus] })),
    { k: 3 },
  );
  const right = known.flatMap(([minus, from, plus, answer], i) =>
    answers[i]![0]?.key === answer ? [{ question: `${from} - ${minus} + ${plus}`, answers: answers[i]! }] : [],
  );
  return { right, asked: known.length };
}
