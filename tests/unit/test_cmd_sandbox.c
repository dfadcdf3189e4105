/* SPDX-License-Identifier: Apache-2.0
 * cmd/sandbox_input: the numbers; cmd/sandbox_host: users. */
#include "cmd/sandbox_host.h"
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

static const struct {
  const char *name;
  int uid, gid; /* -1: not found */
} users[] = {
  { "root", 0, 0 }, { "build", 1000, 100 }, { "last", 7, 8 },    { "roo", -1, -1 },  { "x", -1, -1 },
  { "", -1, -1 },   { "short", -1, -1 },    { "words", -1, -1 }, { "long", -1, -1 },
};

static void test_users(void)
{
  static const char passwd[] = "root:x:0:0:root:/root:/bin/sh\n\nshort:x\nwords:x:one:two::\n"
                               "long:x:123456789012345:1::\nbuild:x:1000:100::/:\nlast:x:7:8";
  for (size_t i = 0; i < UNIT_COUNT(users); i++) {
    uint32_t uid = 0, gid = 0;
    unit_at(users[i].name);
    CHECK(find_in_passwd(passwd, users[i].name, &uid, &gid) == (users[i].uid >= 0));
    CHECK(users[i].uid < 0 || ((int)uid == users[i].uid && (int)gid == users[i].gid));
  }
}

int main(void)
{
  test_users();
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
