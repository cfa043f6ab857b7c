#include "FuzzMain.h"

#include <stdio.h>
#include <stdlib.h>

/* Defined by the fuzz target. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t count);

/* With --sanitize=fuzzer, the fuzzer's own main replaces this one. */
__attribute__((weak)) int main(int argc, char **argv) {
  return Fuzz_replay(argc, argv);
}

int Fuzz_replay(int argc, char **argv) {
  for (int index = 1; index < argc; index += 1) {
    FILE *file = fopen(argv[index], "rb");
    uint8_t *data = NULL;
    size_t count = 0, capacity = 0;
    while (file != NULL && !feof(file) && !ferror(file)) {
      if (count == capacity) {
        capacity = capacity * 2 + 65536;
        data = realloc(data, capacity);
        if (data == NULL) abort();
      }
      count += fread(data + count, 1, capacity - count, file);
    }
    if (file == NULL || ferror(file)) {
      perror(argv[index]);
      return 1;
    }
    fclose(file);
    LLVMFuzzerTestOneInput(data, count);
    free(data);
  }
  return 0;
}

__attribute__((weak)) size_t LLVMFuzzerMutate(uint8_t *data, size_t count, size_t limit);

size_t Fuzz_mutateBytes(uint8_t *data, size_t count, size_t limit) {
  return LLVMFuzzerMutate ? LLVMFuzzerMutate(data, count, limit) : count;
}
