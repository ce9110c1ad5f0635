/**
 * How vectors become codes: what src/index/codec.ts trained, as a record in memory.
 *
 * TypeScript writes it (`CODEC_FIELDS` there has the same fields in the same order; a test compares the two files); every
 * kernel that encodes takes its address, so that any index in any memory can use it. All fields are 32 bits wide.
 */

/** Values of `transform`: what is done to a vector before it is projected. */
export const AS_IT_IS: u32 = 0;
/** Cosine: divided by its length. */
export const UNIT: u32 = 1;
/** Dot product: rows get one more number, so that all are equally long, and queries a length that fits. */
export const LIFTED: u32 = 2;

@unmanaged
export class Codec {
  dim: u32; // numbers of a vector
  width: u32; // numbers that are projected: dim, one more where lifted, zeros up to a multiple of 8
  codes: u32; // d': numbers of a code, a multiple of 4
  stride: u32; // bytes of a row: codes, zeros, and the i32 constant in the last four; a multiple of 64
  transform: u32;
  mean: usize; // f32 × width, in steps
  matrix: usize; // i16 × codes × width: rows of the projection, 2¹⁴ long
  inverseStep: f32; // steps a unit of the input
  inputScale: f32; // what makes steps i16
  beta: f32; // how much of the energy outside the projection goes into the constant
  ceiling: f32; // lifted: the length that rows are lifted to, and queries are given; in units of the input
}
