/**
 * Learns words from sentences that stand in the program, and asks what they have become.
 *
 *     npx -c 'node examples/words.ts'
 *
 * In a project of your own the import is `from "loci"`, and the text a path: "notes", "corpus/*.txt", …
 */
import { Rng, trainWord2vec } from "../src/index.ts";

// A small world. Animals are fed and sleep, cars are driven and parked; rulers and their children wear crowns.
const rng = new Rng(1);
const one = (words: string): string => {
  const choices = words.split(" ");
  return choices[rng.nextBelow(choices.length)]!;
};
const sentences = [
  () => `the ${one("king man prince boy")} speaks and he opens his ${one("letter house garden")}`,
  () => `the ${one("queen woman princess girl")} speaks and she opens her ${one("letter house garden")}`,
  () => `the ${one("king queen prince princess")} wears a ${one("crown ring")} in the ${one("palace court")}`,
  () => `the ${one("prince princess boy girl")} is young and plays with a ${one("ball kite drum")}`,
  () => `the ${one("king queen man woman")} is old and thinks of the ${one("past future weather")}`,
  () => `my ${one("cat dog rabbit")} sleeps in the ${one("garden house")} and eats ${one("meat grass fish")}`,
  () => `we park the ${one("car truck bus")} by the ${one("road house")} and fill it with ${one("oil petrol")}`,
];
const texts = Array.from({ length: 6000 }, () => sentences[rng.nextBelow(sentences.length)]!());

const words = await trainWord2vec({ texts }, { dim: 24, epochs: 10, learningRate: 0.05, subsample: 0 });

const [first, last] = [words.vocabulary.keys[0]!, words.vocabulary.keys.at(-1)!];
console.log(`${words.size} words from "${first}" to "${last}", ${words.dim} numbers each`);
for (const key of ["cat", "car", "queen"]) {
  const near = words.neighbors(key, { k: 2 }).map((hit) => `${hit.key} ${hit.score.toFixed(2)}`);
  console.log(`near ${key}: ${near.join(", ")}`);
}
const [best] = words.analogy({ positive: ["king", "woman"], negative: ["man"], k: 1 });
console.log(`king - man + woman: ${best!.key}`);
console.log(`odd one out of cat, dog, truck, rabbit: ${words.oddOneOut(["cat", "dog", "truck", "rabbit"]).key}`);
