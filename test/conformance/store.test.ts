/** Stores in Node: in memory, in SQLite on threads of its own and on this thread. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { MemoryStore, SqliteStore } from "../../src/store/index.ts";
import { storeCases, type StoreVariant } from "./store.ts";

const folder = mkdtempSync(join(tmpdir(), "loci-store-"));
after(() => rmSync(folder, { recursive: true }));
let files = 0;

const memory: StoreVariant = {
  open: async () => new MemoryStore(),
  forgets: "memory is gone with its process",
  alone: "memory has no second opener",
};

const sqlite = (here: boolean): StoreVariant => ({
  open: () => SqliteStore.open(join(folder, `${files++}.db`), { here }),
  reopen: (store, options) => SqliteStore.open((store as SqliteStore).path, { ...options, here }),
});

/** What depends on the way from one thread to the other; all else is the same code. */
const BETWEEN_THREADS =
  /^(what goes in|snapshots|vectors come|readers|an aborted|writes that|everything|a migration goes|a store that)/;

for (const [name, variant, which] of [
  ["memory", memory, /./],
  ["SQLite here", sqlite(true), /./],
  ["SQLite on threads", sqlite(false), BETWEEN_THREADS],
] as const) {
  for (const one of storeCases(variant).filter(({ name }) => which.test(name)))
    test(`${name}: ${one.name}`, { skip: one.skip ?? false }, () => one.run());
}
