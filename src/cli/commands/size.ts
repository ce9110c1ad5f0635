/** `loci size`: what a table weighs, and its share of a model. */
import { type CommonFlags, defineCommand, switchFlag, wholeFlag, wholeNumber } from "../command.ts";

export interface SizeFlags extends CommonFlags {
  readonly bytesPerNumber: number;
  readonly layers?: number;
  readonly modelWidth?: readonly number[];
  readonly untied: boolean;
}

export const size = defineCommand<SizeFlags, [number, number]>({
  brief: "Parameters and bytes of a table of V rows of d numbers",
  usage: "V d [--bytes-per-number 4] [--layers 12]",
  details: [
    "A table of V rows (tokens, words, items) of width d has V × d parameters, each of 4 bytes in float32. With --layers " +
      "it also shows the table's share of a transformer around it, each of whose layers has about 12 w² + 13 w parameters " +
      "at width w (four w × w projections of attention, two of w × 4w in the feed-forward part, biases and norms).",
  ],
  examples: [
    { command: "loci size 50_000 768", says: "38,400,000 parameters: 153.6 MB, or 146.5 MiB" },
    { command: "loci size 50_000 768 --bytes-per-number 2", says: "in float16" },
    {
      command: "loci size 50_000 768 --layers 12 --model-width 256,768,4096",
      says: "the table's share of whole models of those widths",
    },
  ],
  positional: {
    kind: "tuple",
    parameters: [
      { brief: "Rows: how many tokens, words or items", placeholder: "V", parse: wholeNumber },
      { brief: "Width: how many numbers each", placeholder: "d", parse: wholeNumber },
    ],
  },
  names: { rows: "V", dim: "d" },
  flags: {
    bytesPerNumber: {
      kind: "parsed",
      parse: wholeNumber,
      brief: "4 for float32, 2 for float16, 1 for int8",
      placeholder: "N",
      default: "4",
    },
    layers: wholeFlag("Layers of a transformer around the table"),
    modelWidth: {
      kind: "parsed",
      parse: wholeNumber,
      variadic: ",",
      brief: "Its widths, one or several; the table takes each as its d (default: d alone)",
      placeholder: "W,W",
      optional: true,
    },
    untied: switchFlag("Give the model an output matrix of its own, as large as the table again"),
  },
  load: () => import("./size.run.ts"),
});
