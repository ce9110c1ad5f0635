/**
 * Words of a test set to keys of a vocabulary.
 *
 * Test sets write "Jerusalem" and "OPEC"; a vocabulary may be all lower case, or hold "opec" and "OPEC" both.
 * A word stands for the key of its own spelling, else for that of its lower case, else for the first key (the
 * most frequent) that differs only in case.
 */
import type { Vocabulary } from "../core/index.ts";

/** How the words of a test set find their keys. */
export type KeyResolver = (word: string) => string | undefined;

/** A resolver for one vocabulary; it walks the vocabulary once, and only when a word needs it. */
export function keyResolver(vocabulary: Vocabulary): KeyResolver {
  let anyCase: Map<string, string> | undefined;
  return (word) => {
    if (vocabulary.has(word)) return word;
    const lower = word.toLowerCase();
    if (vocabulary.has(lower)) return lower;
    anyCase ??= firstByLowerCase(vocabulary);
    return anyCase.get(lower);
  };
}

function firstByLowerCase({ keys }: Vocabulary): Map<string, string> {
  const first = new Map<string, string>();
  for (const key of keys) {
    const lower = key.toLowerCase();
    if (!first.has(lower)) first.set(lower, key);
  }
  return first;
}
