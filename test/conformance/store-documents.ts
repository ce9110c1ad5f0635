/** Documents in stores: what goes in comes out, or is refused. */
import { Matrix } from "../../src/core/index.ts";
import type { PutDocument, Store } from "../../src/store/index.ts";
import { type Case, expectFailure, expectSame } from "./case.ts";
import {
  documentOf,
  expectSameMeta,
  gathered,
  roomsOf,
  skipped,
  sorted,
  SPACE,
  type StoreVariant,
  wordsOnly,
} from "./store-parts.ts";

export function documentCases(variant: StoreVariant): Case[] {
  const { inStore, inWords } = roomsOf(variant);
  const refused = async (store: Store, document: PutDocument, code: string, words: string): Promise<void> => {
    const error = await expectFailure(() => store.write({ put: [documentOf("good", ["x"]), document] }), words);
    expectSame([error.code, error.message.includes(words)], [code, true], error.message);
    expectSame([await store.version(), await store.count()], [0, 0], "nothing was written");
  };
  return [
    {
      name: "a new store is empty, at version 0, without a space",
      run: inWords(async (store) => {
        const { version, space, documents, chunks } = await store.info();
        expectSame(
          { version, documents, chunks, space: space ?? null },
          { version: 0, documents: 0, chunks: 0, space: null },
          "info",
        );
        expectSame(await store.version(), 0, "version");
        expectSame(await store.keyword("anything", { k: 5 }), [], "keyword");
        expectSame(await gathered(store.list()), [], "list");
      }),
    },
    {
      name: "what goes in comes out: text, metadata with its types, hash, chunks, vectors",
      run: inStore(async (store) => {
        const meta = {
          s: "ä\u{1F600}",
          n: -1.5,
          b: false,
          d: new Date(1e12),
          none: null,
          list: ["a", 2, true, new Date(0), null],
          empty: [],
        };
        const document = documentOf("a", ["Überraschung \u{1F600} hier.", "Zwei."], { meta });
        const { version, added, removed } = await store.write({ put: [document] });
        expectSame({ version, added, removed }, { version: 1, added: [1, 2], removed: [] }, "committed");
        const [there, not] = await store.documents(["a", "b"]);
        expectSame({ text: there!.text, hash: there!.hash }, { text: document.text, hash: document.hash }, "document");
        expectSame(not ?? null, null, "an id that is not there");
        expectSameMeta(there!.meta, meta);
        const chunks = await store.chunksOf("a");
        const expected = document.chunks.map(({ start, end }, i) => ({
          chunk: i + 1,
          document: "a",
          start,
          end,
          text: document.text.slice(start, end),
        }));
        expectSame(
          chunks.map((chunk) => sorted({ ...chunk, meta: undefined })),
          expected.map(sorted),
          "chunks of the document",
        );
        expectSameMeta(chunks[0]!.meta, meta);
        const [second, gone, first] = await store.chunks([2, 99, 1]);
        expectSame(
          [second!.text, gone ?? null, first!.text],
          [expected[1]!.text, null, expected[0]!.text],
          "chunks by number",
        );
        expectSame(
          [...(await store.vectorsOf([2, 1])).data],
          [...document.vectors!.row(1), ...document.vectors!.row(0)],
          "vectors",
        );
        expectSame([...(await store.vectorsOf([7])).data].every(Number.isNaN), true, "no vector: NaN");
        expectSame(await store.chunksOf("nobody"), [], "chunks of a document that is not there");
      }),
    },
    {
      name: "a document put again takes the place of the old one, under new numbers; numbers never come back",
      run: inStore(async (store) => {
        await store.write({ put: [documentOf("a", ["one", "two"]), documentOf("b", ["three"])] });
        const again = await store.write({ put: [documentOf("a", ["four"])] });
        expectSame(again, { version: 2, added: [4], removed: [1, 2] }, "replaced");
        const gone = await store.write({ remove: ["a", "nobody"] });
        expectSame(gone, { version: 3, added: [], removed: [4] }, "removed");
        expectSame((await store.write({ put: [documentOf("c", ["five"])] })).added, [5], "a new number");
        const { documents, chunks } = await store.info();
        expectSame({ documents, chunks }, { documents: 2, chunks: 2 }, "counts");
        expectSame(
          (await store.chunks([1, 2, 3, 4, 5])).map((chunk) => chunk?.text ?? null),
          [null, null, "three", null, "five"],
          "chunks",
        );
        expectSame((await store.keyword("four one two", { k: 9 })).length, 0, "words of what is gone");
      }),
    },
    {
      name: "a batch that touches nothing leaves the version; one of a document without chunks does not",
      run: inStore(async (store) => {
        expectSame(await store.write({}), { version: 0, added: [], removed: [] }, "nothing");
        expectSame(await store.write({ remove: ["nobody"] }), { version: 0, added: [], removed: [] }, "nobody");
        expectSame(
          await store.write({ put: [documentOf("empty", [])] }),
          { version: 1, added: [], removed: [] },
          "an empty document",
        );
        expectSame(await store.count(), 1, "it is there");
        expectSame(await store.write({ remove: ["empty"] }), { version: 2, added: [], removed: [] }, "and gone");
      }),
    },
    {
      name: "what cannot be kept is refused by name, and nothing of its batch is written",
      run: inStore(async (store) => {
        const good = documentOf("a", ["one", "two"]);
        await refused(store, { ...good, id: "" }, "bad-argument", "id of document 1");
        await refused(store, { ...good, id: "\ud800" }, "bad-argument", "surrogate");
        await refused(store, { ...good, id: "good" }, "bad-argument", "twice");
        await refused(store, { ...good, chunks: [{ start: 0, end: 99 }, good.chunks[1]!] }, "bad-argument", "Chunk 0");
        await refused(store, { ...good, vectors: Matrix.of([[1, 2, 3]]) }, "bad-argument", "1 vectors");
        await refused(
          store,
          {
            ...good,
            vectors: Matrix.of([
              [1, 2],
              [3, 4],
            ]),
          },
          "dim-mismatch",
          "dim 3",
        );
        await refused(
          store,
          {
            ...good,
            vectors: Matrix.of([
              [1, 2, 3],
              [4, NaN, 6],
            ]),
          },
          "bad-argument",
          "Vector 1",
        );
        await refused(store, { ...good, meta: { when: new Date(NaN) } }, "bad-argument", "when");
        await refused(store, { ...good, meta: { size: Infinity } }, "bad-argument", "size");
        await refused(store, { ...good, meta: { owner: undefined } as never }, "bad-argument", "owner");
        const both = await expectFailure(() => store.write({ put: [good], remove: ["a"] }), "put and removed");
        expectSame(both.code, "bad-argument", "code");
      }),
    },
    {
      name: "a space is set once; another is refused with both names, also at equal width",
      run: inStore(async (store) => {
        await store.setSpace({ ...SPACE });
        const other = { ...SPACE, name: "other", fingerprint: "e".repeat(32) };
        const error = await expectFailure(() => store.setSpace(other), "another space");
        expectSame(error.code, "wrong-space", "code");
        expectSame(
          ["three", "other"].map((name) => error.message.includes(name)),
          [true, true],
          error.message,
        );
        expectSame((await store.info()).space, SPACE, "the first stays");
      }),
    },
    {
      name: "without a space there are words alone, and vectors are refused",
      run: inWords(async (store) => {
        const error = await expectFailure(() => store.write({ put: [documentOf("a", ["one"])] }), "vectors");
        expectSame(error.code, "wrong-space", "code");
        await store.write({ put: [wordsOnly("a", "one")] });
        expectSame((await store.keyword("one", { k: 2 })).length, 1, "found");
        expectSame(
          (await expectFailure(() => store.setSpace(SPACE), "a space over chunks")).code,
          "wrong-space",
          "code",
        );
        expectSame((await gathered(store.vectors())).length, 0, "no vectors");
      }),
    },
    {
      name: "text with U+0000 is kept",
      ...skipped(variant.noNul),
      run: inWords(async (store) => {
        await store.write({ put: [wordsOnly("a", "before\0after", "end")] });
        expectSame((await store.documents(["a"]))[0]!.text, "before\0after end", "text");
        expectSame((await store.keyword("end", { k: 1 }))[0]!.chunk, 2, "found");
      }),
    },
    {
      name: "unpaired surrogates in text become U+FFFD, and ranges stay right",
      run: inWords(async (store) => {
        await store.write({
          put: [
            {
              ...wordsOnly("a"),
              text: "x\ud83dy z",
              chunks: [
                { start: 0, end: 3 },
                { start: 4, end: 5 },
              ],
            },
          ],
        });
        expectSame(
          (await store.chunksOf("a")).map(({ text }) => text),
          ["x\ufffdy", "z"],
          "chunks",
        );
      }),
    },
    {
      name: "a long text gives back each chunk exactly, wherever it lies",
      run: inWords(async (store) => {
        const text = Array.from({ length: 30_000 }, (_, i) => `w${i} \u{1F600}`).join(" ");
        const chunks = Array.from({ length: 97 }, (_, i) => ({
          start: i * 2500,
          end: Math.min(text.length, i * 2500 + 5003),
        }));
        await store.write({ put: [{ ...wordsOnly("long"), text, chunks }] });
        const got = await store.chunks(chunks.map((_, i) => i + 1));
        // A range may begin or end inside a pair: what comes out is the same units.
        got.forEach((chunk, i) => expectSame(chunk!.text, text.slice(chunks[i]!.start, chunks[i]!.end), `chunk ${i}`));
        expectSame((await store.documents(["long"]))[0]!.text === text, true, "the text");
      }),
    },
  ];
}
