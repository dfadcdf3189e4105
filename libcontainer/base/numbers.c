/* SPDX-License-Identifier: Apache-2.0
 * Checked integer parsing. Not strtol(3), which takes spaces, signs, hexadecimal and tails. */
#include "libcontainer/base/numbers.h"
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>

/* The value of 's' in 'base'; EINVAL beats ERANGE, so that "99999999999999999999x" is called no number. */
static int parse_digits(const char *s, unsigned base, uint64_t *value)
{
  uint64_t v = 0;
  bool overflow = false;
  if (!*s) {
    errno = EINVAL;
    return -1;
  }
  for (; *s; s++) {
    unsigned digit = (unsigned)*s - '0'; /* anything below '0' wraps to a large number */
    if (digit >= base) {
      errno = EINVAL;
      return -1;
    }
    overflow |= __builtin_mul_overflow(v, (uint64_t)base, &v);
    overflow |= __builtin_add_overflow(v, (uint64_t)digit, &v);
  }
  if (overflow) {
    errno = ERANGE;
    return -1;
  }
  *value = v;
  return 0;
}

static int out_of_range(void)
{
  errno = ERANGE;
  return -1;
}

int parse_u64(const char *s, uint64_t max, uint64_t *value)
{
  uint64_t v;
  if (parse_digits(s, 10, &v) < 0)
    return -1;
  if (v > max)
    return out_of_range();
  *value = v;
  return 0;
}

int parse_i64(const char *s, int64_t min, int64_t max, int64_t *value)
{
  bool negative = *s == '-';
  uint64_t magnitude;
  if (parse_digits(s + negative, 10, &magnitude) < 0)
    return -1;
  if (magnitude > (uint64_t)INT64_MAX + negative)
    return out_of_range();
  int64_t v = negative ? (int64_t)(0 - magnitude) : (int64_t)magnitude;
  if (v < min || v > max)
    return out_of_range();
  *value = v;
  return 0;
}

int parse_octal(const char *s, uint32_t max, uint32_t *value)
{
  uint64_t v;
  if (parse_digits(s, 8, &v) < 0)
    return -1;
  if (v > max)
    return out_of_range();
  *value = (uint32_t)v;
  return 0;
}

int parse_id(const char *s, uint32_t *value)
{
  uint64_t v;
  if (parse_u64(s, UINT32_MAX - 1, &v) < 0)
    return -1;
  *value = (uint32_t)v;
  return 0;
}
