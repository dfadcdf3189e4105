/* SPDX-License-Identifier: Apache-2.0
 * cmd/sandbox_input: the numbers. */
#include "cmd/sandbox_input.h"
#include "tests/unit/unit.h"

static const struct {
  const char *s;
  double cpus; /* 0: refused */
} processors[] = {
  { "2", 2 },     { "0.5", 0.5 }, { "1.", 1 },    { "0.01", 0.01 }, { "65536", 65536 }, { "0", 0 },
  { "0.001", 0 }, { "-1", 0 },    { "65537", 0 }, { "", 0 },        { ".", 0 },         { "1e3", 0 },
  { "0x2", 0 },   { "inf", 0 },   { "nan", 0 },   { "1.5.5", 0 },   { " 1", 0 },        { "2cpus", 0 },
};

static const struct {
  const char *s;
  uint64_t ns; /* 0: refused */
} times[] = {
  { "30", UINT64_C(30000000000) },
  { "30s", UINT64_C(30000000000) },
  { "1m30s", UINT64_C(90000000000) },
  { "500ms", 500000000 },
  { "1.5s", 1500000000 },
  { "0", 0 },
  { "0s", 0 },
  { "", 0 },
  { "-1s", 0 },
  { "soon", 0 },
  { "5 s", 0 },
  { "99999999999999999999", 0 },
};

int main(void)
{
  for (size_t i = 0; i < UNIT_COUNT(processors); i++) {
    struct error err = { 0 };
    double cpus = -1;
    unit_at(processors[i].s);
    const int result = sandbox_parse_cpus(processors[i].s, &cpus, &err);
    CHECK((result == 0) == (processors[i].cpus > 0));
    CHECK(result < 0 || cpus == processors[i].cpus);
    CHECK(result == 0 || strstr(error_frame(&err, 0), "--cpus"));
  }
  for (size_t i = 0; i < UNIT_COUNT(times); i++) {
    struct error err = { 0 };
    uint64_t ns = 0;
    unit_at(times[i].s);
    const int result = sandbox_parse_timeout(times[i].s, &ns, &err);
    CHECK((result == 0) == (times[i].ns > 0));
    CHECK(result < 0 || ns == times[i].ns);
    CHECK(result == 0 || strstr(error_frame(&err, 0), "--timeout"));
  }
  return unit_finish();
}
