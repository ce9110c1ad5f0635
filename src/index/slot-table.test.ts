/** Keys and slots against a plain Map, through files and back. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { SlotTable, checkKeys, shownKey } from "./slot-table.ts";
import { Turn } from "./turn.ts";
import type { Key } from "./vector-index.ts";

const bytesOf = (table: SlotTable): Uint8Array => Uint8Array.from([...table.pieces()].flatMap((piece) => [...piece]));

const keys: fc.Arbitrary<Key> = fc.oneof(
  fc.integer({ min: 0, max: 12 }),
  fc.integer({ min: 0, max: 12 }).map(String),
  fc.bigInt({ min: 0n, max: 12n }),
  fc.constantFrom<Key>("\ud800", "", "é", -0.5, 2n ** 70n),
);

test("after any additions and removals a table knows what a Map knows, and gives away the lowest free slot", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(fc.boolean(), keys), { maxLength: 150 }), async (operations) => {
      const table = new SlotTable();
      const plain = new Map<Key, number>();
      for (const [add, key] of operations) {
        if (add && !plain.has(key)) {
          const taken = new Set(plain.values());
          const slot = table.take();
          let lowest = 0;
          while (taken.has(lowest)) lowest++;
          assert.equal(slot, lowest);
          table.publish(slot, key);
          plain.set(key, slot);
        } else if (!add) {
          const slot = table.retire(key);
          assert.equal(slot, plain.get(key));
          if (slot !== undefined) table.release(slot);
          plain.delete(key);
        }
      }
      const opened = await SlotTable.from(bytesOf(table), new Turn());
      for (const one of [table, opened]) {
        assert.equal(one.count, plain.size);
        assert.equal(one.end, Math.max(-1, ...plain.values()) + 1);
        for (const [key, slot] of plain) {
          assert.equal(one.slotOf(key), slot);
          assert.equal(one.keyOf(slot), key);
          assert.ok(one.isLive(slot));
        }
        // Arrivals tell the order of the Map.
        const byArrival = [...plain.values()].sort((a, b) => one.arrivalOf(a) - one.arrivalOf(b));
        assert.deepEqual(byArrival, [...plain.values()]);
      }
      assert.deepEqual(bytesOf(opened), bytesOf(table));
    }),
    { seed: 1, numRuns: 150 },
  );
});

test("a retired slot is not given away before it is released, also not after a file", async () => {
  const table = new SlotTable();
  for (const key of ["a", "b", "c"]) table.publish(table.take(), key);
  table.retire("b");
  assert.equal(table.take(), 3);
  assert.deepEqual(table.retired(), [1, 3]);
  const opened = await SlotTable.from(bytesOf(table), new Turn());
  assert.deepEqual(opened.retired(), [1, 3]);
  opened.release(1);
  assert.equal(opened.take(), 1);
});

test("bytes that are no table are refused", async () => {
  const table = new SlotTable();
  for (const key of ["a", 7, 7n, "\ud800"]) table.publish(table.take(), key);
  const bytes = bytesOf(table);
  for (let length = 0; length < bytes.length; length++) {
    await assert.rejects(SlotTable.from(bytes.slice(0, length), new Turn()), RangeError, `the first ${length} bytes`);
  }
  await assert.rejects(SlotTable.from(Uint8Array.from([...bytes, 0]), new Turn()), /after the last slot/);
  const twice = bytes.slice();
  twice[twice.indexOf("a".charCodeAt(0))] = 0xff;
  await assert.rejects(SlotTable.from(twice, new Turn()), TypeError, "no UTF-8");
});

test("keys are shown as they are written in code", async () => {
  assert.deepEqual(["a", 7, 7n].map(shownKey), ['"a"', "7", "7n"]);
  await assert.rejects(checkKeys([undefined as never], 1, new Turn()), /undefined/);
  await assert.rejects(checkKeys([1, 1], 2, new Turn()), /1 comes twice/);
});
