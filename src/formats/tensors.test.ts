import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { LociError, Matrix, bytesSource } from "../core/index.ts";
import type { ByteSource } from "../core/index.ts";
import { fromBrain, fromHalf, toBrain, toHalf } from "./half.ts";
import { readNpy, readSafetensors, readVectors, writeNpy, writeSafetensors } from "./index.ts";

const joined = (pieces: Iterable<Uint8Array>): Uint8Array => new Uint8Array(Buffer.concat([...pieces]));
const source = (pieces: Iterable<Uint8Array> | Uint8Array): ByteSource =>
  bytesSource("x", pieces instanceof Uint8Array ? pieces : joined(pieces));

test("every half and every bfloat16 widens and narrows back to itself", () => {
  for (let bits = 0; bits < 65_536; bits++) {
    for (const [widen, narrow] of [
      [fromHalf, toHalf],
      [fromBrain, toBrain],
    ] as const) {
      const value = widen(bits);
      if (Number.isNaN(value)) assert.ok(Number.isNaN(widen(narrow(value))));
      else assert.equal(narrow(value), bits);
    }
  }
});

test("narrowing takes the nearest of its neighbours, ties to even, overflow to infinity", () => {
  fc.assert(
    fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), fc.constantFrom("half", "brain"), (x, kind) => {
      const [widen, narrow, most] = kind === "half" ? [fromHalf, toHalf, 65_504] : [fromBrain, toBrain, 3.3895314e38];
      const bits = narrow(x);
      const got = widen(bits);
      if (!Number.isFinite(got)) return assert.ok(Math.abs(x) > most);
      const distance = Math.abs(got - x);
      for (const other of [bits - 1, bits + 1]) {
        const near = Math.abs(widen(other & 0xffff) - x);
        assert.ok(!(near < distance) || !Number.isFinite(near), `${x} became ${got}`);
        if (near === distance && near > 0) assert.equal(bits & 1, 0, `${x} is a tie`);
      }
    }),
    { seed: 3, numRuns: 5000 },
  );
  assert.deepEqual(
    [65_519.99, 65_520, 2 ** -25, 2 ** -25 * 1.01].map((x) => fromHalf(toHalf(x))),
    [65_504, Infinity, 0, 2 ** -24],
  );
});

const matrices = fc.integer({ min: 1, max: 6 }).chain((dim) =>
  fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), { maxLength: 40 }).map((numbers) => {
    return new Matrix(Float32Array.from(numbers.slice(0, numbers.length - (numbers.length % dim))), dim);
  }),
);

test(".npy of 4 and 8 bytes reads back what was written, to the bit", async () => {
  await fc.assert(
    fc.asyncProperty(matrices, fc.constantFrom("f4", "f8"), async (matrix, type) => {
      assert.deepEqual(await readNpy(source(writeNpy(matrix, { type }))), matrix);
    }),
    { seed: 4, numRuns: 200 },
  );
  const halves = Matrix.of([
    [0.1, 1],
    [-2, 1e-3],
  ]);
  const back = await readNpy(source(writeNpy(halves, { type: "f2" })));
  assert.deepEqual(
    back.data,
    halves.data.map((x) => fromHalf(toHalf(x))),
  );
  assert.throws(() => writeNpy(halves, { type: "i4" as "f4" }), /Expected `type` "f4", "f8" or "f2", got "i4"/);
});

test("a .npy read with a limit has the first rows, in either order of storage", async () => {
  const matrix = Matrix.of([
    [1, 2],
    [3, 4],
    [5, 6],
  ]);
  const c = joined(writeNpy(matrix));
  const fortran = c.slice();
  fortran.set(
    new TextEncoder().encode("'fortran_order': True, "),
    new TextDecoder("latin1").decode(c).indexOf("'fortran"),
  );
  new Float32Array(fortran.buffer, c.length - 24).set([1, 3, 5, 2, 4, 6]);
  for (const bytes of [c, fortran]) {
    assert.deepEqual([...(await readNpy(source(bytes), { limit: 2 })).data], [1, 2, 3, 4]);
    assert.deepEqual((await readVectors(source(bytes))).keys, ["0", "1", "2"]);
  }
  await assert.rejects(readNpy(source(c), { limit: 0 }), /Expected `limit` to be a whole number of at least 1, got 0/);
});

function npy(header: string, version = [1, 0], data = new Uint8Array(0)): ByteSource {
  const text = new TextEncoder().encode(header);
  return source(
    Uint8Array.of(
      0x93,
      ...new TextEncoder().encode("NUMPY"),
      ...version,
      text.length,
      0,
      ...(version[0] === 1 ? [] : [0, 0]),
      ...text,
      ...data,
    ),
  );
}
const one = new Uint8Array(Float32Array.of(1.5).buffer);

test(".npy headers are read in any order and spacing, of versions 1 to 3", async () => {
  for (const [header, version] of [
    ["{'descr': '<f4', 'fortran_order': False, 'shape': (1, 1), }\n", [1, 0]],
    ['{"shape":(1,1),"fortran_order":False,"descr":"<f4"}', [2, 0]],
    ["{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }   \n", [3, 0]],
  ] as const) {
    assert.deepEqual([...(await readNpy(npy(header, [...version], one))).data], [1.5]);
  }
});

for (const [what, bytes, says] of [
  ["other magic", source(new TextEncoder().encode("PK\x03\x04 zip")), /byte 0: expected the magic of \.npy/],
  ["version 4", npy("{}", [4, 0]), /byte 6: expected version 1\.0, 2\.0 or 3\.0 of \.npy; found 4\.0/],
  ["no dictionary", npy("hello"), /byte 10: expected a dictionary with descr, fortran_order and shape; found "hello"/],
  [
    "whole numbers",
    npy("{'descr': '<i8', 'fortran_order': False, 'shape': (1, 1), }", [1, 0], one),
    /expected numbers of type <f4, <f8 or <f2; found "<i8"\. Convert it in Python/,
  ],
  ["objects", npy("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1, 1), }"), /expected numbers of type/],
  [
    "too few numbers",
    npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 1), }", [1, 0], one),
    /byte 69: expected 2 × 1 numbers \(8 bytes\); found 4 bytes before the end/,
  ],
  [
    "too many numbers",
    npy("{'descr': '<f2', 'fortran_order': False, 'shape': (1, 1), }", [1, 0], one),
    /expected the end of the file; found 2 more bytes/,
  ],
  [
    "a hostile shape",
    npy("{'descr': '<f4', 'fortran_order': False, 'shape': (1000000000, 1000000), }"),
    /expected 1000000000 × 1000000 numbers/,
  ],
  [
    "a shape past all numbers",
    npy("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999, 9), }"),
    /expected a shape of rows × dim/,
  ],
  [
    "NaN",
    npy("{'descr': '<f4', 'fortran_order': False, 'shape': (1, 1), }", [1, 0], Uint8Array.of(0, 0, 0xc0, 0x7f)),
    /array row 0, number 1: expected a finite number; found NaN/,
  ],
] as const) {
  test(`.npy with ${what} is refused with the place`, async () => {
    await assert.rejects(readNpy(bytes), (error) => {
      assert.ok(error instanceof LociError && error.code === "bad-file");
      assert.match(error.message, says);
      return true;
    });
  });
}

test("safetensors reads back every type that it writes, with names of any kind", async () => {
  const written = writeSafetensors(
    {
      floats: { shape: [2, 2], data: Float32Array.of(0.1, -2, 3, 1e-40) },
      doubles: { shape: [2], data: Float64Array.of(Math.PI, 2 ** 60) },
      half: { shape: [2], data: Float32Array.of(0.5, 1), type: "F16" },
      brain: { shape: [1, 1, 2], data: Float32Array.of(0.5, 3), type: "BF16" },
      i32: { shape: [2], data: Int32Array.of(-1, 2 ** 30) },
      i16: { shape: [1], data: Int16Array.of(-2) },
      i8: { shape: [1], data: Int8Array.of(-3) },
      u32: { shape: [1], data: Uint32Array.of(2 ** 32 - 1) },
      u16: { shape: [1], data: Uint16Array.of(65_535) },
      u8: { shape: [1], data: Uint8Array.of(255) },
      'été "x"\n': { shape: [], data: Float32Array.of(1) },
      empty: { shape: [0, 5], data: new Float32Array(0) },
    },
    { note: "ü" },
  );
  const { tensors, metadata } = await readSafetensors(source(written), {
    exact: ({ type }) => type === "F64" || type === "I32",
  });
  const of = (name: string): unknown[] => [
    tensors.get(name)!.type,
    [...tensors.get(name)!.shape],
    [...tensors.get(name)!.data],
  ];
  assert.deepEqual(metadata, { note: "ü" });
  assert.deepEqual(of("floats"), ["F32", [2, 2], [Math.fround(0.1), -2, 3, Math.fround(1e-40)]]);
  assert.deepEqual(of("doubles"), ["F64", [2], [Math.PI, 2 ** 60]]);
  assert.deepEqual(of("half"), ["F16", [2], [0.5, 1]]);
  assert.deepEqual(of("brain"), ["BF16", [1, 1, 2], [0.5, 3]]);
  assert.deepEqual(of("i32"), ["I32", [2], [-1, 2 ** 30]]);
  assert.deepEqual(
    ["i16", "i8", "u32", "u16", "u8"].map((name) => tensors.get(name)!.data[0]),
    [-2, -3, 2 ** 32, 65_535, 255],
  );
  assert.deepEqual(of('été "x"\n'), ["F32", [], [1]]);
  assert.deepEqual(of("empty"), ["F32", [0, 5], []]);
  for (const { begin, type } of tensors.values())
    assert.equal(begin % (Number(/\d+/.exec(type)![0]) / 8), 0, "aligned");
});

function safetensors(header: unknown, data = 0): ByteSource {
  const text = new TextEncoder().encode(typeof header === "string" ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + text.length + data);
  new DataView(bytes.buffer).setUint32(0, text.length, true);
  bytes.set(text, 8);
  return source(bytes);
}
const tensor = (shape: unknown, begin: unknown, end: unknown, dtype: unknown = "F32"): unknown => ({
  dtype,
  shape,
  data_offsets: [begin, end],
});

for (const [what, bytes, says] of [
  ["a header that is no JSON", safetensors("{oops"), /byte 8: expected a header in JSON; found "\{oops"/],
  ["a list for a header", safetensors([]), /byte 8: expected a JSON object as header/],
  [
    "a promise of an endless header",
    source(new Uint8Array(16).fill(127)),
    /byte 0: expected a header of 2 to 100000000 bytes/,
  ],
  [
    "a header past the end",
    source(Uint8Array.of(200, 0, 0, 0, 0, 0, 0, 0, 123, 125)),
    /byte 8: expected its header \(200 bytes\); found 2 bytes/,
  ],
  [
    "a hole between tensors",
    safetensors({ a: tensor([1], 0, 4), b: tensor([1], 8, 12) }, 12),
    /the tensor "b": expected offsets that begin where the tensor before ends \(4\), without holes or overlaps; found 8/,
  ],
  [
    "overlapping tensors",
    safetensors({ a: tensor([2], 0, 8), b: tensor([1], 4, 8) }, 8),
    /without holes or overlaps; found 4/,
  ],
  [
    "a shape that does not fit its bytes",
    safetensors({ a: tensor([3], 0, 8) }, 8),
    /the tensor "a": expected 12 bytes for F32 of shape \[3\]; found 8/,
  ],
  [
    "negative offsets",
    safetensors({ a: tensor([1], -4, 0) }),
    /the tensor "a": expected dtype, shape and data_offsets in whole numbers/,
  ],
  [
    "offsets in the wrong order",
    safetensors({ a: tensor([1], 4, 0) }),
    /two data_offsets, the first no larger; found a list of 2 \(4, 0\)/,
  ],
  [
    "numbers that are missing",
    safetensors({ a: tensor([4], 0, 16) }, 8),
    /expected the numbers of its tensors \(16 bytes\); found 8 bytes/,
  ],
  [
    "bytes behind the tensors",
    safetensors({ a: tensor([1], 0, 4) }, 9),
    /expected the end of the file; found 5 more bytes/,
  ],
  [
    "a type that nobody knows",
    safetensors({ a: tensor([4], 0, 4, "F8_E4M3") }, 4),
    /expected numbers of type .*; found F8_E4M3/,
  ],
  [
    "metadata that are no strings",
    safetensors({ __metadata__: { a: 1 } }),
    /__metadata__: expected an object of strings/,
  ],
  [
    "nesting past any stack",
    safetensors(`{"a":${"[".repeat(100_000)}${"]".repeat(100_000)}}`),
    /the tensor "a": expected dtype, shape and data_offsets in whole numbers; found a list of 1 \(…\)/,
  ],
] as const) {
  test(`safetensors with ${what} is refused with the place`, async () => {
    await assert.rejects(readSafetensors(bytes), (error) => {
      assert.ok(error instanceof LociError && error.code === "bad-file");
      assert.match(error.message, says);
      return true;
    });
  });
}

test("a gzipped header that promises much is not given memory before its bytes come", async () => {
  const sound = safetensors({ a: tensor([1], 0, 4) }, 4);
  const bytes = new Uint8Array(sound.bytes!);
  await sound.readAt(0, bytes);
  new DataView(bytes.buffer).setUint32(0, 99_000_000, true);
  const before = process.memoryUsage().arrayBuffers;
  let most = 0;
  const watched: ByteSource = {
    ...sound,
    bytes: undefined,
    async *read() {
      yield bytes;
      most = process.memoryUsage().arrayBuffers - before;
    },
  };
  await assert.rejects(readSafetensors(watched), /byte 8: expected its header \(99000000 bytes\); found \d+ bytes/);
  assert.ok(most < 20_000_000, `${most} bytes`);
});

test("a safetensors file without one table of vectors says which tensors it has", async () => {
  const two = safetensors({ a: tensor([1, 1], 0, 4), b: tensor([1, 1], 4, 8) }, 8);
  await assert.rejects(
    readVectors(two, { format: "safetensors" }),
    /expected one tensor of two dimensions, or one named "vectors", .*; found "a", "b"\./,
  );
  await assert.rejects(readVectors(safetensors({}), { format: "safetensors" }), /found no tensors/);
});

test("safetensors refuses to write what does not fit together", () => {
  assert.throws(
    () => writeSafetensors({ a: { shape: [3], data: Float32Array.of(1) } }),
    /Expected the tensor "a" of shape \[3\] to have 3 numbers/,
  );
  assert.throws(
    () => writeSafetensors({ a: { shape: [1], data: Int32Array.of(1), type: "F16" } }),
    /Only a Float32Array can be written as F16; see "a"/,
  );
});
