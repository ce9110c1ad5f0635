import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { dateOf } from "../../core/index.ts";
import { passes, parseFilter } from "../condition.ts";
import type { Filter, Meta } from "../filter.ts";
import { Connection } from "./database.ts";
import { openNodeDriver } from "./database.node.ts";
import { countOf } from "./read.ts";
import { openForWriting } from "./schema.ts";
import { beginWrite, commitWrite, putDocuments, rollbackWrite } from "./write.ts";

const connection = new Connection(openNodeDriver(":memory:", { readOnly: false }), "memory");
openForWriting(connection);
const put = (metas: readonly Meta[]): void => {
  beginWrite(connection, []);
  putDocuments(
    connection,
    metas.map((meta, i) => ({ id: String(i), text: "", hash: "", meta, chunks: [], vectors: undefined })),
  );
};

const field = fc.constantFrom("a", "b", "'; DROP TABLE members; --");
const ordered = fc.oneof(
  fc.constantFrom<string | number>("", "a", "b", "\uFF5E", "\u{1F600}", 0, 1, 2.5),
  fc.integer({ min: 0, max: 3 }).map(dateOf),
);
const value = fc.oneof({ weight: 4, arbitrary: ordered }, { weight: 1, arbitrary: fc.constantFrom(true, false, null) });
const meta: fc.Arbitrary<Meta> = fc.dictionary(
  field,
  fc.oneof(value, fc.array(value, { maxLength: 3 })),
) as fc.Arbitrary<Meta>;
const asked = fc
  .record(
    {
      eq: value,
      ne: value,
      in: fc.array(value, { maxLength: 3 }),
      lt: ordered,
      lte: ordered,
      gt: ordered,
      gte: ordered,
      exists: fc.boolean(),
    },
    { requiredKeys: [] },
  )
  .filter((condition) => Object.keys(condition).length > 0);
const { filter } = fc.letrec<{ filter: Filter }>((tie) => ({
  filter: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.dictionary(field, fc.oneof(value, asked), { maxKeys: 2 }),
    fc.record(
      {
        and: fc.array(tie("filter"), { maxLength: 3 }),
        or: fc.array(tie("filter"), { maxLength: 3 }),
        not: tie("filter"),
      },
      { requiredKeys: [] },
    ),
  ) as fc.Arbitrary<Filter>,
}));

test("SQLite's answer is the plain evaluator's, whatever the filter and the metadata", () => {
  fc.assert(
    fc.property(fc.array(meta, { maxLength: 8 }), filter, (metas, filter) => {
      put(metas);
      const counted = countOf(connection, parseFilter(filter));
      rollbackWrite(connection);
      assert.equal(counted, metas.filter((one) => passes(one, filter)).length);
    }),
    { seed: 8, numRuns: 400 },
  );
});

test("filters of hundreds of parts, as deep and as long as allowed, are not too much for SQLite", () => {
  put([{ a: 1 }, { a: 2 }, { b: 1 }]);
  commitWrite(connection);
  const count = (filter: Filter): number => countOf(connection, parseFilter(filter));
  const parts = Array.from({ length: 700 }, (_, i): Filter => ({ a: i }));
  assert.deepEqual([count({ or: parts }), count({ and: parts }), count({ not: { or: parts } })], [2, 0, 1]);
  assert.equal(count({ and: parts.map((part) => ({ not: part })) }), 1);
  assert.equal(count({ a: { in: Array.from({ length: 10_000 }, (_, i) => i) } }), 2);
  let deep: Filter = { a: 1 };
  for (let i = 0; i < 25; i++) deep = { or: [{ not: deep }, { b: 5 }] };
  assert.equal(count(deep), 2);
});
