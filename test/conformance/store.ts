/** What every store must do: in memory, in SQLite here, on a worker or in a browser, on a server far away. */
import type { Case } from "./case.ts";
import { documentCases } from "./store-documents.ts";
import { findingCases } from "./store-finding.ts";
import { lastingCases } from "./store-lasting.ts";
import { migrationCases } from "./store-migrations.ts";
import type { StoreVariant } from "./store-parts.ts";

export { documentOf, SPACE, type StoreVariant } from "./store-parts.ts";

/** The cases that every store must pass. */
export function storeCases(variant: StoreVariant): Case[] {
  return [...documentCases(variant), ...findingCases(variant), ...lastingCases(variant), ...migrationCases(variant)];
}
