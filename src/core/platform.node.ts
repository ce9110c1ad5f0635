/**
 * The platform in Node (and in what is like it): worker threads, files, temporary files for scratch.
 *
 * Built-in modules come from `process.getBuiltinModule`, never from an import, so that this file can be
 * bundled for browsers, where `nodePlatform` returns undefined.
 */
import { LociError } from "./error.ts";
import { network } from "./platform.network.ts";
import type { Files, FolderEntry, Platform, Scratch, WorkerLike } from "./platform.ts";
import { checkScratchRange } from "./scratch-range.ts";

type BuiltIn = typeof process.getBuiltinModule;
const PIECE = 1 << 20;
const STATS_AT_ONCE = 64;

export function nodePlatform(): Platform | undefined {
  if (typeof process === "undefined" || !process.versions?.node || !process.getBuiltinModule) return undefined;
  const builtIn = process.getBuiltinModule.bind(process);
  return {
    name: "node",
    now: () => performance.now() / 1000,
    cpuSeconds() {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1e6;
    },
    get cores() {
      return builtIn("node:os").availableParallelism();
    },
    sharedMemory: true,
    startWorker(source) {
      const { Worker } = builtIn("node:worker_threads");
      // A worker takes no flags from its parent, so that one started under a test runner or inspector is plain.
      const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(source)}`), { execArgv: [] });
      worker.unref();
      return {
        post: (message) => worker.postMessage(message),
        listen(onMessage, onEnd) {
          worker.on("message", onMessage);
          worker.on("error", (cause) => onEnd(cause instanceof Error ? cause : new Error(String(cause))));
          worker.on("exit", (code) => onEnd(new LociError("worker-failed", `A worker ended with exit code ${code}.`)));
        },
        hold: (busy) => (busy ? worker.ref() : worker.unref()),
        stop: async () => void (await worker.terminate()),
      };
    },
    async workerPort(): Promise<WorkerLike | undefined> {
      const { parentPort: port } = builtIn("node:worker_threads");
      if (!port) return undefined;
      return {
        post: (message) => port.postMessage(message),
        listen: (onMessage) => void port.on("message", onMessage),
        hold() {},
        stop: async () => port.close(),
      };
    },
    files: nodeFiles(builtIn),
    network,
    openScratch: () => new FileScratch(builtIn),
    async *gunzip(bytes) {
      const { Readable } = builtIn("node:stream");
      const { createGunzip } = builtIn("node:zlib");
      const source = Readable.from(copies(bytes), { highWaterMark: 1 }); // pieces are 1 MB: one ahead is enough
      const gunzip = createGunzip({ chunkSize: 1 << 18 });
      source.on("error", (error) => gunzip.destroy(error));
      yield* source.pipe(gunzip) as AsyncIterable<Uint8Array>;
    },
  };
}

function nodeFiles(builtIn: BuiltIn): Files {
  const fs = builtIn("node:fs/promises");
  const { join, dirname, basename } = builtIn("node:path");
  let temporaries = 0;

  async function writeSynced(path: string, pieces: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): Promise<void> {
    const file = await fs.open(path, "wx");
    try {
      for await (const piece of pieces) await file.writeFile(piece);
      await file.sync();
    } finally {
      await file.close();
    }
  }

  /** Makes something under a temporary name beside `path`, then renames it into place. */
  async function replace(path: string, make: (temporary: string) => Promise<void>): Promise<void> {
    const folder = dirname(path);
    const temporary = join(folder, `.${basename(path)}.${process.pid}.${temporaries++}.part`);
    try {
      await fs.mkdir(folder, { recursive: true });
      await make(temporary);
      await renameOver(temporary, path);
    } catch (error) {
      await fs.rm(temporary, { recursive: true, force: true });
      throw asAsked(error, path);
    }
    await syncFolder(folder);
  }

  /** A folder cannot be renamed over one that holds files, so the old one steps aside first and goes last. */
  async function renameOver(temporary: string, path: string): Promise<void> {
    const old = await fs.stat(path).catch(() => undefined);
    if (!old?.isDirectory()) return fs.rename(temporary, path);
    const aside = `${temporary}.old`;
    await fs.rename(path, aside);
    try {
      await fs.rename(temporary, path);
    } catch (error) {
      await fs.rename(aside, path);
      throw error;
    }
    await fs.rm(aside, { recursive: true, force: true });
  }

  async function syncFolder(path: string): Promise<void> {
    if (process.platform === "win32") return; // Windows cannot open a folder to sync it
    const folder = await fs.open(path, "r");
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  }

  async function look(folder: string, entry: import("node:fs").Dirent): Promise<FolderEntry | undefined> {
    const { name } = entry;
    if (entry.isDirectory()) return { name, folder: true, bytes: 0, modified: 0 };
    if (!entry.isFile() && !entry.isSymbolicLink()) return undefined;
    try {
      const found = await fs.stat(join(folder, name));
      return found.isFile() ? { name, folder: false, bytes: found.size, modified: found.mtimeMs } : undefined;
    } catch {
      return undefined; // gone meanwhile, or a link to nowhere: as good as not there
    }
  }

  return {
    async stat(path) {
      try {
        const found = await fs.stat(path);
        return { bytes: found.size, folder: found.isDirectory(), modified: found.mtimeMs };
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
        throw error;
      }
    },
    async list(path) {
      const entries = await fs.readdir(path, { withFileTypes: true });
      return entries.map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name)).sort();
    },
    async entries(path) {
      const named = await fs.readdir(path, { withFileTypes: true });
      const found: (FolderEntry | undefined)[] = [];
      for (let at = 0; at < named.length; at += STATS_AT_ONCE) {
        found.push(...(await Promise.all(named.slice(at, at + STATS_AT_ONCE).map((entry) => look(path, entry)))));
      }
      return found.filter((entry) => entry !== undefined).sort((a, b) => (a.name < b.name ? -1 : 1));
    },
    watch: (path, options) => watched(builtIn, path, options),
    async glob(pattern) {
      const found: string[] = [];
      for await (const path of fs.glob(pattern)) if ((await fs.stat(path)).isFile()) found.push(path);
      return found.sort();
    },
    async *read(path, start = 0) {
      const file = await fs.open(path, "r");
      try {
        const piece = new Uint8Array(PIECE);
        // Pipes (`<(zcat x)`) take no position: from the start on, the file keeps its own.
        for (let position = start > 0 ? start : null; ;) {
          const { bytesRead } = await file.read(piece, 0, PIECE, position);
          if (bytesRead === 0) return;
          if (position !== null) position += bytesRead;
          yield piece.subarray(0, bytesRead);
        }
      } finally {
        await file.close();
      }
    },
    async readAt(path, position, into) {
      const file = await fs.open(path, "r");
      try {
        let got = 0;
        while (got < into.length) {
          const { bytesRead } = await file.read(into, got, Math.min(into.length - got, 1 << 30), position + got);
          if (bytesRead === 0) break;
          got += bytesRead;
        }
        return got;
      } finally {
        await file.close();
      }
    },
    write: (path, pieces) => replace(path, (temporary) => writeSynced(temporary, pieces)),
    writeFolder: (path, files) =>
      replace(path, async (temporary) => {
        await fs.mkdir(temporary);
        for (const [name, pieces] of Object.entries(files)) await writeSynced(join(temporary, name), pieces);
        await syncFolder(temporary);
      }),
    standardInput: () => process.stdin,
  };
}

/** Changes in batches. A file is watched through its folder, since editors put a new one in its place. */
async function* watched(
  builtIn: BuiltIn,
  path: string,
  { quietMs, signal }: { quietMs: number; signal?: AbortSignal },
): AsyncGenerator<readonly string[], void, void> {
  const fs = builtIn("node:fs");
  const { join, dirname, basename } = builtIn("node:path");
  const folder = fs.statSync(path).isDirectory();
  const changed = new Set<string>();
  let failure: unknown;
  let ring: () => void = () => {};
  let timer: NodeJS.Timeout | undefined;
  const due = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => ring(), quietMs);
  };
  const watcher = fs.watch(folder ? path : dirname(path), { recursive: folder, persistent: true }, (_, name) => {
    if (!folder && name !== basename(path)) return;
    changed.add(folder && name !== null ? join(path, name) : path);
    due();
  });
  const stop = (): void => ring();
  watcher.on("error", (error) => {
    failure = error;
    ring();
  });
  signal?.addEventListener("abort", stop);
  try {
    for (;;) {
      await new Promise<void>((resolve) => {
        ring = resolve;
        if (signal?.aborted || failure) resolve();
      });
      if (failure) throw failure;
      if (signal?.aborted) return;
      const batch = [...changed].sort();
      changed.clear();
      if (batch.length > 0) yield batch;
      if (changed.size > 0) due(); // came while the batch was being dealt with
    }
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", stop);
    watcher.close();
  }
}

/** An error of the system, told of the path that was asked for; other errors as they are. */
function asAsked(error: unknown, path: string): unknown {
  if (!(error instanceof Error) || typeof (error as NodeJS.ErrnoException).syscall !== "string") return error;
  const { code } = error as NodeJS.ErrnoException;
  return new LociError("cannot-write", `"${path}" cannot be written (${code}). Name a place where you may write.`, {
    cause: error,
  });
}

/** Streams read ahead, while a source may reuse its piece: each becomes one of its own. */
async function* copies(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
  for await (const piece of bytes) yield piece.slice();
}

/** Scratch in a temporary file that has no name any more: it is gone when the process is, however it ends. */
class FileScratch implements Scratch {
  readonly #fs: typeof import("node:fs");
  readonly #descriptor: number;
  #bytes = 0;

  constructor(builtIn: BuiltIn) {
    this.#fs = builtIn("node:fs");
    const folder = this.#fs.mkdtempSync(builtIn("node:path").join(builtIn("node:os").tmpdir(), "loci-"));
    this.#descriptor = this.#fs.openSync(`${folder}/scratch`, "wx+");
    if (process.platform !== "win32") this.#fs.rmSync(folder, { recursive: true });
  }

  get bytes(): number {
    return this.#bytes;
  }

  append(bytes: Uint8Array): void {
    this.#write(bytes, this.#bytes);
    this.#bytes += bytes.length;
  }

  read(position: number, into: Uint8Array): void {
    checkScratchRange(position, into.length, this.#bytes);
    for (let got = 0; got < into.length;) {
      const more = this.#fs.readSync(this.#descriptor, into, got, into.length - got, position + got);
      if (more === 0)
        throw new LociError("bad-file", "The temporary file of the scratch was cut short by someone else.");
      got += more;
    }
  }

  write(position: number, bytes: Uint8Array): void {
    checkScratchRange(position, bytes.length, this.#bytes);
    this.#write(bytes, position);
  }

  close(): void {
    this.#fs.closeSync(this.#descriptor);
  }

  #write(bytes: Uint8Array, position: number): void {
    for (let put = 0; put < bytes.length;) {
      put += this.#fs.writeSync(this.#descriptor, bytes, put, bytes.length - put, position + put);
    }
  }
}
