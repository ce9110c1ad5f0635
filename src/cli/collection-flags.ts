/** Arguments and options that all commands about collections share. */
import { text, textFlag } from "./command.ts";

/** The argument that names a collection. */
export const collectionArgument = {
  brief: "A collection: the file that `loci index` made",
  placeholder: "FILE",
  parse: text,
} as const;

/** Conditions on metadata. */
export const whereFlag = {
  kind: "parsed",
  parse: text,
  variadic: true,
  brief: "Only documents whose metadata fit: lang=en, year>=2020, kind!=code; given several times, all must",
  placeholder: "CONDITION",
  optional: true,
} as const;

/** Another model than the one a collection remembers. */
export const modelFlag = textFlag(
  "The model, where the collection does not keep it: a folder or a file of vectors",
  "MODEL",
);
