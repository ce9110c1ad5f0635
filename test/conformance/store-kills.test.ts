/** What a file survives, in small: `node bench/kills.ts` does it a thousand times. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { killWriters } from "./store-kills.ts";

const folder = mkdtempSync(join(tmpdir(), "loci-kills-"));
after(() => rmSync(folder, { recursive: true }));

for (const here of [false, true]) {
  test(`a writer ${here ? "on one thread" : "on threads"}, killed at random moments, loses nothing that it acknowledged`, async () => {
    const { kills, acknowledged } = await killWriters(join(folder, `${here}.db`), { kills: 7, seed: 3, here });
    assert.equal(kills, 7);
    assert.ok(acknowledged > 0, "nothing was ever written");
  });
}
