/** The programs of examples/ run as they stand, and print what they are there to show. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { filesOf, root } from "./sources.ts";

/** What must be among the lines of each program: not every digit, but what a reader is meant to see. */
const SHOWN: Readonly<Record<string, readonly RegExp[]>> = {
  "examples/words.ts": [
    /^near cat: (rabbit|dog) 0\.\d\d, (rabbit|dog) 0\.\d\d$/m,
    /^near car: (bus|truck) 0\.\d\d, (bus|truck) 0\.\d\d$/m,
    /^king - man \+ woman: queen$/m,
    /^odd one out of cat, dog, truck, rabbit: truck$/m,
  ],
  "examples/open-vectors.ts": [
    /^6 keys of dim 3, read as word2vec-text$/m,
    /^near apple: pear 0\.964$/m,
    /^vectors\.bin: 108 bytes$/m,
    /^the same keys and numbers in both$/m,
  ],
  "examples/semantic-search.ts": [
    /^my login → How to reset a password \(cosine 0\.\d\d\)$/m,
    /^damaged machine → Where to bring a laptop for repair \(cosine 0\.\d\d\)$/m,
    /^wage → When the salary is transferred \(cosine 0\.\d\d\)$/m,
    /^office only: payday$/m,
  ],
  "examples/deduplicate.ts": [
    /^1\.00 {2}Acme Ltd\., 12 Harbour Road, Bristol = ACME LTD, 12 Harbour Road, Bristol$/m,
    /^0\.9\d {2}Northwind Traders, 3 Mill Lane, Leeds = Northwind Traders, 3 Mill Lane, Leeds \(UK\)$/m,
    /^6 entries, 4 kept:$/m,
  ],
  "examples/pgvector.ts": [
    /^kept in (memory|postgres): 3 documents$/m,
    /^rivers bring salt, where \{\}: salt$/m,
    /^rivers bring salt, where \{"topic":"sky"\}: moon$/m,
    /^rivers bring salt, where \{"year":\{"lt":2024\}\}: tides$/m,
  ],
  "examples/rag.ts": [
    /^indexed 3 files: 4 documents, 6 chunks$/m,
    /^\[1\] office\/handbook\.md, lines 1-7: Handbook > Holidays$/m,
    /^\[2\] office\/people\.csv, line 2$/m,
    /^\d\d tokens of 80; sources: \[1\] office\/handbook\.md, \[2\] office\/people\.csv$/m,
  ],
  "examples/table.ts": [
    /^looked up: 3 rows of 4$/m,
    /^gradient of row 1: 3 0 0 0$/m,
    /^rows that moved: 1 3$/m,
    /^step 0: loss 0\.99\d\d$[\s\S]*^step 300: loss 0\.000\d$/m,
    /^user 0, film 2: (0\.9\d|1\.0\d) \(in truth 1\)$/m,
    /^user 4, film 1: -(0\.9\d|1\.0\d) \(in truth -1\)$/m,
  ],
};

test("every example is run here", () => {
  assert.deepEqual(filesOf("examples/*"), Object.keys(SHOWN).sort());
});

for (const [file, shown] of Object.entries(SHOWN)) {
  test(`${file} runs, and shows what it says`, () => {
    const printed = execFileSync(process.execPath, [join(root, file)], { encoding: "utf8", timeout: 60_000 });
    for (const line of shown) assert.match(printed, line);
  });
}
