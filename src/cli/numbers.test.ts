import assert from "node:assert/strict";
import { test } from "node:test";
import { columns, displayWidth, wrapped } from "./columns.ts";
import { number, wholeNumber } from "./command.ts";
import { binaryByteCount, byteCount, counted, duration, percent, short } from "./numbers.ts";

test("numbers are shown as people read them", () => {
  assert.equal(short(1_234_567, "words/s"), "1.23 M words/s");
  assert.equal(short(999_600, "words"), "1.00 M words");
  assert.equal(short(12, "words"), "12 words");
  assert.equal(short(5_300_000, "B/s"), "5.30 MB/s");
  assert.equal(short(12, "B"), "12 B");
  assert.equal(byteCount(153_600_000), "153.6 MB");
  assert.equal(byteCount(999), "999 bytes");
  assert.equal(binaryByteCount(153_600_000), "146.5 MiB");
  assert.equal(duration(0.0421), "0.042 s");
  assert.equal(duration(9.97), "10 s");
  assert.equal(duration(75), "1 min 15 s");
  assert.equal(duration(3725), "1 h 2 min");
  assert.equal(percent(0.0732), "7.3 %");
  assert.equal(counted(1, "word"), "1 word");
  assert.equal(counted(2, "word"), "2 words");
});

test("numbers are read as people write them", () => {
  assert.equal(wholeNumber("50_000"), 50_000);
  assert.equal(wholeNumber("2,000,000"), 2_000_000);
  assert.equal(wholeNumber("2e6"), 2_000_000);
  assert.equal(number("1e-3"), 0.001);
  for (const bad of ["", " ", "x", "1,5", "NaN", "Infinity", "--5"])
    assert.throws(() => number(bad), /expected a number/, bad);
  assert.throws(() => wholeNumber("0.5"), /whole number/);
});

test("columns line up in every script", () => {
  assert.deepEqual(
    columns(
      [
        ["猫", "1"],
        ["cat", "22"],
      ],
      ["left", "right"],
    ),
    ["猫    1", "cat  22"],
  );
  assert.equal(displayWidth("e\u0301"), 1);
  assert.equal(displayWidth("\x1b[1mab\x1b[22m"), 2);
});

test("paragraphs break at spaces and lose no word", () => {
  const text = "one two three four five six seven";
  const lines = wrapped(text, 12);
  assert.equal(lines.join(" "), text);
  assert.ok(lines.every((line) => line.length <= 12));
});
