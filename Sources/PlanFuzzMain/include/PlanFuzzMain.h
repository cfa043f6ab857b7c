#pragma once

/* Defined in Swift: feeds the files named on the command line to the fuzz target. */
int PlanFuzz_main(int argc, char **argv);
