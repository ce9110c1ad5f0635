/**
 * Word vectors from text: word2vec (Mikolov et al. 2013a, 2013b) in its skip-gram and CBOW forms.
 *
 * The corpus is encoded to ids once; training then streams ids through a window of memory, so that a corpus
 * of any size needs memory for its vocabulary alone. Where we leave the papers: the centre word is the input
 * and its neighbours the outputs (the set of pairs is the same, and a position's input is read once);
 * negatives are drawn for a batch of positions and weighted; and work is cut into shards so that any number
 * of workers gives the same bytes. docs/decisions/0006 and 0007 say what that costs and gains.
 */
import { drain, type Step } from "../core/index.ts";
import { Embedding } from "../table/index.ts";
import { encodeCorpusSteps, type CorpusInput } from "../text/index.ts";
import { trainRowsSteps } from "./train-rows.ts";
import { word2vecSettings, type TrainStep, type Word2vecOptions } from "./word2vec-options.ts";

/** Learns word vectors from a corpus. See {@link Word2vecOptions} for every option and its default. */
export function trainWord2vec(input: CorpusInput, options: Word2vecOptions = {}): Promise<Embedding> {
  return drain<Step | TrainStep, Embedding>(trainWord2vecSteps(input, options), options);
}

/** The same, step by step: for players and lessons. */
export async function* trainWord2vecSteps(
  input: CorpusInput,
  options: Word2vecOptions = {},
): AsyncGenerator<Step | TrainStep, Embedding, void> {
  const settings = word2vecSettings(options);
  const corpus = yield* encodeCorpusSteps(input, options);
  try {
    const { inputs, outputs, loss } = yield* trainRowsSteps({ learner: "word2vec", corpus, settings, options });
    return new Embedding({
      vocabulary: corpus.vocabulary,
      matrix: inputs,
      ...(outputs ? { output: outputs } : {}),
      provenance: { learner: "word2vec", ...settings, tokens: corpus.tokens * settings.epochs, loss },
    });
  } finally {
    corpus.close();
  }
}
