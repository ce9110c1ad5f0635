/** Runs the examples of `EmbeddingTable`'s docstring: a line `expression; // → value` must hold. Here, since they take a step. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { Matrix, Vocabulary } from "../core/index.ts";
import { EmbeddingTable } from "../table/index.ts";
import { Sgd } from "./index.ts";

const source = readFileSync(new URL("../table/embedding-table.ts", import.meta.url), "utf8");
const blocks = [...source.matchAll(/^ \* ```ts\n([\s\S]*?)^ \* ```/gm)].map((match) =>
  match[1]!.replace(/^ \* ?/gm, "").replace(/^(.*?);\s*\/\/ → (.*)$/gm, "check($1, $2, `$1`);"),
);

const plain = (value: unknown): unknown => (ArrayBuffer.isView(value) ? Array.from(value as Float32Array) : value);

for (const [n, block] of blocks.entries()) {
  test(`B01, B04, I06: example ${n + 1} in the docs of EmbeddingTable says what it does`, () => {
    let checked = 0;
    const check = (actual: unknown, expected: unknown, line: string): void => {
      checked++;
      assert.deepEqual(plain(actual), expected, line);
    };
    const names = { EmbeddingTable, Matrix, Sgd, Vocabulary, check };
    // oxlint-disable-next-line typescript/no-implied-eval -- the code is the repository's own docstring
    new Function(...Object.keys(names), block)(...Object.values(names));
    assert.ok(checked >= 1, "an example should say what comes out");
  });
}

test("the docs of EmbeddingTable hold three examples", () => assert.equal(blocks.length, 3));
