/**
 * Cases that any runner can run: node:test here, a page in a browser there, a stranger's own.
 *
 * A case throws if what it says is not true. It uses nothing of Node, so the few checks below stand in
 * for node:assert.
 */

/** One sentence about an implementation, and the code that finds out whether it is true. */
export interface Case {
  readonly name: string;
  run(): void | Promise<void>;
  /** Why this implementation is not asked. */
  readonly skip?: string;
}

/** Throws unless both are the same: numbers to the bit (NaN equals NaN, 0 is not −0), all else by their JSON. */
export function expectSame(actual: unknown, expected: unknown, what: string): void {
  if (Object.is(actual, expected) || (typeof actual === "object" && shown(actual) === shown(expected))) return;
  throw new Error(`${what}: expected ${shown(expected)}, got ${shown(actual)}`);
}

/** Throws unless all numbers are the same to the bit. */
export function expectSameNumbers(actual: ArrayLike<number>, expected: ArrayLike<number>, what: string): void {
  expectSame(actual.length, expected.length, `${what}, length`);
  for (let i = 0; i < expected.length; i++) expectSame(actual[i], expected[i], `${what}, number ${i}`);
}

/** Throws unless the two are no further apart than `tolerance`. */
export function expectNear(actual: number, expected: number, tolerance: number, what: string): void {
  if (Math.abs(actual - expected) <= tolerance) return;
  throw new Error(
    `${what}: expected ${expected} ± ${tolerance}, got ${actual}, which is ${Math.abs(actual - expected)} off`,
  );
}

/** Runs `action`, which must throw or reject; returns the error. */
export async function expectFailure(action: () => unknown, what: string): Promise<Error & { readonly code?: string }> {
  try {
    await action();
  } catch (error) {
    if (error instanceof Error) return error;
    throw new Error(`${what}: expected an Error, ${String(error)} was thrown`, { cause: error });
  }
  throw new Error(`${what}: expected a failure, nothing failed`);
}

function shown(value: unknown): string {
  if (typeof value === "number") return Object.is(value, -0) ? "-0" : String(value);
  return JSON.stringify(value) ?? String(value);
}
