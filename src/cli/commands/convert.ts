/** `loci convert`: vectors from one format to another. */
import { type CommonFlags, defineCommand, text, textFlag, wholeFlag } from "../command.ts";

export interface ConvertFlags extends CommonFlags {
  readonly from?: string;
  readonly to?: string;
  readonly limit?: number;
  readonly whitespace?: string;
}

export const convert = defineCommand<ConvertFlags, [string, string]>({
  brief: "Vectors from one format to another",
  usage: "IN OUT [--from FORMAT] [--to FORMAT]",
  details: [
    "The format of IN is seen from its bytes; that of OUT from its name, or from --to. OUT is written whole or not at all. " +
      "Gzipped files are read as they are.",
    "Formats, and the names that stand for them: model-directory (no ending), word2vec-binary (.bin), word2vec-text (.txt), " +
      "fasttext-vec (.vec), glove-text (.glove), safetensors, npy, projector-tsv (…vectors.tsv, names in …metadata.tsv " +
      "beside it); and fasttext-bin (.bin, .ftz), which can be read only.",
  ],
  examples: [
    { command: "loci convert words words.bin", says: "a model folder to word2vec's binary format: opens in gensim" },
    { command: "loci convert cc.de.300.bin german", says: "fastText's model to a model folder, subwords included" },
    {
      command: "loci convert glove.6B.100d.txt vectors.tsv --limit 10000",
      says: "for the TensorFlow projector: vectors.tsv and metadata.tsv",
    },
  ],
  positional: {
    kind: "tuple",
    parameters: [
      { brief: "A model folder, or a file of vectors", placeholder: "IN", parse: text },
      { brief: "What to write", placeholder: "OUT", parse: text },
    ],
  },
  flags: {
    from: textFlag("The format of IN, where it cannot be seen", "FORMAT"),
    to: textFlag("The format of OUT, where its name does not say it", "FORMAT"),
    whitespace: textFlag("What to write for white space in keys, which text formats cannot hold", "_"),
    limit: wholeFlag("Only the first N keys, which are the most frequent ones"),
  },
  load: () => import("./convert.run.ts"),
});
