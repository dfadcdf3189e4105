/* SPDX-License-Identifier: Apache-2.0
 * Checked integer parsing. Not strtol(3), which takes spaces, signs, hexadecimal and tails. */
#include "libcontainer/base/numbers.h"
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

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

unsigned scan_numbers(const char *text, uint64_t *values, unsigned count, const char **end)
{
  unsigned found = 0;
  for (; found < count; found++) {
    const char *digits = text + strspn(text, " \t\n");
    const size_t length = strspn(digits, "0123456789");
    if (length == 0 || length > 19) /* none, or more than 64 bits may hold */
      break;
    values[found] = 0;
    for (size_t i = 0; i < length; i++)
      values[found] = values[found] * 10 + (uint64_t)(digits[i] - '0');
    text = digits + length;
  }
  if (end)
    *end = text;
  return found;
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

int parse_hex(const char *s, uint64_t *value)
{
  static const char digits[] = "0123456789abcdef";
  uint64_t v = 0;
  bool overflow = false;
  if (!*s || s[strspn(s, "0123456789abcdefABCDEF")]) {
    errno = EINVAL;
    return -1;
  }
  for (; *s; s++) {
    overflow |= v >> 60 != 0;
    v = v << 4 | (uint64_t)(strchr(digits, *s | 0x20) - digits);
  }
  if (overflow)
    return out_of_range();
  *value = v;
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

static const struct duration_unit {
  const char *name;
  uint64_t ns;
} duration_units[] = {
  { "ns", 1 },       { "us", 1000 },      { "\xc2\xb5s", 1000 }, { "\xce\xbcs", 1000 },
  { "ms", 1000000 }, { "s", 1000000000 }, { "m", 60000000000 },  { "h", 3600000000000 },
};

/* The unit at 's', which ends where the next number begins; 0 if there is none. */
static uint64_t take_unit(const char **s)
{
  const size_t length = strcspn(*s, "0123456789.");
  for (size_t i = 0; i < sizeof duration_units / sizeof *duration_units; i++) {
    const struct duration_unit *unit = &duration_units[i];
    if (strlen(unit->name) != length || memcmp(unit->name, *s, length) != 0)
      continue;
    *s += length;
    return unit->ns;
  }
  return 0;
}

/* Digits at 's' into 'value', with 'scale' ten to the power of their number; returns how many. */
static size_t take_digits(const char **s, uint64_t *value, uint64_t *scale, bool *overflow)
{
  size_t count = 0;
  *value = 0;
  *scale = 1;
  for (; **s >= '0' && **s <= '9'; ++*s, count++) {
    *overflow |= __builtin_mul_overflow(*value, (uint64_t)10, value);
    *overflow |= __builtin_add_overflow(*value, (uint64_t)(**s - '0'), value);
    *overflow |= __builtin_mul_overflow(*scale, (uint64_t)10, scale);
  }
  return count;
}

int parse_duration(const char *s, int64_t *ns)
{
  uint64_t total = 0;
  bool overflow = false;
  if (strcmp(s, "0") == 0) {
    *ns = 0;
    return 0;
  }
  do {
    uint64_t whole, fraction = 0, scale = 1, part;
    size_t digits = take_digits(&s, &whole, &scale, &overflow);
    scale = 1;
    if (*s == '.') {
      s++;
      digits += take_digits(&s, &fraction, &scale, &overflow);
    }
    const uint64_t unit = take_unit(&s);
    if (digits == 0 || unit == 0) {
      errno = EINVAL;
      return -1;
    }
    overflow |= __builtin_mul_overflow(whole, unit, &part);
    overflow |= __builtin_add_overflow(total, part, &total);
    part = overflow ? 0 : (uint64_t)((double)fraction * ((double)unit / (double)scale)); /* < 2^42 */
    overflow |= __builtin_add_overflow(total, part, &total);
  } while (*s);
  if (overflow || total > INT64_MAX)
    return out_of_range();
  *ns = (int64_t)total;
  return 0;
}
