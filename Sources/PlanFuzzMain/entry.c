#include "PlanFuzzMain.h"

/* With --sanitize=fuzzer the fuzzer brings a main of its own, which takes this one's place. */
__attribute__((weak)) int main(int argc, char **argv) {
  return PlanFuzz_main(argc, argv);
}
