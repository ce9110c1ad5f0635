// loci/math, as scripts/api.ts records it

export interface Dense {
    readonly data: ArrayLike<number>;
    readonly rows: number;
    readonly dim: number;
}

export interface Dense64 extends Dense {
    readonly data: Float64Array;
}

export interface Hit {
    readonly id: number;
    readonly score: number;
}

export interface PrincipalAxes {
    readonly mean: Float64Array;
    readonly axes: Dense64;
    readonly variances: Float64Array;
    readonly total: number;
}

export interface Svd {
    readonly u: Dense64;
    readonly s: Float64Array;
    readonly v: Dense64;
}

export declare class TopK {
    #private;
    readonly k: number;
    constructor(k: number);
    get size(): number;
    get threshold(): number;
    offer(id: number, score: number): void;
    take(): Hit[];
}

export declare function averagePrecision(grades: ArrayLike<number>, relevant: number, k?: number): number;

export declare function byScore(a: Hit, b: Hit): number;

export declare function cosine(a: ArrayLike<number>, b: ArrayLike<number>): number;

export declare function dot(a: ArrayLike<number>, b: ArrayLike<number>): number;

export declare function euclidean(a: ArrayLike<number>, b: ArrayLike<number>): number;

export declare function mean(values: ArrayLike<number>): number;

export declare function ndcg(grades: ArrayLike<number>, judged: ArrayLike<number>, k: number): number;

export declare function norm(a: ArrayLike<number>): number;

export declare function normalize(a: ArrayLike<number>): Float32Array;

export declare function pearson(a: ArrayLike<number>, b: ArrayLike<number>): number;

export declare function precisionAt(grades: ArrayLike<number>, k: number): number;

export declare function principalAxes({ data, rows, dim }: Matrix, count: number): Generator<void, PrincipalAxes, void>;

export declare function procrustes(a: Dense, b: Dense): Dense64;

export declare function ranks(values: ArrayLike<number>): Float64Array;

export declare function recallAt(grades: ArrayLike<number>, relevant: number, k: number): number;

export declare function reciprocalRank(grades: ArrayLike<number>, k?: number): number;

export declare function softmax(scores: ArrayLike<number>): Float64Array;

export declare function spearman(a: ArrayLike<number>, b: ArrayLike<number>): number;

export declare function squaredEuclidean(a: ArrayLike<number>, b: ArrayLike<number>): number;

export declare function svd(a: Dense): Svd;
