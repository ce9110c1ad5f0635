/** Finding in stores: by words, by filter, by id. */
import { Rng } from "../../src/core/index.ts";
import { passes, type Filter } from "../../src/store/index.ts";
import { type Case, expectFailure, expectNear, expectSame } from "./case.ts";
import { randomFilter, randomMeta } from "./store-filters.ts";
import { gathered, roomsOf, type StoreVariant, wordsOnly } from "./store-parts.ts";

export function findingCases(variant: StoreVariant): Case[] {
  const { inWords } = roomsOf(variant);
  return [
    {
      name: "keyword finds the rarer word first, with BM25's scores, ties by number",
      run: inWords(async (store) => {
        await store.write({
          put: [wordsOnly("a", "the cat sat", "the dog sat"), wordsOnly("b", "the the the", "the cat sat")],
        });
        const hits = await store.keyword("The CAT!", { k: 10 });
        expectSame(
          hits.map(({ chunk }) => chunk),
          [1, 4, 3, 2],
          "order",
        );
        expectSame(
          (await store.keyword("cat", { k: 1 })).map(({ chunk }) => chunk),
          [1],
          "k",
        );
        if (variant.otherScores) return;
        // N 4, mean length 3, every chunk of length 3: cat in 2 of them, the in 4.
        const [cat, the] = [Math.log(1 + 2.5 / 2.5), Math.log(1 + 0.5 / 4.5)];
        const part = (count: number): number => (count * 2.2) / (count + 1.2);
        const expected = [cat * part(1) + the * part(1), cat * part(1) + the * part(1), the * part(3), the * part(1)];
        hits.forEach(({ score }, i) => expectNear(score, expected[i]!, 1e-7, `score ${i}`));
      }),
    },
    {
      name: "after removals keyword scores as if what is gone had never been",
      run: inWords(async (store) => {
        const rng = new Rng(5);
        const words = ["ant", "bee", "cat", "dog", "eel", "fox"];
        const sentence = (): string =>
          Array.from({ length: 1 + rng.nextBelow(7) }, () => words[rng.nextBelow(6)]).join(" ");
        const kept = Array.from({ length: 12 }, (_, i) => wordsOnly(`kept ${i}`, sentence(), sentence()));
        const others = Array.from({ length: 20 }, (_, i) => wordsOnly(`other ${i}`, `zebra ${sentence()}`));
        await store.write({ put: others });
        await store.write({ put: kept });
        await store.write({ remove: others.map(({ id }) => id) });
        const fresh = await variant.open();
        await fresh.write({ put: kept });
        for (const query of ["ant", "bee cat", "fox fox dog eel", "zebra"]) {
          const [here, there] = [await store.keyword(query, { k: 8 }), await fresh.keyword(query, { k: 8 })];
          expectSame(
            here.map(({ chunk }) => chunk - 20),
            there.map(({ chunk }) => chunk),
            query,
          );
          here.forEach(({ score }, i) => expectNear(score, there[i]!.score, 1e-7, query));
        }
        await fresh.close();
      }),
    },
    {
      name: "any text is a valid query",
      run: inWords(async (store) => {
        await store.write({ put: [wordsOnly("a", 'near the river: NOT a bank, AND -or- "so" (they) say^2*')] });
        const queries = [
          '"',
          "'",
          "NEAR(",
          "a AND",
          "NOT",
          "*",
          "col:x",
          "^",
          "{a b}:c",
          "-",
          "\0",
          "\ud800",
          "a\u0000b",
          "%_\\",
          "$1",
          "()",
          "",
          " ",
          "x".repeat(10_000),
        ];
        for (const query of queries) await store.keyword(query, { k: 3 });
        expectSame((await store.keyword('"bank" OR) river*', { k: 3 })).length, 1, "words between signs");
      }),
    },
    {
      name: "keyword under a filter gives k where k pass",
      run: inWords(async (store) => {
        const put = Array.from({ length: 40 }, (_, i) => ({
          ...wordsOnly(`d${i}`, `word number${i}`),
          meta: { even: i % 2 === 0, i },
        }));
        await store.write({ put });
        const hits = await store.keyword("word", { k: 7, filter: { even: true, i: { gte: 20 } } });
        expectSame(
          hits.map(({ chunk }) => chunk),
          [21, 23, 25, 27, 29, 31, 33],
          "hits",
        );
        expectSame(await store.keyword("word", { k: 7, filter: { i: { gt: 99 } } }), [], "none pass");
      }),
    },
    {
      name: "list goes by id in the order of code points, and takes a filter and a prefix",
      run: inWords(async (store) => {
        const ids = ["b", "a", "\u{1F600}", "\uFF5E", "ab", "a%b", "a_b", "B"];
        await store.write({ put: ids.map((id) => ({ ...wordsOnly(id, "x"), meta: { long: id.length > 1 } })) });
        const all = (await gathered(store.list())).map(({ id }) => id);
        expectSame(all, ["B", "a", "a%b", "a_b", "ab", "b", "\uFF5E", "\u{1F600}"], "all");
        expectSame(
          (await gathered(store.list({ prefix: "a" }))).map(({ id }) => id),
          ["a", "a%b", "a_b", "ab"],
          "prefix",
        );
        expectSame(
          (await gathered(store.list({ prefix: "a_" }))).map(({ id }) => id),
          ["a_b"],
          "a prefix is no pattern",
        );
        expectSame(
          (await gathered(store.list({ filter: { long: true }, prefix: "a" }))).map(({ hash }) => hash),
          ["hash of a%b", "hash of a_b", "hash of ab"],
          "filter",
        );
      }),
    },
    {
      name: "the store's answer to a filter is the plain evaluator's, for random filters and metadata",
      run: inWords(async (store) => {
        const rng = new Rng(11);
        const metas = Array.from({ length: 100 }, () => randomMeta(rng));
        await store.write({ put: metas.map((meta, i) => ({ ...wordsOnly(`d${i}`, "x", "y"), meta })) });
        for (let i = 0; i < (variant.filters ?? 100); i++) {
          const filter: Filter = randomFilter(rng, 3);
          const expected = metas.flatMap((meta, d) => (passes(meta, filter) ? [2 * d + 1, 2 * d + 2] : []));
          const what = JSON.stringify(filter);
          expectSame([...(await store.matching(filter))], expected, what);
          expectSame(await store.count(filter), expected.length / 2, `count of ${what}`);
        }
        expectSame(await store.count({}), 100, "the empty filter");
      }),
    },
    {
      name: "filters that cannot be meant are refused, by the name of the field",
      run: inWords(async (store) => {
        const bad: [unknown, string][] = [
          [{ tenant: undefined }, "tenant"],
          [{ year: { gte: undefined } }, "year"],
          [{ year: { from: 3 } }, "from"],
          [{ year: {} }, "year"],
          [{ tags: ["a", "b"] }, "in: "],
          [{ size: NaN }, "size"],
          [{ ok: { lt: true } }, "ok"],
          [{ and: { a: 1 } }, "and"],
          [{ not: 5 }, "not"],
          [{ or: [{ deep: { in: "abc" } }] }, "deep"],
          ["lang=en", "object"],
        ];
        for (const [filter, words] of bad) {
          const error = await expectFailure(() => store.count(filter as Filter), words);
          expectSame([error.code, error.message.includes(words)], ["bad-argument", true], error.message);
        }
      }),
    },
  ];
}
