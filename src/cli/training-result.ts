/** What a training has come to, in figures that other programs compare. */
import { createHash } from "node:crypto";
import { type Step, platform } from "../core/index.ts";
import type { Embedding } from "../table/index.ts";

export interface TrainingResult {
  /** Tokens read, over all epochs. */
  readonly tokens: number;
  /** How many words have a vector. */
  readonly vocabulary: number;
  /** Wall seconds of training, reading the corpus aside. */
  readonly seconds: number;
  /** Processor seconds of training, over all threads; null where the platform does not tell. */
  readonly cpuSeconds: number | null;
  /** Tokens per CPU second of training, in this run alone; null as above, and where there was nothing left to train. */
  readonly tokensPerSecond: number | null;
  /** SHA-256 of the vectors: rows in order of id, little-endian float32. */
  readonly hash: string;
}

/** The phases in which text becomes ids; what comes after them is training. */
const READING: ReadonlySet<string> = new Set(["read", "phrases", "encode"]);

/** Times a training by its steps: from the end of reading to `stop`. */
export class TrainingClock {
  #wall = platform.now();
  #cpu = platform.cpuSeconds();

  #before: number | undefined; // the share that an earlier run had trained, when this one goes on from a checkpoint

  /** To be told of every step. */
  step(step: Step): void {
    if (READING.has(step.phase)) this.#start();
    if (step.phase === "train" && "seconds" in step)
      this.#before ??= (step.done - step.rate * Number(step.seconds)) / step.total;
  }

  #start(): void {
    this.#wall = platform.now();
    this.#cpu = platform.cpuSeconds();
  }

  /** The figures of what was trained just now. */
  stop({ provenance, size, matrix }: Embedding): TrainingResult {
    const seconds = platform.now() - this.#wall;
    const cpu = platform.cpuSeconds();
    const cpuSeconds = cpu === undefined || this.#cpu === undefined ? null : cpu - this.#cpu;
    const tokens = Number(provenance["tokens"] ?? 0);
    return {
      tokens,
      vocabulary: size,
      seconds,
      cpuSeconds,
      tokensPerSecond:
        this.#before === undefined || !cpuSeconds
          ? null
          : (tokens - Math.max(0, Math.round(tokens * this.#before))) / cpuSeconds,
      hash: vectorsHash(matrix.data),
    };
  }
}

/** SHA-256 of numbers as little-endian float32, in hexadecimal. */
export function vectorsHash({ buffer, byteOffset, byteLength }: Float32Array): string {
  return createHash("sha256")
    .update(new Uint8Array(buffer, byteOffset, byteLength))
    .digest("hex");
}

/** A key worth asking about: a frequent word that is long enough to mean something. */
export function tellingKey({ vocabulary }: Embedding): string {
  const { keys } = vocabulary;
  return keys.find((key, id) => id >= 30 && /^\p{L}{5,}$/u.test(key)) ?? keys[Math.min(10, keys.length - 1)]!;
}
