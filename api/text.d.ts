// loci/text, as scripts/api.ts records it

export interface Corpus {
    readonly vocabulary: Vocabulary;
    readonly tokens: number;
    readonly dropped: number;
    readonly length: number;
    readonly fingerprint: string;
    readonly phrases?: Phrases;
    read(start: number, into: Uint32Array): void;
    close(): void;
}

export type CorpusInput = string | {
    readonly files: readonly string[];
} | {
    readonly texts: Iterable<string> | AsyncIterable<string>;
} | {
    readonly tokens: Iterable<readonly string[]> | AsyncIterable<readonly string[]>;
};

export interface CorpusOptions extends ReadOptions, LongOptions {
    readonly minCount?: number;
    readonly maxVocabulary?: number;
    readonly maxDistinct?: number;
    readonly phrases?: Phrases | PhraseOptions;
}

export declare const LINE_END = 4294967295;

export interface LearnPhrasesOptions extends PhraseOptions, ReadOptions, LongOptions {
    readonly maxDistinct?: number;
}

export interface LinePiece {
    readonly text: string;
    readonly ends: boolean;
}

export type Phrase = readonly [first: string, second: string, score: number];

export interface PhraseOptions {
    readonly threshold?: number;
    readonly minCount?: number;
    readonly passes?: number;
    readonly maxPairs?: number;
}

export declare class Phrases {
    #private;
    readonly passes: readonly (readonly Phrase[])[];
    constructor(passes: readonly (readonly Phrase[])[]);
    join(tokens: readonly string[]): string[];
    toJSON(): {
        format: string;
        version: number;
        passes: readonly (readonly Phrase[])[];
    };
    static fromJSON(json: unknown): Phrases;
}

export interface RangedToken {
    readonly token: string;
    readonly start: number;
    readonly end: number;
}

export interface ReadLinesOptions {
    readonly maxBytes?: number;
}

export interface ReadOptions {
    readonly tokenizer?: WordTokenizer | WordTokenizerOptions;
    readonly sentences?: "line" | "sentence" | "document";
}

export interface SubwordIdOptions extends SubwordOptions {
    readonly buckets: number;
}

export interface SubwordOptions {
    readonly minN: number;
    readonly maxN: number;
}

export declare class WordTokenizer {
    #private;
    readonly mode: "words" | "space";
    readonly case: "lower" | "keep";
    readonly digits: "keep" | "spell" | "zero" | "drop";
    readonly normalization: "NFC" | "NFKC" | "none";
    constructor(options?: WordTokenizerOptions);
    tokenize(text: string): string[];
    tokenizeWithRanges(text: string): RangedToken[];
}

export interface WordTokenizerOptions {
    readonly mode?: "words" | "space";
    readonly case?: "lower" | "keep";
    readonly digits?: "keep" | "spell" | "zero" | "drop";
    readonly normalization?: "NFC" | "NFKC" | "none";
}

export declare function encodeCorpus(input: CorpusInput, options?: CorpusOptions): Promise<Corpus>;

export declare function encodeCorpusSteps(input: CorpusInput, options?: CorpusOptions): AsyncGenerator<Step, Corpus, void>;

export declare function learnPhrases(input: CorpusInput, options?: LearnPhrasesOptions): Promise<Phrases>;

export declare function learnPhrasesSteps(input: CorpusInput, options?: LearnPhrasesOptions): AsyncGenerator<Step, Phrases, void>;

export declare function readLines(bytes: Iterable<Uint8Array> | AsyncIterable<Uint8Array>, { maxBytes }?: ReadLinesOptions): AsyncGenerator<LinePiece, void, void>;

export declare function sentenceEnds(text: string): number[];

export declare function splitSentences(text: string): string[];

export declare function subwordIds(word: string, options: SubwordIdOptions): Uint32Array;

export declare function subwordTexts(word: string, options: SubwordOptions): string[];
