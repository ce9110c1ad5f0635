/** The work of `loci similarity`. */
import type { Cli } from "../command.ts";
import { openModel } from "../model.ts";
import { percentileOf } from "../percentile.ts";
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
  const percentile = percentileOf(embedding, score, { pairs, seed });
  session.answer({ score, percentile }, () => [
    `${score.toFixed(4)}  cosine of "${a}" and "${b}"`,
    `${percentile.toFixed(1)} % of random pairs of keys are less similar`,
  ]);
}
