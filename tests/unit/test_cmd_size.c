/* SPDX-License-Identifier: Apache-2.0
 * cmd/size. */
#include "cmd/size.h"
#include "tests/unit/unit.h"
#include <errno.h>

static const struct {
  const char *s;
  int errnum; /* 0: parsed */
  int64_t bytes;
} sizes[] = {
  { "0", 0, 0 },
  { "4096", 0, 4096 },
  { "-1", 0, -1 },
  { "512m", 0, INT64_C(512) << 20 },
  { "512M", 0, INT64_C(512) << 20 },
  { "512mb", 0, INT64_C(512) << 20 },
  { "512MiB", 0, INT64_C(512) << 20 },
  { "512Mi", 0, INT64_C(512) << 20 },
  { "32 kib", 0, 32 << 10 },
  { "7b", 0, 7 },
  { "7 B", 0, 7 },
  { "1.5g", 0, INT64_C(3) << 29 },
  { "0.25k", 0, 256 },
  { "1.5", 0, 1 },
  { "1.999999999999k", 0, 2047 },
  { "1t", 0, INT64_C(1) << 40 },
  { "1P", 0, INT64_C(1) << 50 },
  { "8191p", 0, INT64_C(8191) << 50 },
  { "9223372036854775807", 0, INT64_MAX },
  { "9223372036854775808", ERANGE, 0 },
  { "8192p", ERANGE, 0 },
  { "99999999999999999999999", ERANGE, 0 },
  { "", EINVAL, 0 },
  { "m", EINVAL, 0 },
  { ".5m", EINVAL, 0 },
  { "1.m", EINVAL, 0 },
  { "1.5.5m", EINVAL, 0 },
  { "-2", EINVAL, 0 },
  { "-1m", EINVAL, 0 },
  { "+1", EINVAL, 0 },
  { " 1", EINVAL, 0 },
  { "1  m", EINVAL, 0 },
  { "1m ", EINVAL, 0 },
  { "1x", EINVAL, 0 },
  { "1mm", EINVAL, 0 },
  { "1ib", EINVAL, 0 },
  { "1e3", EINVAL, 0 },
  { "0x10", EINVAL, 0 },
  { "max", EINVAL, 0 },
};

static void test_parse(void)
{
  for (size_t i = 0; i < UNIT_COUNT(sizes); i++) {
    int64_t bytes = 42;
    errno = 0;
    unit_at(sizes[i].s);
    CHECK_NUMBER(size_parse(sizes[i].s, &bytes), sizes[i].errnum ? -1 : 0);
    CHECK_NUMBER(errno, sizes[i].errnum);
    CHECK_NUMBER(bytes, sizes[i].errnum ? 42 : sizes[i].bytes);
  }
  unit_at(NULL);
}

static void test_format(void)
{
  static const struct {
    uint64_t bytes;
    const char *text;
  } rows[] = {
    { 0, "0B" },
    { 999, "999B" },
    { 1000, "0.98KiB" },
    { 1024, "1.00KiB" },
    { 12 << 10, "12.0KiB" },
    { UINT64_C(123) << 20, "123MiB" },
    { (UINT64_C(3) << 30) / 2, "1.50GiB" },
    { UINT64_MAX, "16.0EiB" },
  };
  for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
    char text[SIZE_TEXT_BYTES];
    size_format(rows[i].bytes, text);
    CHECK_STRING(text, rows[i].text);
  }
}

int main(void)
{
  test_parse();
  test_format();
  return unit_finish();
}
