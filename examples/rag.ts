/**
 * Indexes a folder and prints the context that a language model would be given for a question, with its sources.
 *
 *     npx -c 'node examples/rag.ts'
 *
 * No model is asked and none is needed: what comes out is the text to put before the question. In a project of your own
 * the import is `from "loci/store"`.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Collection, contextFor, indexPaths } from "../src/store/index.ts";

// A folder such as people have: a handbook, a page, a table.
const folder = mkdtempSync(join(tmpdir(), "loci-example-"));
process.chdir(folder);
mkdirSync("office");
writeFileSync(
  "office/handbook.md",
  `# Handbook

## Holidays

Everybody has 28 days of holiday a year. Ask for them two weeks ahead.

Days that are left in December can be taken until the end of March.

## Laptops

A broken laptop goes to the help desk on the second floor.
`,
);
writeFileSync(
  "office/travel.html",
  "<html><head><title>Travel</title></head><body><nav>Home</nav><h1>Travel</h1>\n<p>Trains are booked by yourself, flights by the office.</p></body></html>",
);
writeFileSync("office/people.csv", "name,task,floor\nAda,approves holiday requests,3\nGrace,books flights,2\n");

const collection = await Collection.open("office.db");
const first = await indexPaths(collection, "office", { chunk: { size: 20 } });
console.log(`indexed ${first.files} files: ${first.documents} documents, ${first.chunks} chunks`);

const question = "How many days of holiday do I have, and who approves them?";
const { context, tokens, citations } = await contextFor(collection, question, { budget: 80 });
console.log(`\n${context}\n\nQuestion: ${question}\n`);
console.log(`${tokens} tokens of 80; sources: ${citations.map(({ n, path }) => `[${n}] ${path}`).join(", ")}`);

await collection.close();
process.chdir(tmpdir());
rmSync(folder, { recursive: true });
