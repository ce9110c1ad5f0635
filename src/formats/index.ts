/** Other people's files and our own, one file a format: bytes in, plain data out, and back. */
export { detectFormat } from "./detect.ts";
export type { FileFormat } from "./detect.ts";
export { readFastTextBin, readFastTextBinSteps } from "./fasttext-bin.ts";
export { readFastTextVec, readFastTextVecSteps, writeFastTextVec } from "./fasttext-vec.ts";
export { readGloveText, readGloveTextSteps, writeGloveText } from "./glove-text.ts";
export {
  modelDirectoryFiles,
  readModelDirectory,
  readModelDirectorySteps,
  writeModelDirectory,
} from "./model-directory.ts";
export type { ModelConfig, ModelFile, ModelFolder, ModelToWrite, ModelWriteOptions } from "./model-directory.ts";
export { readNpy, readNpySteps, writeNpy } from "./npy.ts";
export type { NpyWriteOptions } from "./npy.ts";
export { readProjectorTsv, readProjectorTsvSteps, writeProjectorTsv } from "./projector-tsv.ts";
export type { ProjectorWriteOptions } from "./projector-tsv.ts";
export { openVectors, openVectorsSteps, readVectors, readVectorsSteps } from "./read-vectors.ts";
export type { ReadVectorsOptions } from "./read-vectors.ts";
export { readSafetensors, readSafetensorsHeader, readSafetensorsSteps, writeSafetensors } from "./safetensors.ts";
export type { SafetensorsFile, SafetensorsOptions, Tensor, TensorInfo, TensorToWrite } from "./safetensors.ts";
export type { TextWriteOptions } from "./text-write.ts";
export type { CountedKeys, FormatName, KeyedRows, ReadOptions, Subwords, VectorFile } from "./vector-file.ts";
export { readWord2vecBinary, readWord2vecBinarySteps, writeWord2vecBinary } from "./word2vec-binary.ts";
export { readWord2vecText, readWord2vecTextSteps, writeWord2vecText } from "./word2vec-text.ts";
export { fromHalf, toHalf } from "./half.ts";
