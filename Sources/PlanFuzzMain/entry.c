#include "PlanFuzzMain.h"

/* With --sanitize=fuzzer, the fuzzer's own main replaces this one. */
__attribute__((weak)) int main(int argc, char **argv) {
  return PlanFuzz_main(argc, argv);
}

__attribute__((weak)) size_t LLVMFuzzerMutate(uint8_t *data, size_t count, size_t limit);

size_t PlanFuzz_mutateBytes(uint8_t *data, size_t count, size_t limit) {
  return LLVMFuzzerMutate ? LLVMFuzzerMutate(data, count, limit) : count;
}
