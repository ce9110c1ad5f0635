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

export interface JudgedQuery {
    readonly id: string;
    readonly text: string;
    readonly relevant: ReadonlyMap<string, number>;
}

export interface JudgedRanking {
    readonly id: string;
    readonly figures: Readonly<Record<string, number>>;
}

export interface RetrievalComparison {
    readonly measure: string;
    readonly count: number;
    readonly a: number;
    readonly b: number;
    readonly difference: number;
    readonly interval: Interval;
    readonly p: number;
    readonly better: number;
    readonly worse: number;
    readonly equal: number;
}

export interface RetrievalDocument {
    readonly id: string;
    readonly title: string;
    readonly text: string;
}

export type RetrievalFolder = string | Readonly<Record<string, ByteSource>>;

export type RetrievalMeasure = `ndcg@${number}` | `recall@${number}` | `precision@${number}` | "mrr" | `mrr@${number}` | "map" | `map@${number}`;

export interface RetrievalOptions extends LongOptions {
    readonly queries: readonly JudgedQuery[];
    readonly search: RetrievalSearch;
    readonly measures?: readonly RetrievalMeasure[];
    readonly depth?: number;
    readonly interval?: boolean | IntervalOptions;
}

export interface RetrievalResult {
    readonly figures: Readonly<Record<string, number>>;
    readonly intervals?: Readonly<Record<string, Interval>>;
    readonly count: number;
    readonly skipped: readonly string[];
    readonly rankings: readonly JudgedRanking[];
}

export type RetrievalSearch = (query: JudgedQuery, k: number) => readonly string[] | Promise<readonly string[]>;

export interface RetrievalSet {
    readonly name: string;
    readonly queries: readonly JudgedQuery[];
    readonly documents: () => AsyncIterable<RetrievalDocument>;
}

export interface RetrievalSetOptions {
    readonly split?: string;
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

export declare function compareRetrieval(a: RetrievalResult, b: RetrievalResult, { measure, resamples, seed, level, }?: IntervalOptions & {
    readonly measure?: RetrievalMeasure;
}): RetrievalComparison;

export declare function evaluateAnalogies(embedding: Embedding, test: string | readonly AnalogySection[], options?: AnalogyOptions): Promise<AnalogyResult>;

export declare function evaluateAnalogiesSteps(embedding: Embedding, test: string | readonly AnalogySection[], { limit, method, lowercase, interval }?: AnalogyOptions): AsyncGenerator<Step, AnalogyResult, void>;

export declare function evaluateRetrieval(options: RetrievalOptions): Promise<RetrievalResult>;

export declare function evaluateRetrievalSteps(options: Omit<RetrievalOptions, keyof LongOptions>): AsyncGenerator<Step, RetrievalResult, void>;

export declare function evaluateWordPairs(embedding: Embedding, pairs: string | readonly WordPair[], { subwords, interval }?: WordPairOptions): WordPairResult;

export declare function openRetrievalSet(folder: RetrievalFolder, { split }?: RetrievalSetOptions): Promise<RetrievalSet>;

export declare function parseAnalogies(text: string): AnalogySection[];

export declare function parseRetrievalPairs(text: string): JudgedQuery[];

export declare function parseWordPairs(text: string): WordPair[];
