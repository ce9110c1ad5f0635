import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Vocabulary } from "./index.ts";

test("keys and ids lead to each other", () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.string()), (keys) => {
      const vocabulary = new Vocabulary(keys);
      assert.equal(vocabulary.size, keys.length);
      keys.forEach((key, id) => {
        assert.equal(vocabulary.idOf(key), id);
        assert.equal(vocabulary.requireId(key), id);
        assert.equal(vocabulary.keyOf(id), key);
        assert.ok(vocabulary.has(key));
      });
    }),
    { seed: 1 },
  );
});

test("any text may be a key: empty, numbers, names of Object's own", () => {
  const keys = ["", "0", "constructor", "__proto__", "toString", "日本", "a b"];
  const vocabulary = new Vocabulary(keys);
  assert.deepEqual(
    keys.map((key) => vocabulary.idOf(key)),
    [0, 1, 2, 3, 4, 5, 6],
  );
  assert.equal(vocabulary.idOf("hasOwnProperty"), undefined);
});

test("counts are kept as given, and are zeros where none are", () => {
  assert.deepEqual([...new Vocabulary(["a", "b"], [2 ** 40, 3]).counts], [2 ** 40, 3]);
  assert.deepEqual([...new Vocabulary(["a", "b"]).counts], [0, 0]);
  assert.throws(() => new Vocabulary(["a", "b"], [1]), { code: "bad-argument" });
});

test("a key that stands twice is refused by name", () => {
  assert.throws(() => new Vocabulary(["a", "b", "a"]), { code: "bad-argument", message: /"a" stands there twice/ });
});

test("an id past the end names itself and the size", () => {
  for (const id of [2, -1, 0.5])
    assert.throws(() => new Vocabulary(["a", "b"]).keyOf(id), { code: "id-out-of-range", message: /2 keys/ });
});

test("an unknown key is answered with the keys it may be a slip of", () => {
  const vocabulary = new Vocabulary(["queen", "king", "Queen", "quean", "kin"]);
  assert.throws(() => vocabulary.requireId("qeen"), {
    code: "unknown-key",
    message: /5 keys does not hold "qeen".*"queen"/,
  });
  assert.throws(() => vocabulary.requireId("zebra"), { code: "unknown-key", message: /"zebra"\.$/ });
});

for (const [slip, close] of [
  ["quen", ["queen"]], // left out
  ["queeen", ["queen"]], // doubled
  ["quern", ["queen"]], // another letter
  ["uqeen", ["queen"]], // swapped
  ["QUEEN", ["queen", "Queen"]], // case
  ["kink", ["king", "kin"]],
  ["qn", []],
] as const) {
  test(`keys close to "${slip}" are [${close.join(", ")}]`, () => {
    assert.deepEqual(new Vocabulary(["queen", "king", "kin", "Queen"]).closeKeys(slip).slice(0, 2), close.slice(0, 2));
  });
}

test("closeKeys finds exactly the keys one edit away, and no more than asked", () => {
  const letters = fc.string({ unit: fc.constantFrom("a", "b", "c"), maxLength: 4 });
  fc.assert(
    fc.property(fc.uniqueArray(letters, { maxLength: 30 }), letters, (keys, key) => {
      const expected = keys.filter((candidate) => edits(key).has(candidate));
      assert.deepEqual(new Vocabulary(keys).closeKeys(key, 1000), expected);
      assert.equal(new Vocabulary(keys).closeKeys(key, 1).length, Math.min(1, expected.length));
    }),
    { seed: 2, numRuns: 300 },
  );
});

/** The oracle: every text within one insertion, deletion, substitution or swap of neighbors, spelled out. */
function edits(text: string): Set<string> {
  const all = new Set([text]);
  for (let i = 0; i <= text.length; i++) {
    const [head, tail] = [text.slice(0, i), text.slice(i)];
    for (const letter of "abc") all.add(head + letter + tail).add(head + letter + tail.slice(1));
    all.add(head + tail.slice(1));
    if (tail.length > 1) all.add(head + tail[1]! + tail[0]! + tail.slice(2));
  }
  return all;
}
