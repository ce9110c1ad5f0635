/*
 * The core's limit of 4-lane multiply-adds, printed as one number: how many a second.
 *
 * 128-bit operations without fused multiply-add, since that is what WebAssembly's SIMD has; operands in the first-level
 * cache; twelve sums in registers, which is what an update kernel of Loci keeps there. The best of twenty slices is
 * printed, because a neighbour on the machine can only slow a slice down. Other processors than x86 get the same loop
 * through the compiler's vector types.
 */
#include <stdio.h>
#include <time.h>

typedef float lanes __attribute__((vector_size(16)));

enum { sums = 12, rows = 64, passes = 20000, slices = 20 };
static lanes row[rows * (sums + 1)];
static float gradient[rows];
static volatile float sink;

int main(void) {
  double best = 0;
  for (int i = 0; i < rows * (sums + 1); i++) row[i] = (lanes){1e-3f * i, 1e-3f, 2e-3f, 3e-3f};
  for (int i = 0; i < rows; i++) gradient[i] = 1e-6f;
  for (int slice = 0; slice < slices; slice++) {
    clock_t start = clock();
    lanes total = {0, 0, 0, 0};
    for (int pass = 0; pass < passes; pass++) {
      lanes sum[sums];
#pragma GCC unroll 12
      for (int q = 0; q < sums; q++) sum[q] = (lanes){0, 0, 0, 0};
      for (int r = 0; r < rows; r++) {
        float g = gradient[r];
        lanes splat = {g, g, g, g};
#pragma GCC unroll 12
        for (int q = 0; q < sums; q++) sum[q] += row[r * (sums + 1) + q] * splat;
      }
#pragma GCC unroll 12
      for (int q = 0; q < sums; q++) total += sum[q];
      __asm__ volatile("" ::: "memory"); /* each pass must read its operands again */
    }
    double seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
    double perSecond = (double)passes * rows * sums / seconds;
    sink = total[0] + total[1] + total[2] + total[3];
    if (perSecond > best) best = perSecond;
  }
  printf("%.0f\n", best);
  return 0;
}
