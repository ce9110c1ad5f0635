/** Options that are words: one place to refuse a word that is not among them. */
import { LociError } from "../core/index.ts";

/** `value`, or `bad-argument` naming the words that are allowed. */
export function checkOneOf<T extends string>(name: string, value: T, allowed: readonly T[]): T {
  if (allowed.includes(value)) return value;
  const list = allowed.map((word) => `"${word}"`).join(" or ");
  throw new LociError("bad-argument", `Expected \`${name}\` to be ${list}, got ${JSON.stringify(value)}.`);
}
