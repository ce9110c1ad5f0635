// loci/evaluate, as scripts/api.ts records it

export interface AnalogyOptions extends LongOptions {
    readonly limit?: number;
    readonly method?: AnalogyMethod;
    readonly lowercase?: boolean;
    readonly interval?: boolean | IntervalOptions;
}

export interface AnalogyResult extends AnalogyScore {
    readonly sections: ({
        readonly name: string;
    } & AnalogyScore)[];
    readonly semantic: AnalogyScore;
    readonly syntactic: AnalogyScore;
    readonly interval?: Interval;
}

export type AnalogyRow = readonly [a: string, b: string, c: string, d: string];

export interface AnalogyScore {
    readonly accuracy: number;
    readonly correct: number;
    readonly found: number;
    readonly total: number;
}

export interface AnalogySection {
    readonly name: string;
    readonly questions: readonly AnalogyRow[];
}

export interface Interval {
    readonly low: number;
    readonly high: number;
    readonly level: number;
    readonly resamples: number;
}

export interface IntervalOptions {
    readonly resamples?: number;
    readonly level?: number;
    readonly seed?: number;
}

export interface WordPair {
    readonly a: string;
    readonly b: string;
    readonly score: number;
}

export interface WordPairOptions {
    readonly subwords?: boolean;
    readonly interval?: boolean | IntervalOptions;
}

export interface WordPairResult {
    readonly spearman: number;
    readonly pearson: number;
    readonly found: number;
    readonly total: number;
    readonly missing: string[];
    readonly interval?: Interval;
}

export declare function bootstrapInterval(count: number, figure: (items: Uint32Array) => number, { resamples, level, seed }?: IntervalOptions): Interval;

export declare function evaluateAnalogies(embedding: Embedding, test: string | readonly AnalogySection[], options?: AnalogyOptions): Promise<AnalogyResult>;

export declare function evaluateAnalogiesSteps(embedding: Embedding, test: string | readonly AnalogySection[], { limit, method, lowercase, interval }?: AnalogyOptions): AsyncGenerator<Step, AnalogyResult, void>;

export declare function evaluateWordPairs(embedding: Embedding, pairs: string | readonly WordPair[], { subwords, interval }?: WordPairOptions): WordPairResult;

export declare function parseAnalogies(text: string): AnalogySection[];

export declare function parseWordPairs(text: string): WordPair[];
