/* SPDX-License-Identifier: Apache-2.0
 * base/numbers. */
#include "libcontainer/base/numbers.h"
#include "tests/unit/unit.h"
#include <errno.h>

struct row {
  const char *s;
  int errnum; /* 0: parsed */
  int64_t value;
};

static void test_i64(void)
{
  static const struct row rows[] = {
    { "0", 0, 0 },
    { "-0", 0, 0 },
    { "007", 0, 7 },
    { "-100", 0, -100 },
    { "9223372036854775807", 0, INT64_MAX },
    { "-9223372036854775808", 0, INT64_MIN },
    { "9223372036854775808", ERANGE, 0 },
    { "-9223372036854775809", ERANGE, 0 },
    { "99999999999999999999999", ERANGE, 0 },
    { "99999999999999999999999x", EINVAL, 0 },
    { "", EINVAL, 0 },
    { "-", EINVAL, 0 },
    { "--1", EINVAL, 0 },
    { "+1", EINVAL, 0 },
    { " 1", EINVAL, 0 },
    { "1 ", EINVAL, 0 },
    { "0x1", EINVAL, 0 },
    { "1.0", EINVAL, 0 },
    { "1e3", EINVAL, 0 },
    { "\xb2", EINVAL, 0 },
  };
  for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
    unit_at(rows[i].s);
    int64_t v = 42;
    errno = 0;
    CHECK_NUMBER(parse_i64(rows[i].s, INT64_MIN, INT64_MAX, &v), rows[i].errnum ? -1 : 0);
    CHECK_NUMBER(errno, rows[i].errnum);
    CHECK_NUMBER(v, rows[i].errnum ? 42 : rows[i].value);
  }
  unit_at(NULL);
  int64_t v;
  CHECK_NUMBER(parse_i64("-1000", -1000, 1000, &v), 0);
  CHECK_NUMBER(parse_i64("-1001", -1000, 1000, &v), -1);
  CHECK_NUMBER(parse_i64("1001", -1000, 1000, &v), -1);
  CHECK_NUMBER(errno, ERANGE);
}

static void test_unsigned(void)
{
  uint64_t u = 0;
  CHECK_NUMBER(parse_u64("18446744073709551615", UINT64_MAX, &u), 0);
  CHECK(u == UINT64_MAX);
  CHECK_NUMBER(parse_u64("18446744073709551616", UINT64_MAX, &u), -1);
  CHECK_NUMBER(errno, ERANGE);
  CHECK_NUMBER(parse_u64("184467440737095516150", UINT64_MAX, &u), -1);
  CHECK_NUMBER(parse_u64("-1", UINT64_MAX, &u), -1);
  CHECK_NUMBER(errno, EINVAL);
  CHECK_NUMBER(parse_u64("11", 10, &u), -1);
}

static void test_hex(void)
{
  static const struct {
    const char *s;
    int errnum;
    uint64_t value;
  } rows[] = {
    { "0", 0, 0 },
    { "1f", 0, 0x1f },
    { "1F", 0, 0x1f },
    { "0123456789abcdef", 0, 0x0123456789abcdef },
    { "FEDCBA9876543210", 0, 0xfedcba9876543210 },
    { "ffffffffffffffff", 0, UINT64_MAX },
    { "00000000000000000001", 0, 1 },
    { "10000000000000000", ERANGE, 0 },
    { "", EINVAL, 0 },
    { "g", EINVAL, 0 },
    { "-1", EINVAL, 0 },
    { " 1", EINVAL, 0 },
    { "1 ", EINVAL, 0 },
    { "0x1", EINVAL, 0 },
    { "10000000000000000x", EINVAL, 0 },
  };
  for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
    unit_at(rows[i].s);
    uint64_t v = 42;
    errno = 0;
    CHECK_NUMBER(parse_hex(rows[i].s, &v), rows[i].errnum ? -1 : 0);
    CHECK_NUMBER(errno, rows[i].errnum);
    CHECK(v == (rows[i].errnum ? 42 : rows[i].value));
  }
  unit_at(NULL);
}

static void test_octal_and_id(void)
{
  uint32_t v = 0;
  CHECK_NUMBER(parse_octal("0755", 07777, &v), 0);
  CHECK_NUMBER(v, 0755);
  CHECK_NUMBER(parse_octal("7777", 07777, &v), 0);
  CHECK_NUMBER(parse_octal("10000", 07777, &v), -1);
  CHECK_NUMBER(parse_octal("8", 07777, &v), -1);
  CHECK_NUMBER(parse_octal("0o7", 07777, &v), -1);
  CHECK_NUMBER(parse_id("4294967294", &v), 0);
  CHECK(v == 4294967294u);
  CHECK_NUMBER(parse_id("4294967295", &v), -1);
  CHECK_NUMBER(parse_id("-1", &v), -1);
}

static void test_duration(void)
{
  static const struct row rows[] = {
    { "0", 0, 0 },
    { "0s", 0, 0 },
    { "5s", 0, 5000000000 },
    { "500ms", 0, 500000000 },
    { "1m", 0, 60000000000 },
    { "1h30m", 0, 5400000000000 },
    { "1.5s", 0, 1500000000 },
    { ".5s", 0, 500000000 },
    { "1.s", 0, 1000000000 },
    { "1ns", 0, 1 },
    { "1.9ns", 0, 1 },
    { "3us", 0, 3000 },
    { "3\xc2\xb5s", 0, 3000 },
    { "3\xce\xbcs", 0, 3000 },
    { "2s500ms", 0, 2500000000 },
    { "9223372036854775807ns", 0, INT64_MAX },
    { "9223372036854775808ns", ERANGE, 0 },
    { "2562048h", ERANGE, 0 },
    { "0.00000000000000000000000000000000000000000000000000000000000000001s", ERANGE, 0 },
    { "99999999999999999999999s", ERANGE, 0 },
    { "", EINVAL, 0 },
    { "5", EINVAL, 0 },
    { "1.5", EINVAL, 0 },
    { "s", EINVAL, 0 },
    { ".s", EINVAL, 0 },
    { "-5s", EINVAL, 0 },
    { "+5s", EINVAL, 0 },
    { "5 s", EINVAL, 0 },
    { " 5s", EINVAL, 0 },
    { "5S", EINVAL, 0 },
    { "5d", EINVAL, 0 },
    { "5sec", EINVAL, 0 },
    { "5s ", EINVAL, 0 },
    { "1..5s", EINVAL, 0 },
  };
  for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
    unit_at(rows[i].s);
    int64_t v = 42;
    errno = 0;
    CHECK_NUMBER(parse_duration(rows[i].s, &v), rows[i].errnum ? -1 : 0);
    CHECK_NUMBER(errno, rows[i].errnum);
    CHECK_NUMBER(v, rows[i].errnum ? 42 : rows[i].value);
  }
  unit_at(NULL);
}

static void test_scan(void)
{
  static const struct {
    const char *text;
    unsigned found;
    uint64_t last;
    const char *rest;
  } rows[] = {
    { "0 1000 1\n", 3, 1, "\n" },
    { "         0     100000      65536\n 65536 1 1\n", 3, 65536, "\n 65536 1 1\n" },
    { "\t0\t97\t1", 3, 1, "" },
    { "6.18", 1, 6, ".18" },
    { "5 7", 2, 7, "" },
    { "5 -7 3", 1, 5, " -7 3" },
    { "9999999999999999999 x", 1, 9999999999999999999u, " x" },
    { "10000000000000000000", 0, 0, "10000000000000000000" },
    { "", 0, 0, "" },
    { "max", 0, 0, "max" },
  };
  for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
    uint64_t values[3] = { 0 };
    const char *end;
    unit_at(rows[i].text);
    const unsigned found = scan_numbers(rows[i].text, values, 3, &end);
    CHECK_NUMBER(found, rows[i].found);
    CHECK_NUMBER(found ? values[found - 1] : 0, rows[i].last);
    CHECK_STRING(end, rows[i].rest);
    CHECK_NUMBER(scan_numbers(rows[i].text, values, 3, NULL), rows[i].found);
  }
  unit_at(NULL);
}

int main(void)
{
  test_scan();
  test_duration();
  test_i64();
  test_unsigned();
  test_hex();
  test_octal_and_id();
  return unit_finish();
}
