import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { HASH_SEED, WordTable, hashLane } from "./word-table.ts";

const words = fc.array(fc.string({ unit: fc.constantFrom("a", "b", "é", "\0", "x"), maxLength: 12 }), {
  maxLength: 80,
});

test("a table counts like a Map, in order of first sight, for words of any length and with any byte", () => {
  fc.assert(
    fc.property(words, (text) => {
      const table = new WordTable();
      const oracle = new Map<string, number>();
      for (const word of text) {
        const serial = table.count(table.internWord(word));
        oracle.set(word, (oracle.get(word) ?? 0) + 1);
        assert.equal(serial, [...oracle.keys()].indexOf(word));
      }
      const held = Array.from(table.places(), (place) => [table.wordOf(place), table.countOf(place)]);
      assert.deepEqual(held, [...oracle]);
      for (const word of oracle.keys()) assert.equal(table.wordOf(table.find(word)), word);
      assert.equal(table.find("never seen"), -1);
    }),
    { seed: 12 },
  );
});

test("a table grows to many words", () => {
  const table = new WordTable();
  for (let i = 0; i < 50_000; i++) table.count(table.internWord(`word${i}`));
  for (let i = 0; i < 50_000; i++) assert.equal(table.count(table.internWord(`word${i}`)), i);
  assert.equal(table.size, 50_000);
});

test("short words are the same by their two lanes as by their bytes", () => {
  const table = new WordTable();
  const [first, second] = [0x64636261, 0x65]; // "abcde"
  const place = table.internPair(first, second, 5, hashLane(hashLane(HASH_SEED, first), second));
  assert.equal(table.internWord("abcde"), place);
  assert.equal(table.wordOf(place), "abcde");
  assert.notEqual(table.internWord("abcde\0"), place);
});

test("an occurrence can be taken back", () => {
  const table = new WordTable();
  const place = table.internWord("a");
  for (let i = 0; i < 3; i++) table.count(place);
  table.uncount(place);
  assert.equal(table.countOf(place), 2);
});

test("a full table forgets the words seen least, and no serial is given out twice", () => {
  const table = new WordTable(8);
  const see = (word: string): number => table.count(table.internWord(word));
  for (const word of ["a", "a", "a", "b", "b", "b", "c", "c", "d", "d", "e", "f", "g", "h"]) see(word);
  assert.equal(see("new"), 8);
  assert.deepEqual(
    Array.from(table.places(), (place) => table.wordOf(place)),
    ["a", "b", "c", "d", "new"],
  );
  for (const word of ["i", "j", "k"]) see(word);
  assert.equal(table.size, 8);
  assert.equal(see("e"), 12); // what was seen up to twice has gone
  assert.deepEqual(
    Array.from(table.places(), (place) => [table.wordOf(place), table.serialOf(place), table.countOf(place)]),
    [
      ["a", 0, 3],
      ["b", 1, 3],
      ["e", 12, 1],
    ],
  );
  assert.equal(table.prunings, 2);
});
