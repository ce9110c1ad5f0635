/**
 * A model for texts that nobody ships one for: words learnt from the texts themselves.
 *
 * Vectors learnt on one's own texts find more in them than ones learnt on other text (docs/decisions/0009), and small
 * collections need more epochs: how many depends on how much text there is, never on the clock.
 */
import type { LongOptions } from "../core/index.ts";
import { StaticEncoder } from "../embed/index.ts";
import { trainWord2vec } from "../train/index.ts";

/** Below this many characters nothing can be learnt: everything would be near everything. */
const LEAST_CHARACTERS = 100_000;
/** Characters to go through in all, and the bounds of the epochs. */
const CHARACTERS_IN_ALL = 150_000_000;
const [LEAST_EPOCHS, MOST_EPOCHS] = [5, 50];
/**
 * Wider than word2vec's 5: what a text is about shows in what stands further off too, and over the ends of lines, since
 * files are wrapped anywhere. Chosen on SciFact's training claims (nDCG@10 of vectors alone: window 5 at 0.025 .490, 8 at
 * 0.025 .518, 10 at 0.02 .545). The learning rate is below the default since wide windows over few words add many
 * steps to one row at a time: window 15 at 0.025 diverged there.
 */
const WINDOW = 10;
const LEARNING_RATE = 0.02;

export interface LearnOptions extends LongOptions {
  readonly seed?: number | undefined;
  readonly dim?: number | undefined;
}

/** Learns words from texts and makes an encoder of them; undefined where there is too little text. */
export async function learnEncoder(
  texts: readonly string[],
  options: LearnOptions = {},
): Promise<StaticEncoder | undefined> {
  const { seed = 1, dim = 100, signal, onStep } = options;
  const characters = texts.reduce((sum, text) => sum + text.length, 0);
  if (characters < LEAST_CHARACTERS) return undefined;
  const long = { ...(signal && { signal }), ...(onStep && { onStep }) };
  const epochs = Math.max(LEAST_EPOCHS, Math.min(MOST_EPOCHS, Math.round(CHARACTERS_IN_ALL / characters)));
  const words = await trainWord2vec(
    { texts },
    { dim, epochs, seed, minCount: 2, sentences: "document", window: WINDOW, learningRate: LEARNING_RATE, ...long },
  );
  return StaticEncoder.from(words, { name: `words-of-its-own-${dim}`, sample: texts, ...long });
}
