// System calls without the C library: a child that shares our memory also shares our thread's
// `errno` and everything else that the library keeps in thread-local storage.
#ifndef LOCKSTEP_CSPAWN_RAW_H
#define LOCKSTEP_CSPAWN_RAW_H

#include <stdint.h>

// Nothing that a compiler adds to functions by itself: it would be executed in the child.
#define BARE                                                                                \
  __attribute__((disable_sanitizer_instrumentation, no_stack_protector,                     \
                 no_sanitize("address", "thread", "undefined", "coverage")))

#if defined __x86_64__

BARE __attribute__((always_inline)) static inline long raw_call(
    long number, long first, long second, long third, long fourth) {
  register long r10 __asm__("r10") = fourth;
  long result;
  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "a"(number), "D"(first), "S"(second), "d"(third), "r"(r10)
                   : "rcx", "r11", "memory");
  return result;
}

// clone3(2); the child calls `run`, which does not return, on its new stack.
BARE __attribute__((always_inline)) static inline long raw_clone(
    const void *arguments, unsigned long size, void (*run)(void *), void *value) {
  register void (*r12)(void *) __asm__("r12") = run;
  register void *r13 __asm__("r13") = value;
  long result;
  __asm__ volatile(
      "syscall\n\t"
      "testq %%rax, %%rax\n\t"
      "jnz 1f\n\t"
      "xorl %%ebp, %%ebp\n\t"
      "movq %%r13, %%rdi\n\t"
      "callq *%%r12\n\t"
      "ud2\n"
      "1:"
      : "=a"(result)
      : "a"(435L /* clone3 */), "D"(arguments), "S"(size), "r"(r12), "r"(r13)
      : "rcx", "r11", "memory");
  return result;
}

#elif defined __aarch64__

BARE __attribute__((always_inline)) static inline long raw_call(
    long number, long first, long second, long third, long fourth) {
  register long x8 __asm__("x8") = number;
  register long x0 __asm__("x0") = first;
  register long x1 __asm__("x1") = second;
  register long x2 __asm__("x2") = third;
  register long x3 __asm__("x3") = fourth;
  __asm__ volatile("svc #0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3) : "memory");
  return x0;
}

// clone3(2); the child calls `run`, which does not return, on its new stack.
BARE __attribute__((always_inline)) static inline long raw_clone(
    const void *arguments, unsigned long size, void (*run)(void *), void *value) {
  register long x8 __asm__("x8") = 435 /* clone3 */;
  register long x0 __asm__("x0") = (long)arguments;
  register long x1 __asm__("x1") = (long)size;
  register void (*x19)(void *) __asm__("x19") = run;
  register void *x20 __asm__("x20") = value;
  __asm__ volatile(
      "svc #0\n\t"
      "cbnz x0, 1f\n\t"
      "mov x29, xzr\n\t"
      "mov x30, xzr\n\t"
      "mov x0, x20\n\t"
      "blr x19\n\t"
      "brk #1\n"
      "1:"
      : "+r"(x0)
      : "r"(x8), "r"(x1), "r"(x19), "r"(x20)
      : "memory");
  return x0;
}

#else
#define LOCKSTEP_CSPAWN_IS_IMPOSSIBLE
#endif

#endif
