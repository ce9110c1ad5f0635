import assert from "node:assert/strict";
import { test } from "node:test";
import { LociError, checkNumber, checkWhole } from "./index.ts";

test("an error has a code for programs, a message for people, and keeps its cause", () => {
  const cause = new Error("disk");
  const error = new LociError("bad-file", "It is cut short.", { cause });
  assert.ok(error instanceof Error);
  assert.deepEqual(
    [error.name, error.code, error.message, error.cause],
    ["LociError", "bad-file", "It is cut short.", cause],
  );
  assert.match(String(error), /^LociError: It is cut short\.$/);
});

for (const value of [0, 11, 1.5, NaN, Infinity, "3" as unknown as number]) {
  test(`${typeof value} ${value} is no whole number from 1 to 10, and is told so`, () => {
    assert.throws(() => checkWhole("dim", value, 1, 10), {
      code: "bad-argument",
      message: /`dim`.*from 1 to 10, got /,
    });
  });
}

test("bounds belong to the range", () => {
  for (const value of [1, 10]) checkWhole("dim", value, 1, 10);
  for (const value of [0, 1, 0.5]) checkNumber("rate", value, 0, 1);
  checkWhole("seed", Number.MAX_SAFE_INTEGER, 0);
  assert.throws(() => checkWhole("seed", 2 ** 53, 0), { code: "bad-argument", message: /of at least 0/ });
  for (const value of [-0.1, 1.1, NaN, Infinity])
    assert.throws(() => checkNumber("rate", value, 0, 1), { code: "bad-argument" });
  assert.throws(() => checkNumber("rate", Infinity, 0), { message: />= 0, got Infinity/ });
});
