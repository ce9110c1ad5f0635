/** `loci evaluate retrieval`: how good is search on judged questions. */
import { type CommonFlags, defineCommand, switchFlag, text, textFlag, wholeFlag } from "../command.ts";

export interface EvaluateRetrievalFlags extends CommonFlags {
  readonly model?: string;
  readonly collection?: string;
  readonly intervals: boolean;
  readonly limit?: number;
}

export const evaluateRetrieval = defineCommand<EvaluateRetrievalFlags, [string]>({
  brief: "How well search finds what people judged relevant: words, meaning, both",
  usage: "DIR [--model MODEL]",
  details: [
    "DIR has BEIR's layout: corpus.jsonl, queries.jsonl and qrels/test.tsv, gzipped or not. Its documents are indexed in memory, its " +
      "questions asked in each mode; what is reported is nDCG@10, recall@100 and MRR, by mode. With --collection the questions " +
      "are asked of a collection that you have, and DIR may be a file of lines “question TAB document”.",
  ],
  examples: [
    {
      command: "loci evaluate retrieval scifact",
      says: "words alone, and meaning with vectors learnt from its own documents",
    },
    { command: "loci evaluate retrieval scifact --model words --intervals", says: "with your vectors; 95 % intervals" },
    {
      command: "loci evaluate retrieval questions.tsv --collection docs.db",
      says: "your own questions about your own documents",
    },
  ],
  positional: {
    kind: "tuple",
    parameters: [{ brief: "A folder in BEIR's layout, or a file of pairs", placeholder: "DIR", parse: text }],
  },
  flags: {
    model: textFlag("A model folder or a file of vectors (default: learnt from the documents themselves)", "MODEL"),
    collection: textFlag("Ask this collection instead of the documents in DIR", "FILE"),
    intervals: switchFlag("Add 95 % intervals, by the bootstrap"),
    limit: wholeFlag("Only the first N questions"),
  },
  load: () => import("./evaluate-retrieval.run.ts"),
});
