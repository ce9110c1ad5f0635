/**
 * The pipeline from text to vectors, stage by stage, as data.
 *
 * Each stage is what the shipped code makes of the one before, with its shape; a stage whose numbers would fill
 * the screen (one-hot rows, the table) is told by its shape and by what stands in it.
 */
import { LociError, Matrix, Vocabulary } from "../core/index.ts";
import { Embedding, initialize, multiplyOneHot, oneHot } from "../table/index.ts";
import { WordTokenizer, type RangedToken, type WordTokenizerOptions } from "../text/index.ts";
import { columns } from "./columns.ts";
import { counted, grouped } from "./numbers.ts";

/** A token, and what it has become. */
export interface TracedToken extends RangedToken {
  /** Its id; undefined where the model has no row for it. */
  readonly id: number | undefined;
  /** How its vector is made; undefined where there is none. */
  readonly origin: "row" | "subwords" | undefined;
}

export type Stage =
  | { readonly stage: "text"; readonly shape: readonly [number]; readonly text: string; readonly bytes: number }
  | {
      readonly stage: "normalized";
      readonly shape: readonly [number];
      readonly text: string;
      readonly form: string;
      readonly case: string;
    }
  | { readonly stage: "tokens"; readonly shape: readonly [number]; readonly tokens: readonly TracedToken[] }
  | {
      readonly stage: "ids";
      readonly shape: readonly [number];
      readonly ids: readonly (number | null)[];
      readonly unknown: number;
    }
  | { readonly stage: "one-hot"; readonly shape: readonly [number, number]; readonly ones: readonly number[] }
  | {
      readonly stage: "table";
      readonly shape: readonly [number, number];
      readonly parameters: number;
      readonly equalsOneHot?: boolean;
    }
  | {
      readonly stage: "vectors";
      readonly shape: readonly [number, number];
      readonly tokens: readonly TracedToken[];
      readonly vectors: readonly (readonly number[])[];
    };

/** Multiplying dense one-hot rows is shown (and checked) up to this many multiplications. */
const MOST_PRODUCTS = 1e7;

/** The tokenizer that a model was trained with, as far as it tells, with `given` options on top. */
export function tokenizerOf(model: Embedding | undefined, given: WordTokenizerOptions): WordTokenizer {
  const kept = model?.provenance.tokenizer;
  return new WordTokenizer({ ...(typeof kept === "object" && kept !== null ? kept : {}), ...given });
}

/** A table of the text's own words, N(0, 1) by the seed: small enough to look at. Throws `no-text` without a word. */
export function tinyModel(
  text: string,
  tokenizer: WordTokenizer,
  { dim, seed }: { dim: number; seed: number },
): Embedding {
  const keys = [...new Set(tokenizer.tokenize(text))];
  if (keys.length === 0) throw new LociError("no-text", `There is no word in "${text}".`);
  const matrix = Matrix.zeros(keys.length, dim);
  initialize(matrix, { kind: "normal", scale: 1 }, seed);
  return new Embedding({ vocabulary: new Vocabulary(keys), matrix });
}

/** All stages of a text on its way to vectors. */
export function stagesOf(text: string, tokenizer: WordTokenizer, embedding: Embedding): Stage[] {
  const { vocabulary, size, dim } = embedding;
  const tokens = tokenizer
    .tokenizeWithRanges(text)
    .map((token) => ({ ...token, id: vocabulary.idOf(token.token), origin: embedding.origin(token.token) }));
  const ids = tokens.map(({ id }) => id ?? null);
  const known = ids.filter((id) => id !== null);
  const placed = tokens.filter(({ origin }) => origin !== undefined);
  const vectors = placed.map(({ token }) => [...embedding.vector(token)]);
  const normal = normalized(text, tokenizer);
  return [
    { stage: "text", shape: [Array.from(text).length], text, bytes: new TextEncoder().encode(text).length },
    {
      stage: "normalized",
      shape: [Array.from(normal).length],
      text: normal,
      form: tokenizer.normalization,
      case: tokenizer.case,
    },
    { stage: "tokens", shape: [tokens.length], tokens },
    { stage: "ids", shape: [ids.length], ids, unknown: ids.length - known.length },
    { stage: "one-hot", shape: [known.length, size], ones: known },
    { stage: "table", shape: [size, dim], parameters: size * dim, ...productOf(embedding, known) },
    { stage: "vectors", shape: [vectors.length, dim], tokens: placed, vectors },
  ];
}

function normalized(text: string, { normalization, case: letters }: WordTokenizer): string {
  const formed = normalization === "none" ? text : text.normalize(normalization);
  return letters === "lower" ? formed.toLowerCase() : formed;
}

/** Whether one-hot rows times the table are the rows looked up, where that is quickly computed. */
function productOf({ matrix, size }: Embedding, ids: readonly number[]): { equalsOneHot?: boolean } {
  if (ids.length === 0 || ids.length * size * matrix.dim > MOST_PRODUCTS) return {};
  const same = (id: number) => multiplyOneHot(oneHot(id, size), matrix).every((x, i) => x === matrix.row(id)[i]);
  return { equalsOneHot: ids.every(same) };
}

/** The stages as lines for people. */
export function stageLines(
  stages: readonly Stage[],
  { bold, dim }: { bold: (text: string) => string; dim: (text: string) => string },
): string[] {
  return stages
    .flatMap((stage, i) => {
      const name = `${i + 1} ${stage.stage}`.padEnd(14);
      const heading = `${bold(name)} ${stage.shape.map(grouped).join(" × ").padEnd(12)} ${dim(saysOf(stage))}`;
      return [heading.trimEnd(), ...bodyOf(stage).map((line) => `    ${line}`), ""];
    })
    .slice(0, -1);
}

function saysOf(stage: Stage): string {
  switch (stage.stage) {
    case "text":
      return `characters, ${counted(stage.bytes, "byte")} in UTF-8`;
    case "normalized":
      return `characters; normal form ${stage.form}, case: ${stage.case}`;
    case "tokens":
      return "words, each with the range of the text it came from";
    case "ids":
      return stage.unknown === 0
        ? "a number a token, its row in the table"
        : `${grouped(stage.unknown)} of them unknown to the model`;
    case "one-hot":
      return "rows with a single 1; never stored, only the place of the 1 is";
    case "table":
      return `${counted(stage.parameters, "parameter")}${stage.equalsOneHot ? "; one-hot × table = lookup, bit for bit" : ""}`;
  }
  return "the rows of the ids";
}

function bodyOf(stage: Stage): string[] {
  switch (stage.stage) {
    case "text":
    case "normalized":
      return [JSON.stringify(stage.text)];
    case "tokens":
      return columns(stage.tokens.map(({ token, start, end }) => [token, `${start}–${end}`]));
    case "ids":
      return stage.ids.length === 0 ? [] : [stage.ids.map((id) => (id === null ? "unknown" : grouped(id))).join("  ")];
    case "one-hot":
      return columns(stage.ones.map((one) => [oneHotText(one, stage.shape[1])]));
    case "table":
      return [];
  }
  return vectorLines(stage.tokens, stage.vectors);
}

const SHOWN_NUMBERS = 6;
const SHOWN_ROWS = 8;

function oneHotText(one: number, rows: number): string {
  if (rows <= 2 * SHOWN_ROWS) return `[${Array.from({ length: rows }, (_, i) => (i === one ? 1 : 0)).join(" ")}]`;
  return `1 at ${grouped(one)}, 0 at the other ${grouped(rows - 1)} places`;
}

function vectorLines(tokens: readonly TracedToken[], vectors: readonly (readonly number[])[]): string[] {
  const rows = tokens.map(({ token, id, origin }, i) => {
    const numbers = vectors[i]!.slice(0, SHOWN_NUMBERS).map((x) => x.toFixed(4));
    const rest = vectors[i]!.length > SHOWN_NUMBERS ? `… ${vectors[i]!.length - SHOWN_NUMBERS} more` : "";
    return [token, origin === "row" ? `row ${grouped(id!)}` : "subwords", ...numbers, rest];
  });
  return columns(rows, ["left", "left", ...Array.from({ length: SHOWN_NUMBERS }, () => "right" as const)]);
}
