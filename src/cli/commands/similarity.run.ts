/** The work of `loci similarity`. */
import type { Cli } from "../command.ts";
import { openModel } from "../model.ts";
import { amongPairs } from "../percentile.ts";
import { openSession } from "../session.ts";
import type { SimilarityFlags } from "./similarity.ts";

export default async function similarity(
  cli: Cli,
  flags: SimilarityFlags,
  path: string,
  a: string,
  b: string,
): Promise<void> {
  const session = openSession(cli, flags);
  const embedding = await openModel(path, session);
  for (const key of [a, b]) if (!embedding.origin(key)) embedding.vocabulary.requireId(key);
  const score = embedding.similarity(a, b);
  const { pairs = 10_000, seed = 1 } = flags;
  const { percentile, mean, deviation } = amongPairs(embedding, score, { pairs, seed });
  session.answer({ score, percentile }, () => [
    `${score.toFixed(4)}  cosine of "${a}" and "${b}"`,
    `${percentile.toFixed(1)} % of random pairs of keys are less similar` +
      (Number.isNaN(mean) ? "" : ` (theirs are ${mean.toFixed(2)} ± ${deviation.toFixed(2)})`),
    ...(mean > ALL_ALIKE ? [LITTLE_TRAINED] : []),
  ]);
}

// Well trained models of words have a mean from 0 to 0.4; rows that have hardly left their start point one way.
const ALL_ALIKE = 0.7;
const LITTLE_TRAINED =
  "All keys are nearly alike in this model, as they are after little training: no cosine means much in it yet, and small " +
  "differences make large percentiles. Train on more text, or for more --epochs.";
