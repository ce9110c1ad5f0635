/**
 * What is fuzzed: for each format some sound files, a reader, and the bound on what reading may allocate.
 */
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { LociError, Matrix, Rng, bytesSource } from "../../src/core/index.ts";
import * as formats from "../../src/formats/index.ts";
import { mutate } from "./mutations.ts";

const FIXTURES = new URL("../../test/fixtures/formats/", import.meta.url);
const fixture = (name: string): Uint8Array => new Uint8Array(readFileSync(new URL(name, FIXTURES)));
const text = (content: string): Uint8Array => new TextEncoder().encode(content);

function whole(pieces: Iterable<Uint8Array>): Uint8Array {
  return new Uint8Array(Buffer.concat([...pieces].map((piece) => piece.slice())));
}

const rows = {
  keys: ["king", "queen", "日本", "x"],
  matrix: Matrix.of([
    [0.5, -1.25, 3],
    [1e-7, 2.5e9, -0.1],
    [1 / 3, 0, -0],
    [7, 8, 9],
  ]),
  counts: Float64Array.of(9, 5, 2, 1),
};

export interface FormatCase {
  readonly name: string;
  readonly files: readonly Uint8Array[];
  /** Typed arrays that reading `bytes` bytes may allocate, all together: times the bytes, and besides. */
  readonly bound: { readonly times: number; readonly besides: number };
  read(bytes: Uint8Array, rng: Rng): Promise<unknown>;
}

/** The bounds of docs/formats/README.md. */
const BOUND = { times: 32, besides: 1 << 14 };
const MODEL = formats.modelDirectoryFiles({
  ...rows,
  output: rows.matrix,
  subwords: {
    minN: 3,
    maxN: 5,
    bucketCount: 9,
    buckets: Matrix.of([
      [1, 2, 3],
      [4, 5, 6],
    ]),
    pruned: new Map([
      [4, 1],
      [7, 0],
    ]),
  },
  labels: { keys: ["a", "b"], counts: Float64Array.of(1, 2) },
  metadata: { epochs: 5 },
});
const MODEL_FILES = Object.entries(MODEL).map(([name, pieces]) => ({ name, bytes: whole(pieces) }));
const PROJECTOR = formats.writeProjectorTsv(rows, { columns: { group: ["a", "b", "a", "b"] } });
const [NUMBERS, NAMES] = [whole(PROJECTOR["vectors.tsv"]), whole(PROJECTOR["metadata.tsv"])];

function reading(format: formats.FileFormat, files: readonly Uint8Array[], bound = BOUND): FormatCase {
  return {
    name: format,
    files,
    bound,
    read: (bytes, rng) => {
      const limit = rng.nextBelow(8) === 0 ? 1 + rng.nextBelow(4) : undefined;
      return formats.readVectors(bytesSource(`fuzzed.${format}`, bytes), { format, ...(limit && { limit }) });
    },
  };
}

/** A model directory of which one file is damaged. */
function modelWith(spoilt: { name: string; bytes: Uint8Array }): FormatCase {
  return {
    name: spoilt.name,
    files: [spoilt.bytes],
    bound: BOUND,
    read(bytes) {
      const sources = MODEL_FILES.map((file) => bytesSource(file.name, file === spoilt ? bytes : file.bytes));
      return formats.readModelDirectory(Object.fromEntries(sources.map((source) => [source.name, source])));
    },
  };
}

const WORD2VEC_TEXT = [
  whole(formats.writeWord2vecText(rows)),
  text("\uFEFF3 2\r\nnew york 0.1 .2 \r\nb 1e-3\t-5.\r\n 1 2\r\n\r\n"),
  text("2 1\na 0.12345678901234567\nb 3.4028236e38"),
  fixture("gensim.txt"),
];
const GLOVE_TEXT = [
  whole(formats.writeGloveText(rows)),
  text("at name@x.y 0.1 0.2\nb 1 2\n. . . 3 4\n"),
  fixture("glove.txt"),
];
const BINARY = [whole(formats.writeWord2vecBinary(rows)), fixture("gensim.bin"), text("2 1\na \0\0\0\0\nb \0\0\0\0\n")];
const NPY = ["f4.npy", "f8.npy", "f2.npy", "fortran.npy", "row.npy"].map(fixture);
const TENSORS = [fixture("python.safetensors"), fixture("half.safetensors")];
const FASTTEXT = ["fasttext.bin", "fasttext-words-only.bin", "fasttext-pruned.ftz", "fasttext-quantized.ftz"].map(
  fixture,
);
/** A code of a byte may stand for 32 numbers: docs/formats/fasttext-bin.md. */
const QUANTIZED = { times: 160, besides: 1 << 14 };

export const FORMAT_CASES: readonly FormatCase[] = [
  reading("word2vec-text", WORD2VEC_TEXT),
  reading("glove-text", GLOVE_TEXT),
  reading("fasttext-vec", [whole(formats.writeFastTextVec(rows)), fixture("fasttext.vec")]),
  reading("word2vec-binary", BINARY),
  reading("fasttext-bin", FASTTEXT, QUANTIZED),
  reading("safetensors", TENSORS),
  reading("npy", NPY),
  {
    name: "projector-tsv",
    files: [NUMBERS, NAMES, text("1\t2\n3\t4\n"), text("a\nb\n")],
    bound: BOUND,
    read(bytes, rng) {
      const sound = bytesSource("sound.tsv", rng.nextBelow(2) === 0 ? NUMBERS : NAMES);
      const fuzzed = bytesSource("fuzzed.tsv", bytes);
      const [source, metadata] = rng.nextBelow(2) === 0 ? [fuzzed, sound] : [sound, fuzzed];
      return formats.readProjectorTsv(source, rng.nextBelow(4) === 0 ? {} : { metadata });
    },
  },
  ...MODEL_FILES.map(modelWith),
  {
    name: "detected",
    files: [...WORD2VEC_TEXT, ...GLOVE_TEXT, ...BINARY, ...NPY, ...TENSORS, ...FASTTEXT],
    bound: QUANTIZED,
    read: (bytes) => formats.readVectors(bytesSource("fuzzed", bytes)),
  },
  {
    name: "gzipped",
    files: [...WORD2VEC_TEXT, ...GLOVE_TEXT, ...BINARY, ...NPY, ...TENSORS, ...FASTTEXT],
    // Nobody knows how much comes: arrays grow with it.
    bound: { times: 320, besides: 8 << 20 },
    read(bytes, rng) {
      const packed = new Uint8Array(gzipSync(bytes, { level: 1 }));
      if (rng.nextBelow(8) === 0) packed[10 + rng.nextBelow(packed.length - 10)]! ^= 1 << rng.nextBelow(8);
      return formats.readVectors(bytesSource("fuzzed.gz", packed));
    },
  },
];

export interface FuzzResult {
  readonly runs: number;
  /** How many files were read all the same, and how many refused. */
  readonly read: number;
  readonly refused: number;
  /** The slowest file, in milliseconds of processor time, so that a busy machine makes no failures. */
  readonly slowestMs: number;
  /** The largest share of its bound that a file allocated. */
  readonly boundShare: number;
}

/**
 * Reads `runs` damaged files. Throws with the seed of the first that ends in anything but a value or a `LociError`, that
 * takes longer than `limitMs`, or that allocates beyond its bound. `onRun` is told of each before it starts.
 */
export async function fuzz(
  format: FormatCase,
  { runs, seed, limitMs, onRun }: { runs: number; seed: number; limitMs: number; onRun?: (run: number) => void },
): Promise<FuzzResult> {
  using allocations = countAllocations();
  let [read, refused, slowestMs, boundShare] = [0, 0, 0, 0];
  for (let run = 0; run < runs; run++) {
    onRun?.(run);
    const rng = new Rng(seed + run);
    const bytes = mutate(format.files, rng);
    const failure = (what: string, cause?: unknown): Error =>
      new Error(`${format.name}, seed ${seed + run} (${bytes.length} bytes): ${what}`, { cause });
    allocations.reset();
    const start = process.cpuUsage();
    try {
      await format.read(bytes, rng);
      read++;
    } catch (error) {
      if (!(error instanceof LociError)) throw failure("ended in another error than LociError", error);
      if (!/^.{1,800}[.?]$/su.test(error.message)) throw failure("said no clear sentence", error);
      refused++;
    }
    const { user, system } = process.cpuUsage(start);
    const took = (user + system) / 1000;
    if (took > limitMs) throw failure(`took ${took} ms, more than ${limitMs}`);
    const most = bytes.length * format.bound.times + format.bound.besides;
    if (allocations.bytes > most) throw failure(`allocated ${allocations.bytes} bytes, bound ${most}`);
    slowestMs = Math.max(slowestMs, took);
    boundShare = Math.max(boundShare, allocations.bytes / most);
  }
  return { runs, read, refused, slowestMs, boundShare };
}

interface Allocations extends Disposable {
  readonly bytes: number;
  reset(): void;
}

const ARRAYS = ["Uint8Array", "Int8Array", "Uint16Array", "Int16Array", "Uint32Array", "Int32Array"] as const;
const FLOATS = ["Float32Array", "Float64Array", "BigInt64Array", "BigUint64Array"] as const;

/** Counts the bytes of all typed arrays made with `new` and `from`, by standing in for their constructors. */
function countAllocations(): Allocations {
  let bytes = 0;
  const scope = globalThis as unknown as Record<string, new (...args: unknown[]) => ArrayBufferView>;
  const names = [...ARRAYS, ...FLOATS];
  const originals = names.map((name) => scope[name]!);
  names.forEach((name, i) => {
    scope[name] = new Proxy(originals[i]!, {
      construct(target, args: unknown[], newTarget) {
        // A hostile size must be caught before it is allocated, or the fuzzing itself would fall.
        const width = (target as unknown as { BYTES_PER_ELEMENT: number }).BYTES_PER_ELEMENT;
        if (typeof args[0] === "number") {
          bytes += args[0] * width;
          if (bytes > 2 ** 31) throw new Error(`an array of ${args[0]} numbers was asked for`);
        }
        const made = Reflect.construct(target, args, newTarget === scope[name] ? target : newTarget) as ArrayBufferView;
        if (typeof args[0] !== "number" && !(args[0] instanceof ArrayBuffer)) bytes += made.byteLength;
        return made;
      },
    });
  });
  return {
    get bytes() {
      return bytes;
    },
    reset() {
      bytes = 0;
    },
    [Symbol.dispose]() {
      names.forEach((name, i) => (scope[name] = originals[i]!));
    },
  };
}
