/** What runs in the page of the store's browser test: the store's cases on OPFS, and files going both ways. */
import { SqliteStore } from "../../src/store/index.ts";
import { documentOf, SPACE, storeCases } from "../conformance/store.ts";

const sqlite = { module: new URL("/package/index.mjs", location.href) };
let stores = 0;

const cases = storeCases({
  open: () => SqliteStore.open(`case ${stores++}.db`, { sqlite }),
  reopen: (store, options) => SqliteStore.open((store as SqliteStore).path, { ...options, sqlite }),
  alone: "a browser's files have one owner at a time",
  filters: 60,
});

const textOf = (error: unknown): string =>
  error instanceof Error ? `${(error as { code?: string }).code ?? ""} ${error.stack ?? error.message}` : String(error);

const page = {
  names: () => cases.filter(({ skip }) => !skip).map(({ name }) => name),
  /** Runs a case; the error's text if it is not true. */
  async run(name: string): Promise<string | undefined> {
    try {
      await cases.find((one) => one.name === name)!.run();
      return undefined;
    } catch (error) {
      return textOf(error);
    }
  },
  /** Takes a file in, tells what it holds, adds to it, and gives it back. */
  async through(bytes: number[]): Promise<{ hits: number[]; wrong: string[]; bytes: number[] }> {
    const store = await SqliteStore.import("through.db", Uint8Array.from(bytes), { sqlite });
    const hits = await store.keyword("node", { k: 5, filter: { from: "node" } });
    await store.write({ put: [documentOf("b", ["from the browser"], { meta: { from: "browser" } })] });
    const wrong = await store.verify();
    const out = await store.fileBytes();
    await store.close();
    return { hits: hits.map(({ chunk }) => chunk), wrong, bytes: [...out] };
  },
  /** Opens a collection twice; the second time's error code. */
  async twice(): Promise<string> {
    const store = await SqliteStore.open("twice.db", { sqlite });
    const code = await SqliteStore.open("twice.db", { sqlite }).then(
      () => "opened",
      (error: { code: string }) => error.code,
    );
    await store.close();
    await (await SqliteStore.open("twice.db", { sqlite })).close();
    return code;
  },
  /** Without the package's address there is an error that says what to install. */
  missing: () =>
    SqliteStore.open("missing.db").then(
      () => "opened",
      (error: { code: string }) => error.code,
    ),
  /** Writes and leaves without closing, for the next visit. */
  async leave(): Promise<void> {
    const store = await SqliteStore.open("visits.db", { sqlite });
    await store.setSpace(SPACE);
    await store.write({ put: [documentOf("a", ["kept over visits"])] });
  },
  async visit(): Promise<number> {
    const store = await SqliteStore.open("visits.db", { sqlite });
    const hits = await store.keyword("visits", { k: 1 });
    await store.close();
    return hits.length;
  },
};

export type StorePage = typeof page;
(globalThis as unknown as { loci: StorePage }).loci = page;
