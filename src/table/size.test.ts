import assert from "node:assert/strict";
import { test } from "node:test";
import { tableSize } from "./size.ts";

test("I05: 50,000 × 768 is 38,400,000 parameters, 153.6 MB, which is 146.484375 MiB", () => {
  assert.deepEqual(tableSize({ rows: 50_000, dim: 768 }), {
    parameters: 38_400_000,
    bytes: 153_600_000,
    mebibytes: 146.484375,
    megabytes: 153.6,
  });
});

test("I07: 100,000 × 512 is 51,200,000 parameters, 195.3125 MiB", () => {
  const { parameters, mebibytes } = tableSize({ rows: 100_000, dim: 512 });
  assert.deepEqual([parameters, mebibytes], [51_200_000, 195.3125]);
});

test("I08: 32,000 × 1,024 is 32,768,000 parameters, 125 MiB exactly", () => {
  const { parameters, mebibytes } = tableSize({ rows: 32_000, dim: 1024 });
  assert.deepEqual([parameters, mebibytes], [32_768_000, 125]);
});

test("I09: 10,000 × 512 is 5,120,000 parameters", () => {
  assert.equal(tableSize({ rows: 10_000, dim: 512 }).parameters, 5_120_000);
});

test("B12: parameters grow in a straight line with the vocabulary, whatever a number takes", () => {
  for (const bytesPerNumber of [1, 2, 4, 8]) {
    const one = tableSize({ rows: 1000, dim: 300, bytesPerNumber });
    const ten = tableSize({ rows: 10_000, dim: 300, bytesPerNumber });
    assert.equal(ten.parameters, 10 * one.parameters);
    assert.equal(ten.bytes, 10 * one.bytes);
    assert.equal(one.bytes, one.parameters * bytesPerNumber);
  }
});

test("sizes that are no sizes are refused by name", () => {
  assert.throws(() => tableSize({ rows: -1, dim: 3 }), /`rows`.*-1/);
  assert.throws(() => tableSize({ rows: 1, dim: 0.5 }), /`dim`.*0\.5/);
  assert.throws(() => tableSize({ rows: 1, dim: 1, bytesPerNumber: 0 }), /`bytesPerNumber`.*0/);
  assert.throws(() => tableSize({ rows: 2 ** 40, dim: 2 ** 20 }), /rows × dim/);
});
