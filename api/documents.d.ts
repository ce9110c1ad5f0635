// loci/documents, as scripts/api.ts records it

export interface Chunk extends TextRange {
    readonly text: string;
    readonly tokens: number;
    readonly repeats: number;
    readonly lines: LineRange;
    readonly headings: readonly string[];
}

export interface ChunkCodeOptions extends ChunkOptions {
    readonly language?: string;
    readonly by?: "auto" | "syntax" | "lines";
}

export interface ChunkOptions {
    readonly size?: number;
    readonly overlap?: number;
    readonly countTokens?: CountTokens;
}

export interface ChunkSemanticOptions extends ChunkOptions {
    readonly embed: (texts: readonly string[]) => Promise<Matrix>;
    readonly window?: number;
    readonly contrast?: number;
}

export interface CodeBlock extends TextRange {
    readonly language: string;
}

export type CountTokens = (text: string) => number;

export interface CsvOptions extends RowOptions {
    readonly delimiter?: string;
    readonly header?: boolean;
}

export declare const DEFAULT_EXCLUDES: readonly string[];

export declare const DOCUMENT_KINDS: readonly DocumentKind[];

export type DocumentKind = "text" | "markdown" | "html" | "code" | "json" | "jsonl" | "csv" | "tsv" | "pdf" | "docx";

export type FieldValue = string | number | boolean | readonly (string | number | boolean)[];

export interface Heading extends TextRange {
    readonly level: number;
    readonly title: string;
}

export interface HtmlOptions {
    readonly boilerplate?: "drop" | "keep";
}

export declare class IgnoreRules {
    #private;
    constructor(lines: readonly string[]);
    static parse(text: string): IgnoreRules;
    excludes(path: string, folder: boolean): boolean | undefined;
}

export declare class LineIndex {
    #private;
    constructor(text: string);
    get count(): number;
    startOf(line: number): number;
    lineAt(offset: number): number;
    linesOf({ start, end }: {
        readonly start: number;
        readonly end: number;
    }): LineRange;
}

export interface LineRange {
    readonly first: number;
    readonly last: number;
}

export interface MarkdownOutline {
    readonly headings: readonly Heading[];
    readonly code: readonly CodeBlock[];
    readonly title: string | undefined;
}

export interface Origin {
    range(part: TextRange): TextRange;
    lines(part: TextRange): LineRange;
    readonly lineMap: string | undefined;
}

export interface ReadDocumentsOptions extends CsvOptions, HtmlOptions {
    readonly kind?: DocumentKind;
    readonly encoding?: string;
    readonly maxBytes?: number;
}

export interface RowOptions {
    readonly textFields?: readonly string[];
}

export interface TextDocument {
    readonly kind: DocumentKind;
    readonly text: string;
    readonly title: string | undefined;
    readonly row: number | undefined;
    readonly language: string | undefined;
    readonly fields: Readonly<Record<string, FieldValue>>;
    readonly origin: Origin | undefined;
}

export interface TextRange {
    readonly start: number;
    readonly end: number;
}

export declare function binaryReason(head: Uint8Array): string | undefined;

export declare function chunkCode(text: string, options?: ChunkCodeOptions): Promise<Chunk[]>;

export declare function chunkDocument(document: TextDocument, options?: ChunkOptions): Promise<Chunk[]>;

export declare function chunkFixed(text: string, options?: ChunkOptions): Chunk[];

export declare function chunkMarkdown(text: string, options?: ChunkOptions): Chunk[];

export declare function chunkRecursive(text: string, options?: ChunkOptions): Chunk[];

export declare function chunkSemantic(text: string, options: ChunkSemanticOptions): Promise<Chunk[]>;

export declare function chunkSentences(text: string, options?: ChunkOptions): Chunk[];

export declare function countWords(text: string): number;

export declare function decodeText(bytes: Uint8Array, name: string, encoding?: string): string;

export declare function headingPathAt(headings: readonly Heading[], offset: number): string[];

export declare function kindOf(name: string, head: Uint8Array): DocumentKind;

export declare function kindOfName(name: string): DocumentKind | undefined;

export declare function languageOfName(name: string): string | undefined;

export declare function markdownOutline(text: string): MarkdownOutline;

export declare function pageAt(text: string, offset: number): number;

export declare function readCsv(pieces: Iterable<string> | AsyncIterable<string>, name: string, kind: "csv" | "tsv", options?: CsvOptions): AsyncGenerator<TextDocument, void, void>;

export declare function readDocuments(source: ByteSource, options?: ReadDocumentsOptions): AsyncGenerator<TextDocument, void, void>;

export declare function readDocx(bytes: Uint8Array, name: string): Promise<TextDocument>;

export declare function readHtml(source: string, { boilerplate }?: HtmlOptions, name?: string): Promise<TextDocument>;

export declare function readJson(source: string, name: string, options?: RowOptions): Generator<TextDocument, void, void>;

export declare function readLineMap(map: string): number[];

export declare function readPdf(bytes: Uint8Array, name: string): Promise<TextDocument>;
