/**
 * Small trainings whose bytes must be the same everywhere: any number of workers, any Node, any browser.
 *
 * The text is drawn with a seed: sentences about one of eight subjects, words of falling frequency.
 */
import { Rng } from "../../src/core/index.ts";
import type { Embedding } from "../../src/table/index.ts";
import { trainFastText, trainGlove, trainWord2vec } from "../../src/train/index.ts";

const COMMON = { dim: 20, epochs: 2, minCount: 2, subsample: 1e-2, seed: 3 } as const;

/** What is trained, by name; each is given how many workers to use. */
export const TRAININGS: Readonly<Record<string, (workers: number) => Promise<Embedding>>> = {
  "skip-gram": (workers) => trainWord2vec({ texts: texts() }, { ...COMMON, workers }),
  cbow: (workers) => trainWord2vec({ texts: texts() }, { ...COMMON, architecture: "cbow", workers }),
  "hierarchical softmax": (workers) =>
    trainWord2vec({ texts: texts() }, { ...COMMON, objective: "hierarchical-softmax", workers }),
  subwords: (workers) => trainFastText({ texts: texts() }, { ...COMMON, buckets: 2000, workers }),
  glove: (workers) => trainGlove({ texts: texts() }, { dim: 20, epochs: 2, minCount: 2, seed: 3, workers }),
};

/** Trains and hashes what came out: SHA-256 of the vectors' bytes, in hexadecimal. */
export async function trainedHash(name: string, workers: number): Promise<string> {
  const { matrix } = await TRAININGS[name]!(workers);
  const digest = await crypto.subtle.digest("SHA-256", matrix.data.slice());
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Trains and gives the numbers themselves, where other bytes are allowed. */
export async function trainedNumbers(name: string, workers: number): Promise<number[]> {
  return [...(await TRAININGS[name]!(workers)).matrix.data];
}

/** Some 20,000 words. */
function texts(): string[] {
  const rng = new Rng(2);
  return Array.from({ length: 40 }, () =>
    Array.from({ length: 40 }, () => {
      const subject = rng.nextBelow(8);
      return Array.from({ length: 12 }, () => word(subject, rng)).join(" ");
    }).join("\n"),
  );
}

function word(subject: number, rng: Rng): string {
  const rank = Math.floor(60 * rng.next() * rng.next());
  return rng.nextBelow(4) === 0 ? `the${rank % 7}` : `${"abcdefgh"[subject]}word${rank}`;
}
