/** Indexing that goes on: run once, and again whenever something changes. */
import { LociError } from "../core/index.ts";
import type { Collection } from "./collection.ts";
import { type IndexedPaths, indexPaths, type IndexPathsOptions } from "./folder-index.ts";
import { machineFiles, nothingAt, rootOf, tidy } from "./folder-walk.ts";

/** Options of `watchPaths`. */
export interface WatchPathsOptions extends IndexPathsOptions {
  /** How long the files have to be quiet before they are looked at, in milliseconds. Default 300. */
  readonly quietMs?: number;
}

/**
 * Indexes paths now, and again whenever something under them changes, until the signal is aborted or the loop is left. Each
 * run gives its result. Patterns cannot be watched: `not-supported`.
 */
export async function* watchPaths(
  collection: Collection,
  paths: string | readonly string[],
  options: WatchPathsOptions = {},
): AsyncGenerator<IndexedPaths, void, void> {
  const { quietMs = 300, signal } = options;
  const all = (typeof paths === "string" ? [paths] : paths).map(tidy);
  const stop = new AbortController();
  const leave = (): void => stop.abort();
  signal?.addEventListener("abort", leave);
  try {
    signal?.throwIfAborted();
    for (const path of all) {
      const { kind } = await rootOf(path);
      if (kind === "pattern")
        throw new LociError("not-supported", `The pattern "${path}" cannot be watched. Watch its folder.`);
      if (kind === "missing") throw nothingAt(path);
    }
    const watchers = all.map((path) =>
      machineFiles().watch(path, { quietMs, signal: stop.signal })[Symbol.asyncIterator](),
    );
    // Asked before the first run, so that nothing is missed in between.
    const rings = watchers.map((watcher) => watcher.next());
    for (const ring of rings) ring.catch(() => undefined); // it fails where it is awaited
    try {
      yield await indexPaths(collection, all, options);
      for (;;) {
        const { i, done } = await Promise.race(rings.map(async (ring, i) => ({ i, done: (await ring).done })));
        if (done) break;
        rings[i] = watchers[i]!.next();
        rings[i].catch(() => undefined);
        yield await indexPaths(collection, all, options);
      }
      signal?.throwIfAborted();
    } finally {
      stop.abort();
      for (const watcher of watchers) await watcher.return?.();
    }
  } finally {
    signal?.removeEventListener("abort", leave);
  }
}
