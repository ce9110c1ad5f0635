import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { bytes, doubles, floats, integers, openWorkspace, words } from "./index.ts";

for (const shared of [false, true]) {
  const kind = shared ? "shared" : "plain";

  test(`parts in ${kind} memory start on cache lines, do not touch, and are zeros`, () => {
    const count = fc.integer({ min: 0, max: 300 });
    fc.assert(
      fc.property(count, count, count, count, count, (a, b, c, d, e) => {
        const space = openWorkspace(
          { a: floats(a), b: doubles(b), c: words(c), d: integers(d), e: bytes(e) },
          { shared },
        );
        const views = [space.a, space.b, space.c, space.d, space.e];
        assert.deepEqual(
          views.map((view) => view.length),
          [a, b, c, d, e],
        );
        let end = 64;
        for (const view of views) {
          assert.equal(view.buffer, space.memory.buffer);
          assert.equal(view.byteOffset % 64, 0);
          assert.ok(view.byteOffset >= end, "overlaps what lies before");
          assert.ok(view.every((x) => x === 0));
          end = view.byteOffset + view.byteLength;
        }
        assert.ok(end <= space.memory.buffer.byteLength);
      }),
      { seed: 6, numRuns: 30 },
    );
  });

  test(`views in ${kind} memory are of the types asked for, and the memory is ${kind}`, () => {
    const space = openWorkspace({ a: floats(1), b: doubles(1), c: words(1), d: integers(1), e: bytes(1) }, { shared });
    const types = [space.a, space.b, space.c, space.d, space.e].map((view) => view.constructor);
    assert.deepEqual(types, [Float32Array, Float64Array, Uint32Array, Int32Array, Uint8Array]);
    assert.equal(space.memory.buffer instanceof SharedArrayBuffer, shared);
    assert.equal(space.kernels.kind, "wasm");
  });

  test(`kernels over ${kind} memory leave the parts alone that they are not given`, () => {
    const space = openWorkspace({ before: floats(16), rows: floats(32), after: floats(16) }, { shared });
    space.before.fill(7);
    space.after.fill(7);
    space.rows.fill(3);
    space.kernels.normalizeRows(space.rows, 16);
    assert.ok([...space.before, ...space.after].every((x) => x === 7));
    assert.ok(space.rows.every((x) => x === 0.25));
  });
}

test("more than a 32-bit memory can hold is out-of-memory, with a way out", () => {
  assert.throws(() => openWorkspace({ rows: floats(2 ** 30) }), {
    code: "out-of-memory",
    message: /4096 at most.*smaller dim/,
  });
});

test("kernels refuse arrays of another memory", () => {
  const [one, other] = [openWorkspace({ rows: floats(8) }), openWorkspace({ rows: floats(8) })];
  assert.throws(() => one.kernels.normalizeRows(other.rows, 4), { name: "RangeError", message: /foreign/ });
  assert.throws(() => one.kernels.normalizeRows(new Float32Array(8), 4), { name: "RangeError" });
});
