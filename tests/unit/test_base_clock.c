/* SPDX-License-Identifier: Apache-2.0 */
#include "libcontainer/base/clock.h"
#include "tests/unit/unit.h"
#include <string.h>

static const struct row {
  long long seconds;
  long nanoseconds;
  const char *expected;
} rows[] = {
  { 0, 0, "1970-01-01T00:00:00.000000000Z" },
  { 951782399, 999999999, "2000-02-28T23:59:59.999999999Z" },
  { 951782400, 0, "2000-02-29T00:00:00.000000000Z" },
  { 951868800, 0, "2000-03-01T00:00:00.000000000Z" },
  { 1709164800, 1, "2024-02-29T00:00:00.000000001Z" },
  { 1767225599, 0, "2025-12-31T23:59:59.000000000Z" },
  { 4107542400, 0, "2100-03-01T00:00:00.000000000Z" },
  { 253402300799, 0, "9999-12-31T23:59:59.000000000Z" },
};

int main(void)
{
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    char text[CLOCK_TEXT_BYTES];
    const struct timespec t = { .tv_sec = (time_t)rows[i].seconds, .tv_nsec = rows[i].nanoseconds };
    clock_rfc3339(&t, text);
    CHECK(strcmp(text, rows[i].expected) == 0);
  }
  return unit_finish();
}
