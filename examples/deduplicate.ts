/**
 * Takes out of a list what says the same twice, word for word or nearly.
 *
 *     npx -c 'node examples/deduplicate.ts'
 *
 * The encoder here only knows which words two texts share, which is what copies have in common. With a model that knows what
 * words mean (`StaticEncoder`, `RemoteEncoder`) it finds what was said again in other words, too.
 */
import { HashingEncoder } from "../src/embed/index.ts";
import { nearDuplicates } from "../src/store/index.ts";

const list = [
  "Acme Ltd., 12 Harbour Road, Bristol",
  "Northwind Traders, 3 Mill Lane, Leeds",
  "ACME LTD, 12 Harbour Road, Bristol",
  "Blue Bakery, 7 High Street, York",
  "Northwind Traders, 3 Mill Lane, Leeds (UK)",
  "Acme Books, 80 Station Road, Bath",
];
const { pairs, groups } = await nearDuplicates(await new HashingEncoder({ dim: 256 }).embed(list), { threshold: 0.9 });
for (const { a, b, score } of pairs) console.log(`${score.toFixed(2)}  ${list[a]} = ${list[b]}`);

const later = new Set(groups.flatMap(([, ...copies]) => copies));
const kept = list.filter((_, row) => !later.has(row));
console.log(`${list.length} entries, ${kept.length} kept:`);
for (const entry of kept) console.log(`- ${entry}`);
