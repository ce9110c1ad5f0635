import assert from "node:assert/strict";
import { test } from "node:test";
import { Rng } from "../../core/index.ts";
import { KeywordIndex } from "../../index/index.ts";
import { parseFilter } from "../condition.ts";
import { Connection } from "./database.ts";
import { openNodeDriver } from "./database.node.ts";
import { keywordSearch } from "./keyword.ts";
import { openForWriting } from "./schema.ts";
import { beginWrite, commitWrite, putDocuments } from "./write.ts";

const connection = new Connection(openNodeDriver(":memory:", { readOnly: false }), "memory");
openForWriting(connection);
const rng = new Rng(2);
/** Words as in any text: a few in nearly all chunks, most in few. */
const word = (): string => `w${Math.floor(400 * rng.next() * rng.next() * rng.next() * rng.next())}`;
const texts = Array.from({ length: 1500 }, () => Array.from({ length: 3 + rng.nextBelow(40) }, word).join(" "));
const index = new KeywordIndex<number>();
for (let round = 0; round < 2; round++) {
  // Each document is written twice, so that counts have to come down again.
  const put = texts.map((text, i) => ({
    id: `d${i}`,
    text,
    hash: "",
    meta: { even: i % 2 === 0 },
    chunks: [{ start: 0, end: text.length }],
    vectors: undefined,
  }));
  beginWrite(connection, []);
  putDocuments(connection, put);
  commitWrite(connection);
}
texts.forEach((text, i) => index.add(1501 + i, text));

test("looking into texts gives what reading all lists gives, which is what the index in memory gives", () => {
  let byText = 0;
  for (let i = 0; i < 150; i++) {
    const query = Array.from({ length: 1 + rng.nextBelow(6) }, word).join(" ");
    const k = 1 + rng.nextBelow(15);
    const condition = i % 3 === 0 ? parseFilter({ even: true }) : undefined;
    const lists = keywordSearch(connection, { query, k, condition }, { list: Infinity, texts: 0 });
    const memory = index.search(query, { k, ...(condition && { filter: (chunk: number) => chunk % 2 === 1 }) });
    for (const limits of [
      { list: 0, texts: 1500 },
      { list: 100, texts: 60 },
    ]) {
      const pruned = keywordSearch(connection, { query, k, condition }, limits);
      const near = (a: number, b: number): boolean => Math.abs(a - b) <= 1e-9 * b;
      assert.equal(pruned.length, lists.length);
      pruned.forEach(({ chunk, score }, at) => {
        assert.ok(near(score, lists[at]!.score) && near(score, memory[at]!.score), `${query}: score ${at}`);
        // Equal scores may be told in another order where they were added in another order.
        const tie = lists.some((one) => one.chunk !== chunk && near(one.score, score));
        assert.ok(tie || chunk === lists[at]!.chunk, `${query}: hit ${at}`);
      });
      byText += Number(pruned.some(({ score }, at) => score !== lists[at]!.score));
    }
  }
  assert.ok(byText > 5, "texts were looked into");
});
