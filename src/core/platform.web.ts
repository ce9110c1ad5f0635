/**
 * The platform in browsers: Web Workers from inline text, memory for scratch, no files by path.
 */
import { LociError } from "./error.ts";
import { network } from "./platform.network.ts";
import type { Platform, Scratch, WorkerLike } from "./platform.ts";
import { checkScratchRange } from "./scratch-range.ts";

export function webPlatform(): Platform {
  return {
    name: "web",
    now: () => performance.now() / 1000,
    cpuSeconds: () => undefined,
    cores: globalThis.navigator?.hardwareConcurrency ?? 1,
    sharedMemory: globalThis.crossOriginIsolated && typeof SharedArrayBuffer === "function",
    startWorker(source) {
      const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
      const worker = new Worker(url, { type: "module" });
      return overPort(worker, async () => {
        worker.terminate();
        URL.revokeObjectURL(url);
      });
    },
    async workerPort() {
      const scope = globalThis as unknown as { WorkerGlobalScope?: unknown };
      if (!scope.WorkerGlobalScope) return undefined;
      return overPort(globalThis as unknown as Worker, async () => globalThis.close());
    },
    files: undefined,
    network,
    openScratch: () => new MemoryScratch(),
    async *gunzip(bytes) {
      const reader = readable(bytes).pipeThrough(new DecompressionStream("gzip")).getReader();
      for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
    },
  };
}

function readable(bytes: AsyncIterable<Uint8Array>): ReadableStream<Uint8Array<ArrayBuffer>> {
  const iterator = bytes[Symbol.asyncIterator]();
  return new ReadableStream({
    async pull(controller) {
      const next = await iterator.next();
      if (next.done) controller.close();
      else controller.enqueue(next.value.slice());
    },
  });
}

function overPort(port: Worker, stop: () => Promise<void>): WorkerLike {
  return {
    post: (message) => port.postMessage(message),
    listen(onMessage, onEnd) {
      port.addEventListener("message", (event) => onMessage(event.data));
      port.addEventListener("error", (event) =>
        onEnd(new LociError("worker-failed", `A worker failed: ${event.message}`)),
      );
    },
    hold() {},
    stop,
  };
}

/** Scratch in memory: blocks of 4 MB, so that growing copies nothing. */
export class MemoryScratch implements Scratch {
  static readonly #BLOCK = 1 << 22;
  readonly #blocks: Uint8Array[] = [];
  #bytes = 0;

  get bytes(): number {
    return this.#bytes;
  }

  append(bytes: Uint8Array): void {
    const position = this.#bytes;
    this.#bytes += bytes.length;
    while (this.#blocks.length * MemoryScratch.#BLOCK < this.#bytes)
      this.#blocks.push(new Uint8Array(MemoryScratch.#BLOCK));
    this.write(position, bytes);
  }

  read(position: number, into: Uint8Array): void {
    this.#spans(position, into.length, (block, from, to, at) => into.set(block.subarray(from, to), at));
  }

  write(position: number, bytes: Uint8Array): void {
    this.#spans(position, bytes.length, (block, from, to, at) => block.set(bytes.subarray(at, at + to - from), from));
  }

  close(): void {
    this.#blocks.length = 0;
    this.#bytes = 0;
  }

  /** Walks the blocks that hold [position, position + length): `visit(block, from, to, offset within the range)`. */
  #spans(
    position: number,
    length: number,
    visit: (block: Uint8Array, from: number, to: number, at: number) => void,
  ): void {
    checkScratchRange(position, length, this.#bytes);
    for (let at = 0; at < length;) {
      const from = (position + at) % MemoryScratch.#BLOCK;
      const to = Math.min(MemoryScratch.#BLOCK, from + length - at);
      visit(this.#blocks[Math.floor((position + at) / MemoryScratch.#BLOCK)]!, from, to, at);
      at += to - from;
    }
  }
}
