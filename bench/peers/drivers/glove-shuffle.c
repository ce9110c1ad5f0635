/* glove-shuffle COOCCURRENCES OUT TEMPORARY_PREFIX MEMORY_GB: a main for GloVe's shuffle. */
#include <stdlib.h>

int shuffle(char *cooccurrences, char *out, char *temporary, int verbose, float memory_gb);

int main(int count, char **arguments) {
  if (count != 5) return 2;
  return shuffle(arguments[1], arguments[2], arguments[3], 0, atof(arguments[4]));
}
