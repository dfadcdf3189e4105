/* SPDX-License-Identifier: Apache-2.0
 * System calls without the C library, for code that runs before it is set up: no errno, no cancellation, no
 * thread-local storage. Results below 0 are negated errno values. */
#pragma once

#if defined __x86_64__
#define RAW_SYSCALLS 1
static inline long raw_syscall(long number, long a, long b, long c, long d, long e)
{
  register long r10 __asm__("r10") = d;
  register long r8 __asm__("r8") = e;
  long result;
  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8)
                   : "rcx", "r11", "memory");
  return result;
}
#elif defined __aarch64__
#define RAW_SYSCALLS 1
static inline long raw_syscall(long number, long a, long b, long c, long d, long e)
{
  register long x8 __asm__("x8") = number;
  register long x0 __asm__("x0") = a;
  register long x1 __asm__("x1") = b;
  register long x2 __asm__("x2") = c;
  register long x3 __asm__("x3") = d;
  register long x4 __asm__("x4") = e;
  __asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4) : "memory");
  return x0;
}
#else
#include <errno.h>
#include <unistd.h>
static inline long raw_syscall(long number, long a, long b, long c, long d, long e)
{
  const long result = syscall(number, a, b, c, d, e);
  return result < 0 ? -errno : result;
}
#endif

/* As many arguments as the call takes, of any integer or pointer type. */
#define RAW_CALL(number, ...) RAW_CALL_(number, __VA_ARGS__, 0, 0, 0, 0, 0)
#define RAW_CALL_(number, a, b, c, d, e, ...)                                                                \
  raw_syscall(number, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e))

/* Copies a string; returns where it ends. */
static inline char *raw_put_text(char *to, const char *text)
{
  while (*text)
    *to++ = *text++;
  *to = '\0';
  return to;
}
