/**
 * The terms of an analogy as people type them: `king - man + woman`, as one argument or as many.
 *
 * A sign counts as one only between spaces (or arguments), since keys hold hyphens: "t-shirt" is a key.
 */
import { UsageError } from "./failures.ts";

export interface AnalogyTerms {
  readonly positive: readonly string[];
  readonly negative: readonly string[];
}

const SIGNS: Readonly<Record<string, 1 | -1>> = { "+": 1, "-": -1, "−": -1, "–": -1 };

/** Reads the terms. `known` says whether a key exists: a term that does is one key even if it holds spaces. */
export function analogyTerms(words: readonly string[], known: (key: string) => boolean): AnalogyTerms {
  const parts = words.flatMap((word) => (known(word) ? [word] : word.split(/\s+/).filter((part) => part !== "")));
  const terms = { positive: [] as string[], negative: [] as string[] };
  let sign: 1 | -1 | undefined = 1;
  for (const part of parts) {
    const next = known(part) ? undefined : SIGNS[part];
    if (next !== undefined) {
      const first = terms.positive.length + terms.negative.length === 0;
      if (sign !== undefined && !first) throw new UsageError(`two signs stand together before "${part}". ${EXPECTED}`);
      sign = next;
      continue;
    }
    if (sign === undefined) throw new UsageError(`there is no + or - before "${part}". ${EXPECTED}`);
    (sign > 0 ? terms.positive : terms.negative).push(part);
    sign = undefined;
  }
  if (sign !== undefined) throw new UsageError(`the analogy ends without a key. ${EXPECTED}`);
  return terms;
}

const EXPECTED = "Expected: loci analogy MODEL king - man + woman";
