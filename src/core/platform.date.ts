/**
 * Dates as values: points in time that somebody wrote down, not the clock.
 *
 * The rest of Loci may not say `Date`, so that nothing depends on when it runs; metadata may hold dates all the same, and
 * telling and making them is all it needs.
 */

/** Whether a value is a date, also one of another realm (a frame, a worker). */
export function isDate(value: unknown): value is Date {
  return value instanceof Date || Object.prototype.toString.call(value) === "[object Date]";
}

/** The date `milliseconds` after 1970-01-01T00:00Z. */
export function dateOf(milliseconds: number): Date {
  return new Date(milliseconds);
}

/** Milliseconds since 1970 of a date that somebody wrote down (ISO 8601, or as HTTP has it); NaN where it is none. */
export function timeOf(written: string): number {
  return Date.parse(written);
}
