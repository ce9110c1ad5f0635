/** Moving a store from one space to another. */
import { Matrix } from "../../src/core/index.ts";
import type { Space } from "../../src/store/index.ts";
import { type Case, expectFailure, expectSame } from "./case.ts";
import { documentOf, gathered, roomsOf, SPACE, type StoreVariant } from "./store-parts.ts";

export function migrationCases(variant: StoreVariant): Case[] {
  const { inStore } = roomsOf(variant);
  const other: Space = { name: "two", dim: 2, fingerprint: "2".repeat(32), metric: "dot" };
  const moved = (chunks: readonly { chunk: number }[]): [number[], Matrix] => [
    chunks.map(({ chunk }) => chunk),
    Matrix.of(chunks.map(({ chunk }) => [chunk, -chunk])),
  ];
  return [
    {
      name: "a migration goes on beside writes, and switches space and vectors in one step",
      run: inStore(async (store) => {
        await store.write({ put: Array.from({ length: 9 }, (_, i) => documentOf(`d${i}`, [`a${i}`, `b${i}`])) });
        expectSame((await store.migration()) ?? null, null, "none yet");
        await store.beginMigration(other);
        await store.writeMigrated(...moved(await store.unmigrated(5)));
        await store.beginMigration(other);
        await store.write({ put: [documentOf("d0", ["new"])], remove: ["d4"] });
        const { space, written, missing } = (await store.migration())!;
        expectSame([space, written, missing], [other, 3, 12], "under way");
        expectSame((await expectFailure(() => store.commitMigration(), "too early")).code, "bad-argument", "code");
        expectSame((await store.vectorsOf([3])).dim, 3, "the old vectors answer");
        for (;;) {
          const chunks = await store.unmigrated(4);
          if (chunks.length === 0) break;
          await store.writeMigrated(...moved([...chunks, { chunk: 1 }]));
        }
        expectSame((await store.unmigrated(4)).length, 0, "none missing");
        expectSame([...(await store.migratedVectorsOf([19])).data], [19, -19], "new vectors can be looked at");
        const numbers = (await gathered(store.migratedVectors())).flatMap(({ chunks }) => chunks);
        expectSame(numbers, [3, 4, 5, 6, 7, 8, 11, 12, 13, 14, 15, 16, 17, 18, 19], "all of them");
        expectSame([await store.commitMigration(), await store.version()], [3, 3], "version");
        expectSame((await store.info()).space, other, "space");
        expectSame([...(await store.vectorsOf([19, 3])).data], [19, -19, 3, -3], "the new vectors answer");
        expectSame((await store.changes(2)) ?? null, null, "who was behind starts anew");
        expectSame((await store.migration()) ?? null, null, "done");
        await store.write({ put: [documentOf("new", ["x"], { vectors: Matrix.of([[1, 2]]) })] });
        expectSame(await store.changes(3), { version: 4, added: [20], removed: [] }, "changes go on");
        expectSame(await store.verify(), [], "verify");
      }),
    },
    {
      name: "a migration can be abandoned, or give way to another",
      run: inStore(async (store) => {
        await store.write({ put: [documentOf("a", ["one", "two"])] });
        await store.beginMigration(other);
        await store.writeMigrated(...moved(await store.unmigrated(1)));
        await store.beginMigration({ ...other, fingerprint: "3".repeat(32) });
        expectSame((await store.migration())!.written, 0, "another begins at nothing");
        await store.abandonMigration();
        expectSame((await store.migration()) ?? null, null, "abandoned");
        expectSame((await store.info()).space, SPACE, "space");
        expectSame((await store.vectorsOf([2])).dim, 3, "vectors");
        expectSame(await store.version(), 1, "version");
        expectSame((await expectFailure(() => store.unmigrated(1), "none")).code, "bad-argument", "code");
      }),
    },
  ];
}
