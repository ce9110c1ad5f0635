/**
 * Conditions on metadata, as data: what a store turns into its own query language, and what is tested here for the stores
 * that have none.
 *
 * `{ lang: "en", year: { gte: 2020 } }` is short for `and`. What it means, exactly, in every store:
 *
 * - A field has **members**: the value itself, or the values of its list. `null` is no member. A field without members
 *   (missing, null, an empty list) is **not there**.
 * - `eq`, `in`, `lt`, `lte`, `gt` and `gte` of one condition pass where **one and the same member** meets them all: of
 *   `[2018, 2025]` none lies in `{ gte: 2019, lt: 2024 }`. A field that is not there meets none of them.
 * - `eq: null` passes where the field is not there; so does `in` where its list holds null.
 * - `ne` is the opposite of `eq`: `ne: "x"` passes where no member is "x", so also where the field is not there.
 *   `exists: true` passes where the field is there, `exists: false` where it is not.
 * - Strings, numbers, booleans and dates are four types, and a comparison between two of them never passes. Numbers and
 *   dates compare by size, strings by their code points (as SQLite, PostgreSQL's "C" and Lucene do; not by any language).
 *   Booleans have no order.
 * - Conditions on several fields are all asked. `and` of none passes, `or` of none and `in` of none do not. `not` turns the
 *   answer round.
 * - `undefined` is refused, wherever it stands: a variable somebody forgot to set must not open a filter. So are NaN,
 *   infinities and invalid dates, which nothing equals.
 *
 * `condition.ts` reads filters into what evaluators and stores work with; `passes` is the plain evaluator.
 */

/** What metadata may hold. Dates are kept as dates. Numbers are finite. */
export type MetaValue = string | number | boolean | Date | null;
/** The metadata of a document: fields by name, each a value or a list of them. */
export type Meta = Readonly<Record<string, MetaValue | readonly MetaValue[]>>;

/** What is asked of one field; several are all asked. */
export interface FieldCondition {
  readonly eq?: MetaValue;
  readonly ne?: MetaValue;
  readonly in?: readonly MetaValue[];
  readonly lt?: string | number | Date;
  readonly lte?: string | number | Date;
  readonly gt?: string | number | Date;
  readonly gte?: string | number | Date;
  /** Whether the field is there (null counts as not there). */
  readonly exists?: boolean;
}

/**
 * Fields by name, and `and`, `or`, `not` of filters. The empty filter passes everything. Fields of these three names can be
 * kept but not asked for. At most 10,000 values and 50 levels of `and`, `or` and `not`.
 */
export type Filter = {
  readonly and?: readonly Filter[];
  readonly or?: readonly Filter[];
  readonly not?: Filter;
} & { readonly [field: string]: MetaValue | FieldCondition | readonly Filter[] | Filter | undefined };
