/** Same seed, same bytes, for any number of workers. Other Nodes: test/pack; browsers: test/browser. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { TRAININGS, trainedHash } from "./training.ts";

for (const name of Object.keys(TRAININGS)) {
  test(`${name}: one, two and four workers learn the same bytes`, async () => {
    const alone = await trainedHash(name, 1);
    for (const workers of [2, 4]) assert.equal(await trainedHash(name, workers), alone, `${workers} workers`);
  });
}
