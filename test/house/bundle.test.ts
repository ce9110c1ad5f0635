/**
 * Every door can be packed for browsers, and weighs what the table says.
 *
 *     node test/house/sizes.ts --update     records the weights as they are now
 *
 * The table is test/house/sizes.json: a commit that makes a door heavier changes it knowingly.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { measure, recorded } from "./sizes.ts";
import { doors } from "../../scripts/doors.ts";

/** Compressed sizes move a little with names and with esbuild; this much is not worth a word. */
const SLACK = 1.03;

for (const { specifier, source } of doors()) {
  test(`${specifier} packs for browsers without node: and within its recorded size`, async () => {
    const { bytes, imports } = await measure(source);
    assert.deepEqual(imports, [], `${specifier} would leave imports that a browser cannot resolve.`);
    const before = recorded()[specifier];
    const advice = "If that is meant: node test/house/sizes.ts --update";
    assert.ok(before !== undefined, `${specifier} has no size in test/house/sizes.json. ${advice}`);
    assert.ok(bytes <= before * SLACK, `${specifier} weighs ${bytes} bytes gzipped, ${before} are recorded. ${advice}`);
    assert.ok(
      bytes >= before / SLACK - 200,
      `${specifier} weighs ${bytes} bytes gzipped, far less than the ${before} recorded. ${advice}`,
    );
  });
}

test("the table of sizes lists the doors there are", () => {
  assert.deepEqual(
    Object.keys(recorded()),
    doors().map(({ specifier }) => specifier),
  );
});
