/** What lasts in stores, and what changes: vectors, changes, snapshots, settings, other readers, another life. */
import { LociError } from "../../src/core/index.ts";
import { type Case, expectFailure, expectSame } from "./case.ts";
import { documentOf, gathered, roomsOf, seen, skipped, SPACE, type StoreVariant, sum } from "./store-parts.ts";

export function lastingCases(variant: StoreVariant): Case[] {
  const { inStore } = roomsOf(variant);
  const { reopen } = variant;
  return [
    {
      name: "vectors come by number, all of them, after any number, in removed and replaced company",
      run: inStore(async (store) => {
        const put = Array.from({ length: 30 }, (_, i) =>
          documentOf(
            `d${i}`,
            Array.from({ length: (i * 7) % 11 }, (_, j) => `s${i} ${j}`),
          ),
        );
        for (const document of put) await store.write({ put: [document] });
        await store.write({ put: put.slice(10, 15), remove: ["d3", "d4", "d20"] });
        const expected = new Map<number, number[]>();
        for (const { id } of await gathered(store.list()))
          for (const [i, { chunk }] of (await store.chunksOf(id)).entries())
            expected.set(chunk, [...put[Number(id.slice(1))]!.vectors!.row(i)]);
        for (const after of [0, 17, 1e6]) {
          const numbers = [...expected.keys()].filter((chunk) => chunk > after).sort((a, b) => a - b);
          const pieces = await gathered(store.vectors(after));
          expectSame(
            pieces.flatMap(({ chunks }) => chunks),
            numbers,
            `numbers after ${after}`,
          );
          expectSame(
            pieces.flatMap(({ vectors }) => [...vectors.data]),
            numbers.flatMap((chunk) => expected.get(chunk)!),
            `vectors after ${after}`,
          );
        }
      }),
    },
    {
      name: "changes tell, net, what came and went since a version",
      run: inStore(async (store) => {
        await store.write({ put: [documentOf("a", ["1"]), documentOf("b", ["2"])] });
        await store.write({ put: [documentOf("c", ["3", "4"])], remove: ["a"] });
        await store.write({ put: [documentOf("c", ["5"])], remove: ["b"] });
        expectSame(await store.changes(0), { version: 3, added: [5], removed: [] }, "since 0");
        expectSame(await store.changes(1), { version: 3, added: [5], removed: [1, 2] }, "since 1");
        expectSame(await store.changes(2), { version: 3, added: [5], removed: [2, 3, 4] }, "since 2");
        expectSame(await store.changes(3), { version: 3, added: [], removed: [] }, "since now");
        expectSame((await store.changes(4)) ?? null, null, "a version that is yet to come");
      }),
    },
    {
      name: "snapshots are kept whole, read from anywhere, replaced and removed; the version stays",
      run: inStore(async (store) => {
        const bytes = Uint8Array.from({ length: 700_001 }, (_, i) => (i * 31) % 251);
        const pieces = async function* (upTo: number) {
          for (let at = 0; at < upTo; at += 99_999) yield bytes.subarray(at, Math.min(at + 99_999, upTo));
        };
        await store.saveSnapshot("index", 4, pieces(50));
        await store.saveSnapshot("index", 5, pieces(bytes.length));
        const { version, source } = (await store.snapshot("index"))!;
        expectSame([version, source.bytes], [5, bytes.length], "version and size");
        expectSame(sum(await gathered(source.read())), sum([bytes]), "all bytes");
        expectSame(sum(await gathered(source.read(300_000))), sum([bytes.subarray(300_000)]), "from the middle");
        const into = new Uint8Array(300_000);
        expectSame(
          [await source.readAt(250_000, into), sum([into])],
          [300_000, sum([bytes.subarray(250_000, 550_000)])],
          "some bytes",
        );
        expectSame(await source.readAt(bytes.length - 3, into), 3, "at the end");
        expectSame(await store.version(), 0, "version");
        await store.removeSnapshot("index");
        expectSame((await store.snapshot("index")) ?? null, null, "gone");
        await store.saveSnapshot("empty", 1, pieces(0));
        expectSame((await store.snapshot("empty"))!.source.bytes, 0, "an empty one");
        const failing = async function* () {
          yield bytes;
          throw new LociError("bad-argument", "no more");
        };
        await expectFailure(() => store.saveSnapshot("empty", 2, failing()), "pieces that fail");
        expectSame((await store.snapshot("empty"))!.version, 1, "the old one stays");
      }),
    },
    {
      name: "settings hold JSON, one name at a time",
      run: inStore(async (store) => {
        expectSame((await store.setting("a")) ?? null, null, "none");
        await store.setSetting("a", { weights: [0.25, 1e-300], name: "ü" });
        await store.setSetting("b", null);
        expectSame(await store.setting("a"), { weights: [0.25, 1e-300], name: "ü" }, "an object");
        expectSame(await store.setting("b"), null, "null");
        await store.setSetting("a", undefined);
        expectSame((await store.setting("a")) ?? null, null, "gone");
        expectSame(await store.version(), 0, "version");
      }),
    },
    {
      name: "compact and verify leave everything as it is, and find nothing wrong",
      run: inStore(async (store) => {
        const put = Array.from({ length: 20 }, (_, i) => documentOf(`d${i}`, [`word${i} common`, "x"]));
        await store.write({ put });
        await store.write({ remove: put.slice(0, 10).map(({ id }) => id) });
        const before = await seen(store);
        const { before: bytes, after } = await store.compact();
        expectSame(after <= bytes, true, `${after} ≤ ${bytes}`);
        expectSame(await seen(store), before, "after compacting");
        expectSame(await store.verify(), [], "verify");
      }),
    },
    {
      name: "an aborted write was never there",
      run: inStore(async (store) => {
        await store.write({ put: [documentOf("a", ["one"])] });
        const before = await seen(store);
        const signal = AbortSignal.abort(new Error("enough"));
        const error = await expectFailure(
          () => store.write({ put: [documentOf("b", ["two"])] }, { signal }),
          "aborted",
        );
        expectSame(error.message, "enough", "the reason");
        expectSame(await seen(store), before, "as before");
      }),
    },
    {
      name: "writes that are asked for at once come one after another",
      run: inStore(async (store) => {
        const all = Array.from({ length: 12 }, (_, i) => store.write({ put: [documentOf(`d${i}`, ["a", "b"])] }));
        const versions = (await Promise.all(all)).map(({ version }) => version);
        expectSame(
          [...versions].sort((a, b) => a - b),
          Array.from({ length: 12 }, (_, i) => i + 1),
          "versions",
        );
        const numbers = (await Promise.all(all)).flatMap(({ added }) => added);
        expectSame(new Set(numbers).size, 24, "numbers, each once");
        expectSame(await store.count(), 12, "documents");
      }),
    },
    {
      name: "a store that is closed answers no more, and closing twice is no error",
      async run() {
        const store = await variant.open();
        await store.close();
        await store.close();
        const error = await expectFailure(() => store.version(), "closed");
        expectSame(error instanceof LociError, true, "a LociError");
      },
    },
    {
      name: "everything is there after closing and opening again",
      ...skipped(variant.forgets),
      run: async () => {
        const store = await variant.open();
        await store.setSpace(SPACE);
        await store.write({ put: [documentOf("a", ["one", "two"], { meta: { n: 1 } }), documentOf("b", ["three"])] });
        await store.write({ remove: ["b"] });
        await store.setSetting("s", [1]);
        const before = await seen(store);
        await store.close();
        const again = await reopen!(store, { readOnly: false });
        expectSame(await seen(again), before, "all");
        expectSame(await again.setting("s"), [1], "setting");
        expectSame((await again.info()).space, SPACE, "space");
        expectSame(await again.changes(1), { version: 2, added: [], removed: [3] }, "changes");
        expectSame((await again.write({ put: [documentOf("c", ["x"])] })).added, [4], "the next number");
        await again.close();
      },
    },
    {
      name: "readers beside the writer see its commits, and write nothing",
      ...skipped(variant.alone),
      run: inStore(async (store) => {
        const reader = await reopen!(store, { readOnly: true });
        expectSame([await reader.version(), reader.readOnly], [0, true], "before");
        await store.write({ put: [documentOf("a", ["one"])] });
        expectSame([await reader.version(), await reader.count()], [1, 1], "after");
        expectSame(await seen(reader), await seen(store), "all");
        for (const act of [
          () => reader.write({ remove: ["a"] }),
          () => reader.setSetting("a", 1),
          () => reader.compact(),
          () => reader.removeSnapshot("x"),
          () => reader.setSpace(SPACE),
          () => reader.beginMigration(SPACE),
        ])
          expectSame((await expectFailure(act, "a write through a reader")).code, "read-only", "code");
        await reader.close();
      }),
    },
  ];
}
