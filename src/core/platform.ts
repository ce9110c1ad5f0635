/**
 * The one place where Node and browser differ.
 *
 * Chosen once, at run time, by asking the process for its built-in modules. Nothing here imports
 * `node:` anything, so that every bundler can pack every door for the browser, and the same file serves
 * sources, tests and the published package (docs/decisions/0002-platform-at-run-time.md).
 */
import { nodePlatform } from "./platform.node.ts";
import { webPlatform } from "./platform.web.ts";

/** What the rest of Loci may ask of the machine it runs on. */
export interface Platform {
  readonly name: "node" | "web";
  /** Seconds, from an arbitrary start, never going back. */
  now(): number;
  /** Processor seconds this process has used, over all its threads; undefined where that is not told. */
  cpuSeconds(): number | undefined;
  /** How many workers make sense here. */
  readonly cores: number;
  /** Whether workers can see one memory: always in Node, in browsers only when cross-origin isolated. */
  readonly sharedMemory: boolean;
  /** Starts a worker from the text of a module. */
  startWorker(source: string): WorkerLike;
  /** Inside a worker: the line to whoever started it; undefined on a main thread. */
  workerPort(): Promise<WorkerLike | undefined>;
  /** Files; undefined where there are none. */
  readonly files: Files | undefined;
  /** A place for large intermediate data: a temporary file where there are files, else memory. */
  openScratch(): Scratch;
  /** Ungzips a stream of bytes, whose pieces may be reused once the next is asked for. */
  gunzip(bytes: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array>;
  readonly network: Network;
}

/** Requests, pauses and the time of day. Whoever needs them takes a `Network`, so that tests can hand in their own. */
export interface Network {
  fetch(url: string, init: RequestInit): Promise<Response>;
  /** Resolves after so many milliseconds; rejects with the signal's reason once it is aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Milliseconds since 1970, as this machine's clock has it. */
  wallClock(): number;
}

/** The part of a worker (or of the line to a worker's owner) that Loci uses. */
export interface WorkerLike {
  post(message: unknown): void;
  /** `onMessage` gets each message, `onEnd` an error or the unexpected end of the other side. */
  listen(onMessage: (message: unknown) => void, onEnd: (error: Error) => void): void;
  /** Keeps the process from ending while true. */
  hold(busy: boolean): void;
  stop(): Promise<void>;
}

/** Files by path. Every write is whole or not at all. */
export interface Files {
  /** The size of a file in bytes, whether it is a folder, when it was last changed (ms since 1970), or undefined if there is none. */
  stat(path: string): Promise<{ bytes: number; folder: boolean; modified: number } | undefined>;
  /** Names in a folder, sorted; folders end in "/". */
  list(path: string): Promise<string[]>;
  /**
   * What is in a folder, sorted by name: files, also through links, and folders, but not through links, which may lead in
   * circles. What cannot be looked at (gone meanwhile, a broken link) is left out.
   */
  entries(path: string): Promise<FolderEntry[]>;
  /**
   * The paths that change at or under a file or folder, in batches: each once it has been quiet for `quietMs`. Ends when the signal is
   * aborted. A path may be named that did not really change, and one of a folder may stand for what is in it.
   */
  watch(path: string, options: { quietMs: number; signal?: AbortSignal }): AsyncIterable<readonly string[]>;
  /** The files a pattern such as `corpus/**\/*.txt` matches, sorted. */
  glob(pattern: string): Promise<string[]>;
  /** The bytes of a file from `start`, in pieces of about 1 MB. A piece may be overwritten by the next. */
  read(path: string, start?: number): AsyncIterable<Uint8Array>;
  /** Reads `into.length` bytes at `position`; returns how many there were. */
  readAt(path: string, position: number, into: Uint8Array): Promise<number>;
  /** Writes a file under a temporary name, syncs it and renames it into place; on failure nothing is left. */
  write(path: string, pieces: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): Promise<void>;
  /**
   * The same for a folder of files: all of them, or none. An existing folder steps aside first, since none can be renamed
   * over another: a process killed in that moment leaves it whole beside its place, as `.NAME.….part.old`.
   */
  writeFolder(path: string, files: Record<string, Iterable<Uint8Array> | AsyncIterable<Uint8Array>>): Promise<void>;
  /** Standard input. */
  standardInput(): AsyncIterable<Uint8Array>;
}

/** A file or folder, seen from the folder that it is in. */
export interface FolderEntry {
  readonly name: string;
  readonly folder: boolean;
  readonly bytes: number;
  /** When it was last changed, in milliseconds since 1970. */
  readonly modified: number;
}

/** Bytes that are put away and read back, out of the way of memory where that is possible. */
export interface Scratch {
  readonly bytes: number;
  append(bytes: Uint8Array): void;
  /** Fills `into` from `position`; the range must have been written. */
  read(position: number, into: Uint8Array): void;
  /** Overwrites bytes that were written before. */
  write(position: number, bytes: Uint8Array): void;
  close(): void;
}

/** The platform this code runs on. */
export const platform: Platform = nodePlatform() ?? webPlatform();
