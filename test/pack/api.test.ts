/** The public face of each door is the one that api/ records, so that a change of it is meant, and shows in a diff. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { faceOf, recordedFace, strayFaces } from "../../scripts/api.ts";
import { doors } from "../../scripts/doors.ts";

const ADVICE = "If the change is meant: npm run build -- --update-api, and commit api/.";

for (const door of doors()) {
  test(`${door.specifier} declares what api/ says`, () => {
    const [before, now] = [recordedFace(door).split("\n"), faceOf(door).split("\n")];
    now.forEach((line, i) =>
      assert.equal(line, before[i], `Line ${i + 1} of the face of ${door.specifier} has changed. ${ADVICE}`),
    );
    assert.equal(now.length, before.length, `The face of ${door.specifier} has lost lines. ${ADVICE}`);
  });
}

test("api/ records no door that is gone", () => {
  assert.deepEqual(strayFaces(), [], ADVICE);
});
