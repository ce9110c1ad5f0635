/** Text to vectors by asking a server: any that speaks OpenAI's `/v1/embeddings`. */
export { RemoteEncoder } from "./remote-encoder.ts";
export type { RemoteEncoderOptions, RemoteLimits } from "./remote-encoder.ts";
