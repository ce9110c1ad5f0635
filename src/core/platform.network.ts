/**
 * The network, pauses and the wall clock: what Node and browsers have in common, by the same names.
 */
import type { Network } from "./platform.ts";

export const network: Network = {
  fetch: (url, init) => globalThis.fetch(url, init),
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason as Error);
      const timer = setTimeout(() => {
        signal?.removeEventListener("abort", stop);
        resolve();
      }, ms);
      const stop = (): void => {
        clearTimeout(timer);
        reject(signal!.reason as Error);
      };
      signal?.addEventListener("abort", stop, { once: true });
    }),
  wallClock: () => Date.now(),
};
