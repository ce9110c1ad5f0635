import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { KeyMap } from "./key-map.ts";
import type { Key } from "./vector-index.ts";

test("it holds what a Map holds, for keys of every kind", () => {
  const keys: fc.Arbitrary<Key> = fc.oneof(
    fc.constantFrom<Key>(0, -0, 1, 1n, "1", "", -1, 0.5, 2 ** 53, -(2n ** 70n), 1e308),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.bigInt(),
    fc.string(),
  );
  const steps = fc.array(fc.record({ key: keys, value: fc.option(fc.integer()) }), { maxLength: 60 });
  fc.assert(
    fc.property(steps, (all) => {
      const [plain, map] = [new Map<Key, number>(), new KeyMap<number>()];
      for (const { key, value } of all) {
        if (value === null) assert.equal(map.delete(key), plain.delete(key));
        else {
          plain.set(key, value);
          map.set(key, value);
        }
        assert.equal(map.size, plain.size);
      }
      for (const { key } of all) assert.deepEqual([map.get(key), map.has(key)], [plain.get(key), plain.has(key)]);
    }),
    { seed: 1, numRuns: 300 },
  );
});
