/* glove-cooccur CORPUS VOCABULARY OUT WINDOW OVERFLOW_PREFIX MEMORY_GB: a main for GloVe's cooccur (symmetric window). */
#include <stdlib.h>

int cooccur(char *corpus, char *vocabulary, char *out, int verbose, int symmetric, int window, char *overflow,
            float memory_gb, char *log);

int main(int count, char **arguments) {
  if (count != 7) return 2;
  return cooccur(arguments[1], arguments[2], arguments[3], 0, 1, atoi(arguments[4]), arguments[5], atof(arguments[6]),
                 "/dev/null");
}
