/**
 * A small language with known meanings, for tests of learners.
 *
 * Animals are fed and sleep, vehicles are driven and parked, royalty comes in pairs of gender. Sentences are
 * drawn from a grammar by a seed, so that a test knows what ought to be near what: nobody told the learner.
 */
import { Rng } from "../../src/core/index.ts";

const ANIMALS = ["cat", "dog", "puppy", "kitten", "rabbit"];
const VEHICLES = ["car", "truck", "bus", "tractor", "van"];
const MALE = ["king", "man", "prince", "uncle", "boy"];
const FEMALE = ["queen", "woman", "princess", "aunt", "girl"];
const ROYAL = ["crown", "throne", "palace", "court"];
const PLACES = ["garden", "street", "house", "field", "town", "village"];

/** `count` sentences of four to nine words; the same for the same seed. */
export function smallCorpus(count: number, seed = 1): string[][] {
  const rng = new Rng(seed, 17);
  const one = <T>(choices: readonly T[]): T => choices[rng.nextBelow(choices.length)]!;
  const person = (): string[] => {
    const at = rng.nextBelow(MALE.length);
    const male = rng.next() < 0.5;
    const royal = at === 0 || at === 2;
    const name = male ? MALE[at]! : FEMALE[at]!;
    const whose = male ? "his" : "her";
    return royal
      ? ["the", name, "wears", whose, one(ROYAL), "in", "the", one(PLACES)]
      : ["the", name, "likes", whose, one(["bread", "friend", "work", "song"]), "in", "the", one(PLACES)];
  };
  const animal = (): string[] =>
    one([
      () => ["i", "feed", "my", one(ANIMALS), "in", "the", one(PLACES)],
      () => ["my", one(ANIMALS), "sleeps", "and", "eats", one(["meat", "fish", "grass"])],
      () => ["the", one(ANIMALS), "chases", "the", one(ANIMALS), "at", "night"],
    ])();
  const vehicle = (): string[] =>
    one([
      () => ["i", "drive", "my", one(VEHICLES), "through", "the", one(PLACES)],
      () => ["the", one(VEHICLES), "needs", one(["petrol", "oil", "wheels"]), "and", "repair"],
      () => ["we", "park", "the", one(VEHICLES), "on", "the", "road"],
    ])();
  return Array.from({ length: count }, () => one([person, animal, vehicle])());
}
