#pragma once

#include <stddef.h>
#include <stdint.h>

/* Defined in Swift. Gives the files named on the command line to the fuzz target. */
int PlanFuzz_main(int argc, char **argv);

/* Changes some of the count bytes as the fuzzer does by default, and returns the new count, which is
   at most limit. Without the fuzzer, the bytes stay the same. */
size_t PlanFuzz_mutateBytes(uint8_t *data, size_t count, size_t limit);
