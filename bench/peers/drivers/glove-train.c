/*
 * glove-train SHUFFLED VOCABULARY OUT DIM EPOCHS THREADS X_MAX: a main for GloVe's trainer.
 * Writes OUT.txt, word + context vectors (the program's default model 2); learning rate 0.05 and alpha 0.75 are its
 * defaults too. The program draws from rand() without a seed, so every run starts from the same numbers.
 */
#include <stdio.h>
#include <stdlib.h>

extern int vector_size, num_iter, num_threads, use_binary, model, use_unk_vec;
extern double x_max;

int train(char *shuffled, char *vocabulary, char *out, char *squares, int verbose);

int main(int count, char **arguments) {
  char squares[4096];
  if (count != 8) return 2;
  vector_size = atoi(arguments[4]);
  num_iter = atoi(arguments[5]);
  num_threads = atoi(arguments[6]);
  x_max = atof(arguments[7]);
  use_binary = 0;
  model = 2;
  use_unk_vec = 0;
  snprintf(squares, sizeof squares, "%s.squares", arguments[3]);
  return train(arguments[1], arguments[2], arguments[3], squares, 0);
}
