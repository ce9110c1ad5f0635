/** Filters of all kinds become the same bitmap. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { bitsIn, maskOf } from "./filters.ts";
import { SlotTable } from "./slot-table.ts";
import { Turn } from "./turn.ts";

test("a predicate, a set and a bitmap of the same keys make one mask, of live slots only, rightly counted", async () => {
  const shape = fc.array(fc.record({ gone: fc.boolean(), passes: fc.boolean() }), { maxLength: 100 });
  await fc.assert(
    fc.asyncProperty(shape, async (slots) => {
      const table = new SlotTable();
      slots.forEach((_, key) => table.publish(table.take(), key));
      slots.forEach(({ gone }, key) => gone && table.release(table.retire(key)!));
      const passing = new Set(slots.flatMap(({ passes }, key) => (passes ? [key] : [])));
      const bitmap = new Uint32Array(8);
      for (const key of passing) bitmap[key >>> 5]! |= 1 << (key & 31);
      const expected = slots.flatMap(({ gone, passes }, key) => (passes && !gone ? [key] : []));
      const kinds = [(key: unknown) => passing.has(key as number), passing, { slots: bitmap }];
      for (const filter of kinds) {
        const { words, count } = await maskOf(table, filter, new Turn());
        const set = slots.flatMap((_, key) => (((words[key >>> 5] ?? 0) >>> (key & 31)) & 1 ? [key] : []));
        assert.deepEqual(set, expected);
        assert.equal(count, expected.length);
        assert.equal(bitsIn(words), count);
      }
      assert.equal((await maskOf(table, undefined, new Turn())).count, table.count);
    }),
    { seed: 1, numRuns: 100 },
  );
});

test("a bitmap that is too short counts as zeros at its end, and what is no bitmap is refused", async () => {
  const table = new SlotTable();
  for (let key = 0; key < 70; key++) table.publish(table.take(), key);
  assert.equal((await maskOf(table, { slots: Uint32Array.of(0xffffffff) }, new Turn())).count, 32);
  await assert.rejects(maskOf(table, { slots: [1] as never }, new Turn()), { code: "bad-argument" });
});

test("a predicate's own error comes through", async () => {
  const table = new SlotTable();
  table.publish(table.take(), "a");
  const filter = () => {
    throw new Error("mine");
  };
  await assert.rejects(maskOf(table, filter, new Turn()), /mine/);
});
