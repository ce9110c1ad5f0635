// loci/formats, as scripts/api.ts records it

export interface CountedKeys {
    readonly keys: readonly string[];
    readonly counts: Float64Array;
}

export type FileFormat = Exclude<FormatName, "model-directory">;

export type FormatName = "word2vec-text" | "word2vec-binary" | "glove-text" | "fasttext-vec" | "fasttext-bin" | "safetensors" | "npy" | "projector-tsv" | "model-directory";

export interface KeyedRows {
    readonly keys: readonly string[];
    readonly matrix: Matrix;
}

export interface ModelConfig {
    readonly format: "loci-model";
    readonly version: number;
    readonly kind: string;
    readonly rows: number;
    readonly dim: number;
    readonly fingerprint?: string;
    readonly subwords?: {
        readonly minN: number;
        readonly maxN: number;
        readonly bucketCount: number;
    };
    readonly metadata?: Record<string, unknown>;
}

export interface ModelFile extends VectorFile {
    readonly config: ModelConfig;
}

export type ModelFolder = string | Readonly<Record<string, ByteSource>>;

export interface ModelToWrite {
    readonly keys: readonly string[];
    readonly counts?: Float64Array;
    readonly matrix: Matrix;
    readonly output?: Matrix;
    readonly subwords?: Subwords;
    readonly labels?: CountedKeys;
    readonly metadata?: Record<string, unknown>;
}

export interface ModelWriteOptions {
    readonly kind?: string;
    readonly fingerprint?: string;
}

export interface NpyWriteOptions {
    readonly type?: "f4" | "f8" | "f2";
}

export interface ProjectorWriteOptions {
    readonly columns?: Readonly<Record<string, readonly (string | number)[]>>;
}

export interface ReadOptions extends LongOptions {
    readonly limit?: number;
    readonly output?: boolean;
    readonly allowNonFinite?: boolean;
    readonly metadata?: ByteSource;
}

export interface ReadVectorsOptions extends ReadOptions {
    readonly format?: FileFormat;
}

export interface SafetensorsFile {
    readonly tensors: ReadonlyMap<string, Tensor>;
    readonly metadata: Readonly<Record<string, string>>;
}

export interface SafetensorsOptions extends ReadOptions {
    readonly only?: (tensor: TensorInfo) => boolean;
    readonly exact?: (tensor: TensorInfo) => boolean;
}

export interface Subwords {
    readonly minN: number;
    readonly maxN: number;
    readonly bucketCount: number;
    readonly buckets: Matrix;
    readonly pruned?: ReadonlyMap<number, number>;
}

export interface Tensor extends TensorInfo {
    readonly data: Float32Array<ArrayBuffer> | Float64Array;
}

export interface TensorInfo {
    readonly name: string;
    readonly type: string;
    readonly shape: readonly number[];
    readonly begin: number;
    readonly end: number;
}

export interface TensorToWrite {
    readonly shape: readonly number[];
    readonly data: Float32Array | Float64Array | Int32Array | Uint32Array | Int16Array | Uint16Array | Int8Array | Uint8Array;
    readonly type?: "F64" | "F32" | "F16" | "BF16";
}

export interface TextWriteOptions {
    readonly whitespace?: string;
}

export interface VectorFile {
    readonly format: FormatName;
    readonly keys: string[];
    readonly counts?: Float64Array;
    readonly matrix: Matrix;
    readonly output?: Matrix;
    readonly subwords?: Subwords;
    readonly labels?: CountedKeys;
    readonly metadata?: Record<string, unknown>;
    readonly notes: readonly string[];
}

export declare function detectFormat(source: ByteSource): Promise<FileFormat>;

export declare function fromHalf(half: number): number;

export declare function modelDirectoryFiles(model: ModelToWrite, options?: ModelWriteOptions): Record<string, Iterable<Uint8Array>>;

export declare function openVectors(path: string, options?: ReadVectorsOptions): Promise<VectorFile>;

export declare function openVectorsSteps(path: string, options?: ReadVectorsOptions): AsyncGenerator<Step, VectorFile, void>;

export declare function readFastTextBin(source: ByteSource, options?: ReadOptions): Promise<VectorFile>;

export declare function readFastTextBinSteps(source: ByteSource, options?: ReadOptions): AsyncGenerator<Step, VectorFile, void>;

export declare function readFastTextVec(source: ByteSource, options?: ReadOptions): Promise<VectorFile>;

export declare function readFastTextVecSteps(source: ByteSource, options?: ReadOptions): AsyncGenerator<Step, VectorFile, void>;

export declare function readGloveText(source: ByteSource, options?: ReadOptions): Promise<VectorFile>;

export declare function readGloveTextSteps(source: ByteSource, options?: ReadOptions): AsyncGenerator<Step, VectorFile, void>;

export declare function readModelDirectory(folder: ModelFolder, options?: ReadOptions): Promise<ModelFile>;

export declare function readModelDirectorySteps(folder: ModelFolder, options?: ReadOptions): AsyncGenerator<Step, ModelFile, void>;

export declare function readNpy(source: ByteSource, options?: ReadOptions): Promise<Matrix>;

export declare function readNpySteps(source: ByteSource, options?: ReadOptions): AsyncGenerator<Step, Matrix, void>;

export declare function readProjectorTsv(source: ByteSource, options?: ReadOptions): Promise<VectorFile>;

export declare function readProjectorTsvSteps(source: ByteSource, options?: ReadOptions): AsyncGenerator<Step, VectorFile, void>;

export declare function readSafetensors(source: ByteSource, options?: SafetensorsOptions): Promise<SafetensorsFile>;

export declare function readSafetensorsHeader(source: ByteSource): Promise<{
    infos: readonly TensorInfo[];
    metadata: Readonly<Record<string, string>>;
}>;

export declare function readSafetensorsSteps(source: ByteSource, { only, exact }?: SafetensorsOptions): AsyncGenerator<Step, SafetensorsFile, void>;

export declare function readVectors(source: ByteSource, options?: ReadVectorsOptions): Promise<VectorFile>;

export declare function readVectorsSteps(source: ByteSource, options?: ReadVectorsOptions): AsyncGenerator<Step, VectorFile, void>;

export declare function readWord2vecBinary(source: ByteSource, options?: ReadOptions): Promise<VectorFile>;

export declare function readWord2vecBinarySteps(source: ByteSource, options?: ReadOptions): AsyncGenerator<Step, VectorFile, void>;

export declare function readWord2vecText(source: ByteSource, options?: ReadOptions): Promise<VectorFile>;

export declare function readWord2vecTextSteps(source: ByteSource, options?: ReadOptions, format?: "word2vec-text" | "fasttext-vec"): AsyncGenerator<Step, VectorFile, void>;

export declare function toHalf(value: number): number;

export declare function writeFastTextVec(rows: KeyedRows, options?: TextWriteOptions): Iterable<Uint8Array>;

export declare function writeGloveText(rows: KeyedRows, options?: TextWriteOptions): Iterable<Uint8Array>;

export declare function writeModelDirectory(path: string, model: ModelToWrite, options?: ModelWriteOptions): Promise<void>;

export declare function writeNpy(matrix: Matrix, { type }?: NpyWriteOptions): Iterable<Uint8Array>;

export declare function writeProjectorTsv(rows: KeyedRows & {
    readonly counts?: Float64Array;
}, { columns }?: ProjectorWriteOptions): Record<"vectors.tsv" | "metadata.tsv", Iterable<Uint8Array>>;

export declare function writeSafetensors(tensors: Readonly<Record<string, TensorToWrite>>, metadata?: Readonly<Record<string, string>>): Iterable<Uint8Array>;

export declare function writeWord2vecBinary(rows: KeyedRows): Iterable<Uint8Array>;

export declare function writeWord2vecText(rows: KeyedRows, options?: TextWriteOptions): Iterable<Uint8Array>;
