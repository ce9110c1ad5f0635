/** How text is cut into words: the options that `train words` and `trace` share. */
import type { WordTokenizerOptions } from "../text/index.ts";

export interface TokenizerFlags {
  readonly tokenizer?: "words" | "space";
  readonly case?: "lower" | "keep";
  readonly digits?: "keep" | "spell" | "zero" | "drop";
  readonly normalization?: "NFC" | "NFKC" | "none";
}

export const tokenizerFlags = {
  tokenizer: {
    kind: "enum",
    values: ["words", "space"],
    brief: "Cut by Unicode's rules for words (default), or at white space only, for text that is tokenised already",
    optional: true,
  },
  case: {
    kind: "enum",
    values: ["lower", "keep"],
    brief: "Turn letters to lower case (default; with --tokenizer space: keep), or keep them",
    optional: true,
  },
  digits: {
    kind: "enum",
    values: ["keep", "spell", "zero", "drop"],
    brief: "Keep digits (default), spell each (42: four two), turn each to 0, or drop them",
    optional: true,
  },
  normalization: {
    kind: "enum",
    values: ["NFC", "NFKC", "none"],
    brief: "Unicode normal form (default NFC; with --tokenizer space: none)",
    optional: true,
  },
} as const;

export const TOKENIZER_FLAG_NAMES = ["tokenizer", "case", "digits", "normalization"] as const;

/** What was given, as the tokenizer takes it; what was not is left to its defaults. */
export function tokenizerOptions(flags: TokenizerFlags): WordTokenizerOptions {
  return {
    ...(flags.tokenizer && { mode: flags.tokenizer }),
    ...(flags.case && { case: flags.case }),
    ...(flags.digits && { digits: flags.digits }),
    ...(flags.normalization && { normalization: flags.normalization }),
  };
}
