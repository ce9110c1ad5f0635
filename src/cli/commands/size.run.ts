/** The work of `loci size`. */
import { columns } from "../columns.ts";
import type { Cli } from "../command.ts";
import { UsageError } from "../failures.ts";
import { binaryByteCount, byteCount, grouped, percent } from "../numbers.ts";
import { openSession } from "../session.ts";
import { tableSize } from "../../table/index.ts";
import type { SizeFlags } from "./size.ts";

/** A transformer around a table: its parameters, and the table's share of them. */
interface Model {
  readonly width: number;
  readonly layers: number;
  readonly tableParameters: number;
  readonly layerParameters: number;
  readonly parameters: number;
  /** The share of the table (and of an untied output matrix), 0 to 1. */
  readonly tableShare: number;
}

export default function size(cli: Cli, flags: SizeFlags, rows: number, dim: number): void {
  const session = openSession(cli, flags);
  const { bytesPerNumber, layers, untied } = flags;
  if (layers === undefined && flags.modelWidth)
    throw new UsageError("--model-width needs --layers. See: loci size --help");
  const table = tableSize({ rows, dim, bytesPerNumber });
  const widths = flags.modelWidth ?? [dim];
  const models = layers === undefined ? [] : widths.map((width) => modelAround(rows, width, layers, untied));
  session.answer({ rows, dim, bytesPerNumber, ...table, ...(layers !== undefined && { models }) }, () => [
    `${grouped(rows)} × ${grouped(dim)} = ${grouped(table.parameters)} parameters`,
    `× ${bytesPerNumber} = ${grouped(table.bytes)} bytes = ${byteCount(table.bytes)} (decimal) = ${binaryByteCount(table.bytes)} (binary)`,
    ...modelLines(models, untied),
  ]);
}

function modelAround(rows: number, width: number, layers: number, untied: boolean): Model {
  const tableParameters = tableSize({ rows, dim: width }).parameters * (untied ? 2 : 1);
  const layerParameters = layers * (12 * width ** 2 + 13 * width);
  const parameters = tableParameters + layerParameters;
  return { width, layers, tableParameters, layerParameters, parameters, tableShare: tableParameters / parameters };
}

function modelLines(models: readonly Model[], untied: boolean): string[] {
  if (models.length === 0) return [];
  const rows = models.map(({ width, layers, tableParameters, layerParameters, parameters, tableShare }) =>
    [width, layers, tableParameters, layerParameters, parameters].map(grouped).concat(percent(tableShare)),
  );
  const heading = ["width", "layers", untied ? "table + output" : "table", "layers'", "whole model", "table's share"];
  return [
    "",
    ...columns(
      [heading, ...rows],
      Array.from(heading, () => "right" as const),
    ),
  ];
}
