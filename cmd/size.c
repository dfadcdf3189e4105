/* SPDX-License-Identifier: Apache-2.0
 * Sizes with units, in integers: no locale, nothing lost. */
#include "cmd/size.h"
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static const char units[] = "kmgtp";

static bool is_digit(char c)
{
  return c >= '0' && c <= '9';
}

static char lower(char c)
{
  return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* The shift that the unit stands for; -1: none that we know. */
static int unit_shift(const char *s)
{
  int shift = 0;
  const char *unit = *s ? strchr(units, lower(*s)) : NULL;
  if (unit) {
    shift = 10 * (int)(unit - units + 1);
    s++;
    if (lower(*s) == 'i')
      s++;
  }
  if (lower(*s) == 'b')
    s++;
  return *s ? -1 : shift;
}

/* More digits than this say nothing of a byte that anybody wants. */
#define FRACTION_DIGITS 5

/* What the digits behind the point are worth, rounded down. Nothing overflows: a unit is at most 2^50. */
static uint64_t fraction_of(const char *digits, size_t count, uint64_t unit)
{
  uint64_t numerator = 0, denominator = 1;
  for (size_t i = 0; i < count && i < FRACTION_DIGITS; i++) {
    numerator = numerator * 10 + (uint64_t)(digits[i] - '0');
    denominator *= 10;
  }
  return unit / denominator * numerator + unit % denominator * numerator / denominator;
}

/* "12.34": its parts; NULL and errno if it is none, else where it ends. */
static const char *parse_number(const char *s, uint64_t *whole, const char **digits, size_t *count)
{
  const char *p = s;
  *whole = 0;
  *count = 0;
  *digits = "";
  for (; is_digit(*p); p++)
    if (__builtin_mul_overflow(*whole, 10u, whole)
        || __builtin_add_overflow(*whole, (uint64_t)(*p - '0'), whole)) {
      errno = ERANGE;
      return NULL;
    }
  if (p > s && *p == '.') {
    *digits = p + 1;
    *count = strspn(*digits, "0123456789");
    p = *digits + *count;
  }
  if (is_digit(p[-(p > s)]))
    return p;
  errno = EINVAL;
  return NULL;
}

int size_parse(const char *s, int64_t *bytes)
{
  uint64_t whole, total;
  const char *digits;
  size_t count;
  if (strcmp(s, "-1") == 0) {
    *bytes = -1;
    return 0;
  }
  const char *end = parse_number(s, &whole, &digits, &count);
  if (!end)
    return -1;
  const int shift = unit_shift(end + (*end == ' '));
  if (shift < 0) {
    errno = EINVAL;
    return -1;
  }
  const uint64_t unit = UINT64_C(1) << shift;
  if (__builtin_mul_overflow(whole, unit, &total)
      || __builtin_add_overflow(total, fraction_of(digits, count, unit), &total) || total > INT64_MAX) {
    errno = ERANGE;
    return -1;
  }
  *bytes = (int64_t)total;
  return 0;
}

void size_format(uint64_t bytes, char text[SIZE_TEXT_BYTES])
{
  static const char *const names[] = { "B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB" };
  size_t unit = 0;
  double value = (double)bytes;
  for (; value >= 1000 && unit + 1 < sizeof names / sizeof *names; unit++)
    value /= 1024;
  const int digits = unit == 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  (void)snprintf(text, SIZE_TEXT_BYTES, "%.*f%s", digits, value, names[unit]);
}
