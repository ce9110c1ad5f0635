/** Everything the kernel module exports. Built twice from here, for plain and for shared memory. */
export { cos, exp, log, pow, sin } from "./elementary";
export { addScaled, dots, dotsAt, normalizeRows, squaredDistances } from "./dots";
