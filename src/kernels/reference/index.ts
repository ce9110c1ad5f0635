/** The plain twin of every kernel: what a student reads and what the tests believe. */
export { addScaled, dots, dotsAt, normalizeRows, squaredDistances } from "./dots.ts";
export { cos, exp, log, pow, sin } from "./elementary.ts";
export { mix } from "./mix.ts";
