/** The hot loops, twice: AssemblyScript compiled to WebAssembly, and the plain reference that judges it. */
export * as reference from "./reference/index.ts";
export { instantiate, kernelModule, kernelModuleIfAllowed, openKernels } from "./load.ts";
export type { KernelExports, Kernels } from "./load.ts";
