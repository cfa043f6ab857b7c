#pragma once

#include <stddef.h>
#include <stdint.h>

/* Defined in Swift: feeds the files named on the command line to the fuzz target. */
int PlanFuzz_main(int argc, char **argv);

/* Changes some of the count bytes, which may become up to limit, as the fuzzer does of itself, and
   returns how many they are; without the fuzzer they stay as they are. */
size_t PlanFuzz_mutateBytes(uint8_t *data, size_t count, size_t limit);
