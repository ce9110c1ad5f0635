/**
 * Finds documents by what they mean, in a dozen lines: the last ones. All above them makes a small model, since this program brings no
 * other with it; in a project of your own you open one (`StaticEncoder.open("vectors.bin")`) or learn it from your texts.
 *
 *     npx -c 'node examples/semantic-search.ts'
 */
import { Rng, trainWord2vec } from "../src/index.ts";
import { StaticEncoder } from "../src/embed/index.ts";
import { Collection, MemoryStore } from "../src/store/index.ts";

// A small world in which several words mean the same, and nobody says so: they are only used alike.
const rng = new Rng(1);
const one = (words: string): string => {
  const choices = words.split(" ");
  return choices[rng.nextBelow(choices.length)]!;
};
const sentences = [
  () => `i forgot the ${one("password login passcode credentials")} of my ${one("account profile mailbox")}`,
  () =>
    `type the ${one("password login passcode credentials")} to ${one("enter unlock open")} your ${one("account profile mailbox")}`,
  () =>
    `my ${one("laptop computer notebook machine")} is ${one("broken damaged dead")} and needs ${one("repair mending fixing")}`,
  () => `the ${one("laptop computer notebook machine")} has a new ${one("screen keyboard battery")}`,
  () =>
    `the ${one("salary pay wage income")} is ${one("paid transferred sent")} at the ${one("end start")} of the month`,
  () => `they ${one("raised cut doubled")} his ${one("salary pay wage income")} last year`,
];
const texts = Array.from({ length: 4000 }, () => sentences[rng.nextBelow(sentences.length)]!());
const words = await trainWord2vec({ texts }, { dim: 24, epochs: 10, learningRate: 0.05, subsample: 0 });

const encoder = await StaticEncoder.from(words, { sample: texts });
await using docs = await Collection.open({ store: new MemoryStore(), encoder }); // or a file: Collection.open("docs.db", { encoder })
await docs.add([
  { id: "reset", text: "How to reset a password", meta: { team: "support" } },
  { id: "repair", text: "Where to bring a laptop for repair", meta: { team: "support" } },
  { id: "payday", text: "When the salary is transferred", meta: { team: "office" } },
]);
for (const question of ["my login", "damaged machine", "wage"]) {
  const { hits } = await docs.search(question, { k: 1 });
  console.log(`${question} → ${hits[0]!.text} (cosine ${hits[0]!.parts.vector!.toFixed(2)})`);
}
console.log(
  `office only: ${(await docs.search("my login", { filter: { team: "office" } })).hits.map(({ id }) => id).join()}`,
);
