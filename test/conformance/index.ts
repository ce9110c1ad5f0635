/**
 * What every index of vectors must do: give what a plain Map and a scan of everything give.
 *
 * The oracle is a Map from keys to vectors, scored in float64 by the functions of `math`. An index that is always exact must
 * agree to the last bit and the last tie; one that is not must with `exact: true`, and without it hold the recall it
 * was asked for, on average, less a margin for chance. Runs in any runner, Node and browser.
 */
import type { Case } from "./case.ts";
import {
  keepsOriginals,
  tellsKeysApart,
  replaces,
  removes,
  refusesWhole,
  refusesQuestions,
  zeroVectors,
  ties,
  smallIndexes,
  randomOperations,
} from "./index-contract.ts";
import { threeWinners, scaleInvariance, unitDistances, rankAlike } from "./index-geometry.ts";
import { exactAnswers, searchesMany, within, filters, hostileFilter, recall, churn } from "./index-searching.ts";
import { files, damagedFiles, aborts, concurrency } from "./index-lasting.ts";
import type { IndexVariant } from "./index-oracle.ts";

export type { IndexVariant } from "./index-oracle.ts";
export { bytesOf } from "./index-oracle.ts";

/** The cases that every index must pass. */
export function indexCases(variant: IndexVariant): Case[] {
  return CASES.flatMap(({ name, run }) => {
    const skip = variant.skip?.[name];
    return [{ name, run: () => run(variant), ...(skip !== undefined && { skip }) }];
  });
}

interface NamedCase {
  readonly name: string;
  readonly run: (variant: IndexVariant) => Promise<void>;
}

const CASES: readonly NamedCase[] = [
  { name: "what goes in comes out as it was, whatever its length", run: keepsOriginals },
  { name: '1, 1n and "1" are three keys, and odd strings are keys too', run: tellsKeysApart },
  { name: "a replaced key answers with its new vector alone", run: replaces },
  { name: "a removed key never answers again and its slot is used again", run: removes },
  { name: "what cannot be added is refused by row and key, and nothing of the call is kept", run: refusesWhole },
  { name: "what cannot be asked is refused by name", run: refusesQuestions },
  { name: "a vector of zeros has cosine 0 with everything, itself included", run: zeroVectors },
  { name: "equal scores come in the order in which their keys came in", run: ties },
  { name: "an empty index answers with nothing, and k past the end with everything", run: smallIndexes },
  { name: "the three metrics pick the three winners of the worked example", run: threeWinners },
  { name: "cosine does not hear length, dot product and distance do", run: scaleInvariance },
  { name: "unit vectors: cosine 0.8 is distance 0.6325, cosine 0.3 is distance 1.1832", run: unitDistances },
  { name: "on unit vectors the three metrics rank alike, in 10,000 random sets", run: rankAlike },
  { name: "random operations end where a plain Map ends, in every metric", run: randomOperations },
  { name: "exact: true is the float64 scan of everything, near ties and odd lengths included", run: exactAnswers },
  { name: "searchMany answers as search does, one query after the other", run: searchesMany },
  { name: "searchWithin gives all keys at or above the bound, and no others", run: within },
  { name: "filters of all three kinds never come up short, from 50 % to 0.01 %", run: filters },
  { name: "a filter against the query is answered in full", run: hostileFilter },
  { name: "searches hold the recall they are asked for, and say how much they hold", run: recall },
  { name: "after half of everything was replaced in small steps answers are as good", run: churn },
  { name: "the same operations give the same bytes, and the bytes open to the same answers", run: files },
  { name: "a file that is cut or changed anywhere is refused", run: damagedFiles },
  { name: "an aborted call rejects with the signal's reason and leaves the index as it was", run: aborts },
  { name: "searches and writes at the same time see the index before or after, never between", run: concurrency },
];
