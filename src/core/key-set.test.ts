import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { KeySet } from "./index.ts";

test("a key set agrees with a Map, key by key and given a whole list", () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ maxLength: 3 }), { maxLength: 400 }),
      fc.string({ maxLength: 3 }),
      (keys, other) => {
        const oracle = new Map<string, number>();
        const set = new KeySet();
        for (const key of keys) {
          assert.equal(set.add(key), !oracle.has(key));
          if (!oracle.has(key)) oracle.set(key, oracle.size);
        }
        assert.deepEqual(set.keys, [...oracle.keys()]);
        const whole = new KeySet([...oracle.keys()]);
        for (const key of [...keys, other]) {
          assert.equal(set.idOf(key), oracle.get(key));
          assert.equal(whole.idOf(key), oracle.get(key));
        }
        assert.equal(whole.refused, undefined);
      },
    ),
    { seed: 11, numRuns: 200 },
  );
});

test("a list with a key that stands twice is told by the number of the second", () => {
  assert.equal(new KeySet(["a", "b", "a", "b"]).refused, 2);
});

test("a key set grows past any size it began with", () => {
  const set = new KeySet();
  for (let i = 0; i < 5000; i++) assert.ok(set.add(`key ${i}`));
  for (let i = 0; i < 5000; i++) assert.equal(set.idOf(`key ${i}`), i);
  assert.equal(set.idOf("key 5000"), undefined);
});
