#pragma once

#include <stddef.h>
#include <stdint.h>

/* Gives the files named on the command line to the fuzz target, such as inputs that the fuzzer found. */
int Fuzz_replay(int argc, char **argv);

/* Changes some of the count bytes as the fuzzer does by default, and returns the new count, which is
   at most limit. Without the fuzzer, the bytes stay the same. */
size_t Fuzz_mutateBytes(uint8_t *data, size_t count, size_t limit);
