import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { LociError, Matrix, bytesSource } from "../core/index.ts";
import type { ByteSource } from "../core/index.ts";
import {
  detectFormat,
  readFastTextVec,
  readGloveText,
  readProjectorTsv,
  readVectors,
  readWord2vecBinary,
  readWord2vecText,
  writeFastTextVec,
  writeGloveText,
  writeProjectorTsv,
  writeWord2vecBinary,
  writeWord2vecText,
} from "./index.ts";
import type { ReadOptions, VectorFile } from "./index.ts";

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const file = (text: string, name = "some.txt"): ByteSource => bytesSource(name, bytesOf(text));
const joined = (pieces: Iterable<Uint8Array>): Uint8Array => new Uint8Array(Buffer.concat([...pieces]));
const content = ({ keys, matrix }: VectorFile): [string, ...number[]][] =>
  keys.map((key, row) => [key, ...matrix.row(row)]);

/** A source that hands its bytes out a few at a time and does not know how many there are, as a gzipped one. */
function trickle(bytes: Uint8Array, piece: number, known: boolean): ByteSource {
  const plain = bytesSource("trickled.txt", bytes);
  const shared = new Uint8Array(piece); // overwritten by each next piece, as a file's is
  return {
    name: plain.name,
    bytes: known ? bytes.length : undefined,
    async *read(start = 0) {
      for (let at = start; at < bytes.length; at += piece) {
        const part = bytes.subarray(at, at + piece);
        shared.set(part);
        yield shared.subarray(0, part.length);
      }
    },
    readAt: (position, into) => plain.readAt(position, into),
  };
}

const rowsOf = (key: fc.Arbitrary<string>): fc.Arbitrary<{ keys: string[]; matrix: Matrix }> =>
  fc.integer({ min: 1, max: 5 }).chain((dim) =>
    fc.uniqueArray(key, { minLength: 1, maxLength: 12 }).chain((keys) =>
      fc
        .array(fc.float({ noNaN: true, noDefaultInfinity: true }), {
          minLength: keys.length * dim,
          maxLength: keys.length * dim,
        })
        .map((numbers) => ({ keys, matrix: new Matrix(Float32Array.from(numbers), dim) })),
    ),
  );
const textKey = fc
  .string({ unit: "binary", minLength: 1, maxLength: 8 })
  .filter((key) => !/[ \t\n\v\f\r\uFEFF]/.test(key) && key.isWellFormed());

for (const [name, write, read] of [
  ["word2vec text", writeWord2vecText, readWord2vecText],
  ["fastText's .vec", writeFastTextVec, readFastTextVec],
  ["GloVe text", writeGloveText, readGloveText],
] as const) {
  test(`${name} reads back what was written, to the bit, however the bytes arrive`, async () => {
    const arrival = fc.record({ piece: fc.integer({ min: 1, max: 40 }), known: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(rowsOf(textKey), arrival, async (rows, { piece, known }) => {
        const back = await read(trickle(joined(write(rows)), piece, known));
        assert.deepEqual(back.keys, rows.keys);
        assert.deepEqual(back.matrix, rows.matrix);
        assert.deepEqual(back.notes, []);
      }),
      { seed: 11, numRuns: 100 },
    );
  });
}

test("word2vec binary reads back what was written, to the bit, with empty keys and tabs in keys", async () => {
  const key = fc.string({ unit: "binary", maxLength: 8 }).filter((k) => !/[ \n]/.test(k) && k.isWellFormed());
  await fc.assert(
    fc.asyncProperty(rowsOf(key), async (rows) => {
      const back = await readWord2vecBinary(bytesSource("x.bin", joined(writeWord2vecBinary(rows))));
      assert.deepEqual(content(back), content({ ...rows, format: "word2vec-binary", notes: [] }));
    }),
    { seed: 12, numRuns: 150 },
  );
});

test("the projector's two files read back what was written, with counts and columns", async () => {
  const key = textKey.filter((k) => k.trim() !== "");
  await fc.assert(
    fc.asyncProperty(rowsOf(key), fc.boolean(), async (rows, counted) => {
      const counts = Float64Array.from(rows.keys, (_, i) => 100 - i);
      const columns = { length: rows.keys.map((k) => k.length), "a name": rows.keys.map(() => "x y") };
      const written = counted ? writeProjectorTsv({ ...rows, counts }, { columns }) : writeProjectorTsv(rows);
      const back = await readProjectorTsv(bytesSource("vectors.tsv", joined(written["vectors.tsv"])), {
        metadata: bytesSource("metadata.tsv", joined(written["metadata.tsv"])),
      });
      assert.deepEqual(back.keys, rows.keys);
      assert.deepEqual(back.matrix, rows.matrix);
      assert.deepEqual(back.counts, counted ? counts : undefined);
      const strings = { length: columns.length.map(String), "a name": columns["a name"] };
      assert.deepEqual(back.metadata, counted ? { columns: strings } : undefined);
    }),
    { seed: 13, numRuns: 100 },
  );
});

test("pieces stay small and make one file, also where a row or a key is larger than a piece", async () => {
  const dim = 60_000;
  const keys = ["a".repeat(40_000), "b", "c".repeat(65_000)];
  const matrix = new Matrix(
    Float32Array.from({ length: 3 * dim }, (_, i) => Math.fround(i / 7)),
    dim,
  );
  for (const [write, read] of [
    [writeWord2vecText, readWord2vecText],
    [writeWord2vecBinary, readWord2vecBinary],
  ] as const) {
    const pieces = [...write({ keys, matrix })];
    assert.ok(pieces.length > 1);
    const back = await read(bytesSource("wide", joined(pieces)));
    assert.deepEqual(back.keys, keys);
    assert.deepEqual(back.matrix, matrix);
  }
});

const cases: [string, string, ReadOptions, [string, ...number[]][]][] = [
  [
    "CRLF line ends",
    "2 2\r\na 1 2\r\nb 3 4\r\n",
    {},
    [
      ["a", 1, 2],
      ["b", 3, 4],
    ],
  ],
  ["a byte order mark", "\uFEFF1 2\na 1 2\n", {}, [["a", 1, 2]]],
  [
    "spaces and tabs before line ends",
    "2 2 \na 1 2 \nb 3 4\t \n",
    {},
    [
      ["a", 1, 2],
      ["b", 3, 4],
    ],
  ],
  [
    "tabs and several spaces between fields",
    "2 2\na\t1\t2\nb  3   4\n",
    {},
    [
      ["a", 1, 2],
      ["b", 3, 4],
    ],
  ],
  ["blank lines at the end", "1 2\na 1 2\n\n \r\n\n", {}, [["a", 1, 2]]],
  ["no newline at the end", "1 2\na 1 2", {}, [["a", 1, 2]]],
  [
    "keys that hold spaces",
    "3 2\nnew york 1 2\n. . . 3 4\n7 8 5 6\n",
    {},
    [
      ["new york", 1, 2],
      [". . .", 3, 4],
      ["7 8", 5, 6],
    ],
  ],
  [
    "an empty key",
    "2 2\n 1 2\nb 3 4\n",
    {},
    [
      ["", 1, 2],
      ["b", 3, 4],
    ],
  ],
  [
    "keys of other white space",
    "2 1\na\u00A0b 1\nc\u2028d 2\n",
    {},
    [
      ["a\u00A0b", 1],
      ["c\u2028d", 2],
    ],
  ],
  [
    "numbers of any form",
    "1 5\na 1e3 -.5 +2. 1E-2 00.10\n",
    {},
    [["a", 1000, -0.5, 2, Math.fround(0.01), Math.fround(0.1)]],
  ],
  ["no rows at all", "0 3\n", {}, []],
  [
    "a limit, past which nothing is looked at",
    "3 1\na 1\nb 2\nc damaged\n",
    { limit: 2 },
    [
      ["a", 1],
      ["b", 2],
    ],
  ],
  ["a limit above the rows", "1 1\na 1\n", { limit: 9 }, [["a", 1]]],
];
for (const [what, text, options, expected] of cases) {
  test(`word2vec text takes ${what}`, async () => {
    for (const source of [file(text), trickle(bytesOf(text), 3, true), trickle(bytesOf(text), 1, false)]) {
      assert.deepEqual(content(await readWord2vecText(source, options)), expected);
    }
  });
}

test("NaN and infinities are taken only when asked for", async () => {
  const text = "2 2\na nan 1\nb -inf Infinity\n";
  await assert.rejects(
    readWord2vecText(file(text)),
    /line 2: expected a finite float32 number as number 1 of 2 of "a"; found "nan"/,
  );
  const back = await readWord2vecText(file(text), { allowNonFinite: true });
  assert.deepEqual(content(back), [
    ["a", NaN, 1],
    ["b", -Infinity, Infinity],
  ]);
  const huge = await readWord2vecText(file("1 1\na 1e39\n"), { allowNonFinite: true });
  assert.deepEqual(content(huge), [["a", Infinity]]);
});

test("of keys that come twice the first stands, and a note says so", async () => {
  const back = await readWord2vecText(file("4 1\na 1\nb 2\na 3\nb 4\n"));
  assert.deepEqual(content(back), [
    ["a", 1],
    ["b", 2],
  ]);
  assert.deepEqual(back.notes, ['2 rows were dropped, since their keys had come before (first: "a", line 4).']);
});

test("bytes of a key that are not UTF-8 become U+FFFD, and a note says so; U+FFFD itself is no matter", async () => {
  const bytes = Uint8Array.of(...bytesOf("2 1\na"), 0xc3, ...bytesOf(" 1\n\uFFFD 2\n"));
  const back = await readWord2vecText(bytesSource("x.txt", bytes));
  assert.deepEqual(content(back), [
    ["a\uFFFD", 1],
    ["\uFFFD", 2],
  ]);
  assert.deepEqual(back.notes, ['1 keys were not UTF-8; their bad bytes became U+FFFD (first: "a\uFFFD", line 2).']);
});

const refusals: [string, string, RegExp][] = [
  [
    "a file that ends early",
    "3 2\na 1 2\nb 3 4\n",
    /line 4: expected 3 rows, as the header promises; found the end of the file after 2/,
  ],
  [
    "more rows than promised",
    "1 2\na 1 2\nb 3 4\n",
    /line 3: expected the end of the file, since the header promises 1 rows; found another row/,
  ],
  ["a row too short", "2 3\na 1 2 3\nbb 4 5\n", /line 3: expected a key and 3 numbers; found 3 fields in "bb 4 5"/],
  ["a row that is only a key", "1 2\nabcdef\n", /line 2: expected a key and 2 numbers; found 1 fields in "abcdef"/],
  ["something that is no number", "1 3\na 1 x 3\n", /line 2: expected a number as number 2 of 3 of "a"; found "x"/],
  [
    "a number beyond float32",
    "1 1\na 1e39\n",
    /line 2: expected a finite float32 number as number 1 of 1 of "a"; found "1e39"/,
  ],
  [
    "a blank line between rows",
    "2 1\na 1\n\n\nb 2\n",
    /line 3: expected a row; found a blank line with more rows behind it/,
  ],
  [
    "a header that promises the impossible",
    "1000000000000 100\na 1\n",
    /line 1: expected a header that fits the file's 22 bytes; found a promise of 1000000000000 rows of 100 numbers/,
  ],
  ["a dim of 0", "1 0\na\n", /line 1: expected rows of 1 to 1048576 numbers; found a promise of 0/],
  ["no header", "a 1 2\n", /line 1: expected a header of two whole numbers, "rows dim"; found "a 1 2"/],
  ["an empty file", "", /line 1: expected a header of two whole numbers, "rows dim"; found nothing/],
  ["a program", "\x7fELF\x02\x01\x01\0\0\0", /line 1: expected a header .*; found bytes 7f 45 4c 46/],
];
for (const [what, text, says] of refusals) {
  test(`word2vec text refuses ${what}, in one sentence with the place`, async () => {
    await assert.rejects(readWord2vecText(file(text)), (error) => {
      assert.ok(error instanceof LociError && error.code === "bad-file");
      assert.match(error.message, /^some\.txt: line \d+: /);
      assert.match(error.message, says);
      return true;
    });
  });
}

test("a line that never ends is refused before it fills memory", async () => {
  const endless: ByteSource = {
    ...file(""),
    bytes: undefined,
    async *read() {
      yield bytesOf("3 2\n");
      for (;;) yield new Uint8Array(1 << 20).fill(97);
    },
  };
  await assert.rejects(readWord2vecText(endless), /byte 4: expected a line of at most \d+ bytes; found a longer one/);
});

test("GloVe text: the width is what most lines end with, so a key with spaces on line 1 does no harm", async () => {
  const back = await readGloveText(file("at name@x.y 1 2\nb 3 4\nc 5 6\n"));
  assert.deepEqual(content(back), [
    ["at name@x.y", 1, 2],
    ["b", 3, 4],
    ["c", 5, 6],
  ]);
});

for (const [text, expected] of [
  [
    "2 3\na 1 2 3\nb 4 5 6\n",
    [
      ["a", 1, 2, 3],
      ["b", 4, 5, 6],
    ],
  ],
  [
    "400000 50\n7 2\n",
    [
      ["400000", 50],
      ["7", 2],
    ],
  ],
  [
    "2 1\na 5\nb 6\n",
    [
      ["a", 5],
      ["b", 6],
    ],
  ],
  [
    "3 1\na 5\nb 6\n",
    [
      ["3", 1],
      ["a", 5],
      ["b", 6],
    ],
  ],
  ["5 1\n", [["5", 1]]],
] as const) {
  test(`GloVe text ${JSON.stringify(text)} has ${expected.length} rows: its header is told from a row`, async () => {
    assert.deepEqual(content(await readGloveText(file(text))), expected);
    assert.deepEqual(content(await readGloveText(trickle(bytesOf(text), 4, false))), expected);
  });
}

for (const [what, text, says] of [
  ["a row of another width", "a 1 2\nb 3 4\nc 5\n", /line 3: expected a key and 2 numbers; found 2 fields in "c 5"/],
  [
    "a header that does not fit its rows",
    "2 50\na 1 2\nb 3 4\n",
    /line 1: expected a header that fits the file's 17 bytes/,
  ],
  [
    "prose",
    "It was a dark and stormy night.\n",
    /line 1: expected a key and its numbers, with spaces between; found "It was/,
  ],
  ["an empty file", "", /line 1: expected a key and its numbers/],
] as const) {
  test(`GloVe text refuses ${what}`, () => assert.rejects(readGloveText(file(text)), says));
}

for (const [name, write] of [
  ["word2vec text", writeWord2vecText],
  ["fastText's .vec", writeFastTextVec],
  ["GloVe text", writeGloveText],
] as const) {
  test(`${name} refuses keys it cannot hold, by name, before a byte is written`, () => {
    const matrix = Matrix.of([[1], [2]]);
    for (const [key, why] of [
      ["new york", "has white space"],
      ["a\nb", "has white space"],
      ["", "is empty"],
      ["\uD800", "has half a surrogate pair"],
    ] as const) {
      assert.throws(
        () => write({ keys: ["fine", key], matrix }),
        (error) => {
          assert.ok(error instanceof LociError && error.code === "bad-argument");
          assert.ok(
            error.message.includes(`cannot hold the key ${JSON.stringify(key)} (row 1), which ${why}.`),
            error.message,
          );
          return true;
        },
      );
    }
    assert.throws(() => write({ keys: ["\uFEFFa", "b"], matrix }), /starts with a byte order mark/);
    assert.throws(() => write({ keys: ["a"], matrix }), /Expected one key a row \(2\), got 1/);
  });

  test(`${name} replaces white space on request, unless two keys would become one`, async () => {
    const matrix = Matrix.of([[1], [2]]);
    const pieces = write({ keys: ["new york", "b\tc d"], matrix }, { whitespace: "_" });
    assert.deepEqual((await readVectors(bytesSource("x.vec", joined(pieces)))).keys, ["new_york", "b_c_d"]);
    const clash = { keys: ["new york", "new_york"], matrix };
    assert.throws(() => write(clash, { whitespace: "_" }), /the key "new_york" becomes "new_york", as "new york" does/);
    assert.throws(() => write({ keys: [" ", "b"], matrix }, { whitespace: "" }), /the key " " becomes nothing/);
    assert.throws(() => write(clash, { whitespace: "\t" }), /Expected `whitespace` to hold no white space/);
  });

  test(`${name} refuses numbers that are not finite, naming the key`, () => {
    assert.throws(() => joined(write({ keys: ["a"], matrix: Matrix.of([[NaN]]) })), /The vector of "a" holds NaN/);
  });
}

test("word2vec binary refuses keys it cannot hold and numbers that are not finite", () => {
  const matrix = Matrix.of([[Infinity]]);
  for (const key of ["a b", "a\nb", "\uDC00"]) {
    assert.throws(() => writeWord2vecBinary({ keys: [key], matrix }), /word2vec binary cannot hold the key/);
  }
  assert.throws(() => joined(writeWord2vecBinary({ keys: ["a"], matrix })), /The vector of "a" holds Infinity/);
});

const floats = (...values: number[]): Uint8Array => new Uint8Array(Float32Array.from(values).buffer);
const binary = (...parts: (string | Uint8Array)[]): ByteSource =>
  bytesSource("x.bin", joined(parts.map((part) => (typeof part === "string" ? bytesOf(part) : part))));

test("word2vec binary takes the C program's newline after each row, and a limit", async () => {
  const source = binary("2 2\n", "a ", floats(1, 2), "\n", "b ", floats(3, 4), "\n");
  assert.deepEqual(content(await readWord2vecBinary(source)), [
    ["a", 1, 2],
    ["b", 3, 4],
  ]);
  assert.deepEqual(content(await readWord2vecBinary(source, { limit: 1 })), [["a", 1, 2]]);
});

for (const [what, source, says] of [
  [
    "a cut file",
    binary("2 2\n", "a ", floats(1, 2), "b ", floats(3)),
    /byte 4: expected 2 rows of 2 numbers, as the header promises \(18 bytes\); found 16 bytes/,
  ],
  [
    "a cut last row",
    binary("2 2\n", "abcdefgh ", floats(1, 2), "b ", floats(3)),
    /row 2, byte 21: expected a whole row; found the end of the file inside its numbers/,
  ],
  [
    "bytes behind the rows",
    binary("1 1\n", "a ", floats(1), "more"),
    /byte 10: expected the end of the file; found 4 more bytes/,
  ],
  [
    "a lying header",
    binary("1000000000000 300\n", "a ", floats(1)),
    /expected 1000000000000 rows of 300 numbers, as the header promises/,
  ],
  [
    "NaN",
    binary("1 2\n", "a ", floats(1, NaN)),
    /vectors row 0 \("a"\), number 2: expected a finite number; found NaN/,
  ],
  ["no header", binary("word ", floats(1)), /byte 0: expected a header line of two whole numbers/],
  [
    "a key without end",
    binary("1 1\n", "x".repeat(70_000)),
    /row 1, byte 4: expected a key of at most 65536 bytes and a space; found no space/,
  ],
] as const) {
  test(`word2vec binary refuses ${what}, with the place`, () => assert.rejects(readWord2vecBinary(source), says));
}

test("a projector's file without names has row numbers for keys", async () => {
  assert.deepEqual(content(await readProjectorTsv(file("1\t2\n3\t4\n"))), [
    ["0", 1, 2],
    ["1", 3, 4],
  ]);
});

for (const [what, numbers, names, says] of [
  [
    "fewer names than rows",
    "1\t2\n3\t4\n",
    "a\n",
    /line 2: expected the end of the file, since there are names for 1 rows; found another row/,
  ],
  [
    "more names than rows",
    "1\t2\n",
    "a\nb\n",
    /line 2: expected 2 rows, as many as there are names; found the end of the file after 1/,
  ],
  ["a short row of numbers", "1\t2\n3\n", "a\nb\n", /line 2: expected 2 numbers; found 1 fields in "3"/],
  ["a long row of numbers", "1\t2\n3\t4\t5\n", "a\nb\n", /line 2: expected 2 numbers; found more in "3/],
  [
    "names of another number of columns",
    "1\n2\n",
    "key\tgroup\na\tx\nb\n",
    /line 3: expected 2 columns, as line 1 has; found 1/,
  ],
  ["no names at all", "1\n", "", /line 1: expected a name a line; found an empty file/],
  ["no numbers", "\n", "a\n", /line 1: expected numbers with tabs between; found nothing/],
] as const) {
  test(`the projector's files are refused with ${what}`, async () => {
    await assert.rejects(readProjectorTsv(file(numbers, "v.tsv"), { metadata: file(names, "m.tsv") }), says);
  });
}

test("the projector's other columns follow their rows when a key came twice", async () => {
  const back = await readProjectorTsv(file("1\n2\n3\n"), {
    metadata: file("key\tcount\tgroup\na\t5\tx\na\t4\ty\nb\t3\tz\n"),
  });
  assert.deepEqual(content(back), [
    ["a", 1],
    ["b", 3],
  ]);
  assert.deepEqual([...back.counts!], [5, 3]);
  assert.deepEqual(back.metadata, { columns: { group: ["x", "z"] } });
});

for (const [name, text, format] of [
  ["a.txt", "2 2\na 1 2\nb 3 4\n", "word2vec-text"],
  ["a.vec", "2 2\na 1 2\nb 3 4\n", "fasttext-vec"],
  ["a.txt", "a 1 2\nb 3 4\n", "glove-text"],
  ["a.txt", "400000 50\n7 2\n", "glove-text"],
  ["a.txt", "2 50\na 1 2\n", "word2vec-text"],
  ["a.tsv", "1\t2\n3\t4\n", "projector-tsv"],
  ["a.tsv", "1\n3\n", "projector-tsv"],
] as const) {
  test(`${JSON.stringify(text)} in ${name} is detected as ${format}`, async () => {
    assert.equal(await detectFormat(file(text, name)), format);
  });
}

test("a file of no known kind is refused, showing how it begins", async () => {
  await assert.rejects(detectFormat(file("%PDF-1.4\n\x01\x02")), /byte 0: expected a file of vectors \(.*\); found /);
  await assert.rejects(detectFormat(file("")), /found an empty file/);
  const unknown = { format: "parquet" as "npy" };
  await assert.rejects(
    readVectors(file("x"), unknown),
    /Expected `format` to be one of word2vec-text, .*, got "parquet"/,
  );
});

test("reading can be aborted and tells its progress", async () => {
  const rows = 60_000;
  const text = `${rows} 10\n${"w0 1 2 3 4 5 6 7 8 9 10\n".repeat(rows)}`;
  const controller = new AbortController();
  const steps: number[] = [];
  const slow: ByteSource = {
    ...file(text),
    bytes: bytesOf(text).length,
    async *read() {
      const bytes = bytesOf(text);
      for (let at = 0; at < bytes.length; at += 200_000) {
        await new Promise((resolve) => setTimeout(resolve, 60));
        yield bytes.slice(at, at + 200_000);
      }
    },
  };
  const reading = readWord2vecText(slow, {
    signal: controller.signal,
    onStep: ({ done, total }) => {
      steps.push(done / total);
      if (steps.length === 2) controller.abort();
    },
  });
  await assert.rejects(reading, { name: "AbortError" });
  assert.ok(steps.length === 2 && steps[0]! > 0 && steps[1]! > steps[0]! && steps[1]! < 1);
});
