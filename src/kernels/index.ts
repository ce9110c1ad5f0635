/** The hot loops, twice: AssemblyScript compiled to WebAssembly, and the plain reference that judges it. */
export * as reference from "./reference/index.ts";
export { instantiate, kernelModule, kernelModuleIfAllowed, openKernels } from "./load.ts";
export type { KernelExports, Kernels } from "./load.ts";
export { hasRelaxedSimd, searchModule, searchModuleIfAllowed } from "./load-search.ts";
export type { SearchVariant } from "./load-search.ts";
export { openScans } from "./load-scan.ts";
export type { ScanOptions, Scans } from "./load-scan.ts";
export type { RowRange, Top } from "./reference/scan-codes.ts";
/** What judges the search module; apart, so that only tests carry it. */
export * as searchReference from "./reference/search.ts";
