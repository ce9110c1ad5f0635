/**
 * The same collection on pgvector: what changes is one argument.
 *
 *     LOCI_POSTGRES=postgres://user:password@host/database npx -c 'node examples/pgvector.ts'
 *
 * For a server to try it with: `npx -c 'node scripts/servers/main.ts postgres'`. Without one the collection lives in memory,
 * and the answers are the same. In a project of your own the imports are `from "loci/embed"`, `"loci/store"` and
 * `"loci/store/postgres"`.
 */
import { HashingEncoder } from "../src/embed/index.ts";
import { Collection, MemoryStore, type Store } from "../src/store/index.ts";
import { PostgresStore } from "../src/store/postgres/index.ts";

const database = process.env["LOCI_POSTGRES"];
const store: Store = database ? await PostgresStore.open({ database, name: "example" }) : new MemoryStore();
const encoder = new HashingEncoder({ dim: 256 });

const collection = await Collection.open({ store, encoder });
await collection.upsert([
  { id: "tides", text: "The moon pulls the sea: that is why there are tides.", meta: { topic: "sea", year: 2021 } },
  {
    id: "salt",
    text: "Rivers carry salt into the sea, and the sun takes only the water.",
    meta: { topic: "sea", year: 2024 },
  },
  { id: "moon", text: "The moon turns once while it goes once around the earth.", meta: { topic: "sky", year: 2024 } },
]);
console.log(`kept in ${store.kind}: ${await collection.count()} documents`);

const asked = "rivers bring salt";
for (const filter of [{}, { topic: "sky" }, { year: { lt: 2024 } }]) {
  const { hits } = await collection.search({ text: asked }, { k: 1, filter });
  console.log(`${asked}, where ${JSON.stringify(filter)}: ${hits[0]?.id}`);
}
await collection.close();
