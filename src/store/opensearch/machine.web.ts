/**
 * The clock and the line that OpenSearchStore uses unless it is handed others: `fetch` and timers, which browsers and Node share.
 */

/** The function `fetch` of this machine. */
export const machineFetch: typeof fetch = (input, init) => fetch(input, init);

/** Resolves after so many milliseconds. */
export function wait(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

/** Calls `work` every so many milliseconds until it is stopped; keeps no process alive. */
export function every(ms: number, work: () => void): () => void {
  const timer: unknown = setInterval(work, ms);
  (timer as { unref?: () => void }).unref?.();
  return () => clearInterval(timer as number);
}
