/** Text to vectors, with models that exist. */
export type { EmbedOptions, Encoder } from "./encoder.ts";
export { HashingEncoder } from "./hashing-encoder.ts";
export type { HashingEncoderOptions } from "./hashing-encoder.ts";
export { StaticEncoder } from "./static-encoder.ts";
export type { StaticEncoderOptions } from "./static-encoder.ts";
export type { StaticSettings } from "./static-files.ts";
