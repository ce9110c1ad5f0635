/** Work that tells of its steps by calling back, as a generator that yields them. */
import type { LongOptions, Step } from "../core/index.ts";

/**
 * Yields the latest step whenever there is a new one, and returns what the work returns. Whoever leaves early aborts the work, and
 * has left when it has ended.
 */
export async function* relaySteps<T>(
  work: (options: LongOptions) => Promise<T>,
  signal?: AbortSignal,
): AsyncGenerator<Step, T, void> {
  const left = new AbortController();
  const now: { latest: Step | undefined; ended: boolean; wake: () => void } = {
    latest: undefined,
    ended: false,
    wake: () => {},
  };
  const onStep = (step: Step): void => {
    now.latest = step;
    now.wake();
  };
  const result = work({ signal: signal ? AbortSignal.any([signal, left.signal]) : left.signal, onStep });
  const end = result.then(
    () => (now.ended = true),
    () => (now.ended = true), // the failure is thrown where `result` is awaited
  );
  try {
    while (!now.ended) {
      await Promise.race([end, new Promise<void>((resolve) => (now.wake = resolve))]);
      const { latest } = now;
      now.latest = undefined;
      if (latest) yield latest;
    }
    return await result;
  } finally {
    left.abort();
    await end;
  }
}
