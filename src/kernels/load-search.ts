/**
 * The search module: kernels over short integer codes, a module of its own in two variants.
 *
 * The relaxed one uses the dot product of 8-bit integers that WebAssembly added with relaxed SIMD; Safari, old Firefox and Node 20
 * refuse it. Operands are kept so small that both give the same integers, so which one runs changes speed only.
 */
import { plain, relaxed } from "./generated/search.ts";
import { ifAllowed, moduleBytes } from "./load.ts";

/** With or without the relaxed instructions. Same results. */
export type SearchVariant = "plain" | "relaxed";

const variants = { plain, relaxed };
const compiled = new Map<string, WebAssembly.Module>();
let relaxedRuns: boolean | undefined;

/** Whether this engine knows relaxed SIMD. False also where WebAssembly may not run at all. */
export function hasRelaxedSimd(): boolean {
  return (relaxedRuns ??=
    typeof WebAssembly !== "undefined" && WebAssembly.validate(moduleBytes(relaxed.code, relaxed.memoryKindAt, true)));
}

/**
 * The compiled search module for plain or shared memory; throws where WebAssembly may not run. Instantiate it over a memory
 * with {@link instantiate}, then call `openScratch(address)` with 64 bytes of the instance's own.
 */
export function searchModule(
  shared: boolean,
  variant: SearchVariant = hasRelaxedSimd() ? "relaxed" : "plain",
): WebAssembly.Module {
  const name = `${variant} ${shared}`;
  const known = compiled.get(name);
  if (known) return known;
  const { code, memoryKindAt } = variants[variant];
  const module = new WebAssembly.Module(moduleBytes(code, memoryKindAt, shared));
  compiled.set(name, module);
  return module;
}

/** The module, or undefined where WebAssembly may not run. */
export function searchModuleIfAllowed(shared: boolean, variant?: SearchVariant): WebAssembly.Module | undefined {
  return ifAllowed(() => searchModule(shared, variant));
}
