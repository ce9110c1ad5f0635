import assert from "node:assert/strict";
import { test } from "node:test";
import { instantiate, kernelModule, kernelModuleIfAllowed, openKernels, reference } from "./index.ts";

test("a module is compiled once a kind of memory, and refuses the other kind", () => {
  assert.equal(kernelModule(false), kernelModule(false));
  assert.notEqual(kernelModule(false), kernelModule(true));
  const plain = new WebAssembly.Memory({ initial: 1, maximum: 1 });
  const shared = new WebAssembly.Memory({ initial: 1, maximum: 65536, shared: true });
  instantiate(kernelModule(false), plain);
  instantiate(kernelModule(true), shared);
  assert.throws(() => instantiate(kernelModule(false), shared), WebAssembly.LinkError);
  assert.throws(() => instantiate(kernelModule(true), plain), WebAssembly.LinkError);
});

test("the compiled module imports nothing but its memory", () => {
  for (const shared of [false, true]) {
    assert.deepEqual(WebAssembly.Module.imports(kernelModule(shared)), [
      { module: "env", name: "memory", kind: "memory" },
    ]);
  }
});

test("where WebAssembly may not run the reference serves", async (t) => {
  const blocked = t.mock.method(WebAssembly, "Module", function refuse() {
    throw new WebAssembly.CompileError("Refused to compile: Content-Security-Policy");
  });
  // A module instance of its own, in which nothing is compiled yet.
  const load = (await import(`${import.meta.resolve("./load.ts")}?fresh`)) as typeof import("./load.ts");
  assert.equal(load.kernelModuleIfAllowed(false), undefined);
  assert.throws(() => load.kernelModule(false), WebAssembly.CompileError);
  blocked.mock.restore();
  const kernels = openKernels(undefined, new WebAssembly.Memory({ initial: 1, maximum: 1 }));
  assert.equal(kernels.kind, "reference");
  const out = new Float32Array(2);
  kernels.dots(Float32Array.of(1, 2), Float32Array.of(3, 4, 5, 6), out);
  assert.deepEqual([...out], [11, 17]);
});

test("a defect of ours is not taken for a policy", async (t) => {
  t.mock.method(WebAssembly, "Module", function fail() {
    throw new TypeError("not bytes");
  });
  const load = (await import(`${import.meta.resolve("./load.ts")}?broken`)) as typeof import("./load.ts");
  assert.throws(() => load.kernelModuleIfAllowed(false), TypeError);
});

test("every kernel has its plain twin", () => {
  const { kind: _, ...kernels } = openKernels(
    kernelModuleIfAllowed(false),
    new WebAssembly.Memory({ initial: 1, maximum: 1 }),
  );
  for (const name of Object.keys(kernels))
    assert.equal(typeof (reference as Record<string, unknown>)[name], "function", name);
});

test("mix is a permutation that leaves no bit behind", () => {
  assert.equal(reference.mix(0), 0);
  const seen = new Set<number>();
  for (let i = 0; i < 100_000; i++) seen.add(reference.mix(i));
  assert.equal(seen.size, 100_000);
});
