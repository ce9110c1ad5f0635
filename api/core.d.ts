// loci/core, as scripts/api.ts records it

export interface ByteSource {
    readonly name: string;
    readonly bytes: number | undefined;
    read(start?: number): AsyncIterable<Uint8Array>;
    readAt(position: number, into: Uint8Array): Promise<number>;
}

export interface CorpusFile {
    readonly name: string;
    readonly bytes: AsyncIterable<Uint8Array>;
}

export interface CorpusSource {
    readonly paths: readonly string[];
    readonly totalBytes: number;
    readonly bytesRead: number;
    files(): AsyncGenerator<CorpusFile, void, void>;
}

export interface Files {
    stat(path: string): Promise<{
        bytes: number;
        folder: boolean;
        modified: number;
    } | undefined>;
    list(path: string): Promise<string[]>;
    entries(path: string): Promise<FolderEntry[]>;
    watch(path: string, options: {
        quietMs: number;
        signal?: AbortSignal;
    }): AsyncIterable<readonly string[]>;
    glob(pattern: string): Promise<string[]>;
    read(path: string, start?: number): AsyncIterable<Uint8Array>;
    readAt(path: string, position: number, into: Uint8Array): Promise<number>;
    write(path: string, pieces: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): Promise<void>;
    writeFolder(path: string, files: Record<string, Iterable<Uint8Array> | AsyncIterable<Uint8Array>>): Promise<void>;
    standardInput(): AsyncIterable<Uint8Array>;
}

export interface JobContext {
    readonly worker: number;
    readonly workers: number;
    readonly setup: unknown;
    readonly kept: Map<string, unknown>;
}

export type Jobs = Record<string, (input: any, context: JobContext) => any>;

export declare class KeySet {
    #private;
    readonly keys: string[];
    constructor(keys?: string[]);
    readonly refused: number | undefined;
    idOf(key: string): number | undefined;
    add(key: string): boolean;
}

export type Layout = Record<string, Part<unknown>>;

export declare class LociError extends Error {
    readonly name = "LociError";
    readonly code: LociErrorCode;
    constructor(code: LociErrorCode, message: string, options?: ErrorOptions);
}

export type LociErrorCode = "bad-argument" | "bad-file" | "dim-mismatch" | "id-out-of-range" | "unknown-key" | "no-text" | "out-of-memory" | "not-found" | "cannot-write" | "not-supported" | "diverged" | "frozen" | "worker-failed" | "wrong-checkpoint" | "wrong-space" | "peer-missing" | "store-locked" | "read-only" | "network";

export interface LongOptions<S extends Step = Step> {
    readonly signal?: AbortSignal;
    readonly onStep?: (step: S) => void;
}

export declare class Matrix {
    readonly data: Float32Array;
    readonly rows: number;
    readonly dim: number;
    constructor(data: Float32Array, dim: number);
    static zeros(rows: number, dim: number): Matrix;
    static of(rows: readonly ArrayLike<number>[]): Matrix;
    row(r: number): Float32Array;
    copy(): Matrix;
}

export interface Network {
    fetch(url: string, init: RequestInit): Promise<Response>;
    sleep(ms: number, signal?: AbortSignal): Promise<void>;
    wallClock(): number;
}

export interface Part<T> {
    readonly bytes: number;
    readonly view: (buffer: ArrayBufferLike, offset: number) => T;
}

export interface Platform {
    readonly name: "node" | "web";
    now(): number;
    cpuSeconds(): number | undefined;
    readonly cores: number;
    readonly sharedMemory: boolean;
    startWorker(source: string): WorkerLike;
    workerPort(): Promise<WorkerLike | undefined>;
    readonly files: Files | undefined;
    openScratch(): Scratch;
    gunzip(bytes: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array>;
    readonly network: Network;
}

export interface Pool<J extends Jobs> {
    readonly workers: number;
    readonly elsewhere: boolean;
    runAll<N extends keyof J & string>(name: N, input: Input<J, N>): Promise<Output<J, N>[]>;
    close(): Promise<void>;
}

export interface PoolOptions {
    readonly source: string;
    readonly workers: number;
    readonly setup: unknown;
    readonly here?: boolean;
    readonly unshared?: boolean;
}

export declare class Rng {
    #private;
    readonly seed: number;
    readonly stream: number;
    constructor(seed: number, stream?: number);
    at(counter: number): number;
    nextWord(): number;
    next(): number;
    nextBelow(below: number): number;
    nextNormal(): number;
    fillNormal(out: Float32Array): void;
    shuffle<T extends {
        length: number;
        [i: number]: unknown;
    }>(items: T): T;
}

export interface Scratch {
    readonly bytes: number;
    append(bytes: Uint8Array): void;
    read(position: number, into: Uint8Array): void;
    write(position: number, bytes: Uint8Array): void;
    close(): void;
}

export interface Step {
    readonly phase: string;
    readonly done: number;
    readonly total: number;
    readonly rate: number;
    readonly secondsLeft: number;
    readonly note?: string;
}

export type Views<L extends Layout> = {
    readonly [N in keyof L]: L[N] extends Part<infer T> ? T : never;
};

export declare class Vocabulary {
    #private;
    readonly keys: readonly string[];
    readonly counts: Float64Array;
    constructor(keys: readonly string[], counts?: ArrayLike<number>);
    get size(): number;
    has(key: string): boolean;
    idOf(key: string): number | undefined;
    requireId(key: string): number;
    keyOf(id: number): string;
    closeKeys(key: string, limit?: number): string[];
}

export interface WorkerLike {
    post(message: unknown): void;
    listen(onMessage: (message: unknown) => void, onEnd: (error: Error) => void): void;
    hold(busy: boolean): void;
    stop(): Promise<void>;
}

export type Workspace<L extends Layout> = Views<L> & {
    readonly memory: WebAssembly.Memory;
    readonly kernels: Kernels;
    readonly module: WebAssembly.Module | undefined;
};

export declare function base64(bytes: Uint8Array): string;

export declare const bytes: (count: number) => Part<Uint8Array>;

export declare function bytesSource(name: string, bytes: Uint8Array): ByteSource;

export declare function checkNumber(name: string, value: number, least: number, most?: number): void;

export declare function checkOneOf<T extends string>(name: string, value: T, allowed: readonly T[]): T;

export declare function checkWhole(name: string, value: number, least: number, most?: number): void;

export declare function dateOf(milliseconds: number): Date;

export declare const doubles: (count: number) => Part<Float64Array>;

export declare function drain<S extends Step, R>(steps: AsyncGenerator<S, R, void>, { signal, onStep }?: LongOptions<S>): Promise<R>;

export declare function editDistance(a: string, b: string, most?: number): number;

export declare function fileSource(path: string): Promise<ByteSource>;

export declare const floats: (count: number) => Part<Float32Array>;

export declare function fromBase64(text: string): Uint8Array<ArrayBuffer> | undefined;

export declare function hashDigits(lanes: Uint32Array): string;

export declare function hashLanes(...seeds: readonly [number, number, number, number]): Uint32Array;

export declare function hashWord(lane: number, word: number): number;

export declare function hashWords(lanes: Uint32Array, words: Uint32Array): void;

export declare const integers: (count: number) => Part<Int32Array>;

export declare function isDate(value: unknown): value is Date;

export declare function nextTask(): Promise<void>;

export declare function noted<S extends Step, R>(steps: AsyncGenerator<S, R, void>, note: string | undefined): AsyncGenerator<S, R, void>;

export declare function openCorpusSource(paths: string | readonly string[]): Promise<CorpusSource>;

export declare function openPool<J extends Jobs>(jobs: J, options: PoolOptions): Promise<Pool<J>>;

export declare function openWorkspace<L extends Layout>(layout: L, { shared }?: {
    shared?: boolean;
}): Workspace<L>;

export declare function phaseClock(phase: string, total: number, from?: number): (done: number) => Step;

export declare const platform: Platform;

export declare function release({ buffer }: ArrayBufferView): void;

export declare function serve(jobs: Jobs): Promise<void>;

export declare function timeOf(written: string): number;

export declare const words: (count: number) => Part<Uint32Array>;
