/** How tokens are counted when nobody says: as a model with a limit counts, since that must be kept, else by words. */
import { type CountTokens, countWords } from "../documents/index.ts";
import type { Encoder } from "../embed/index.ts";

/** The counter of an encoder that sees only so many tokens; `countWords` for any other. */
export function counterOf(encoder: Encoder | undefined): CountTokens {
  if (encoder?.maxTokens === undefined || !encoder.countTokens) return countWords;
  return (text) => encoder.countTokens!(text);
}
