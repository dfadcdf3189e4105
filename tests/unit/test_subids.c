/* SPDX-License-Identifier: Apache-2.0
 * /etc/subuid and /etc/passwd, whatever is in them. */
#include "libcontainer/subids.h"
#include "tests/unit/unit.h"

static const struct {
  const char *text;
  size_t count;
  uint64_t start, size; /* of the first */
} files[] = {
  { "", 0, 0, 0 },
  { "ann:100000:65536\n", 1, 100000, 65536 },
  { "ann:100000:65536", 1, 100000, 65536 },
  { "1000:100000:65536\nann:300000:1\n", 2, 100000, 65536 },
  { "bob:1:2\nann:7:8\nbob:3:4\n", 1, 7, 8 },
  { "anna:1:2\nan:1:2\n:1:2\n01000x:1:2\n", 0, 0, 0 },
  { "ann:100000\nann:100000:\nann::1\nann:1:2:3\nann\n", 0, 0, 0 },
  { "ann:-1:5\nann:+1:5\nann: 1:5\nann:1:5 \nann:0x1:5\nann:1.5:5\n", 0, 0, 0 },
  { "ann:1:0\n", 0, 0, 0 },
  { "ann:4294967295:1\nann:4294967294:2\nann:99999999999999999999:1\n", 0, 0, 0 },
  { "ann:4294967294:1\n", 1, 4294967294, 1 },
  { "ann:100:100\nann:150:10\nann:199:1\nann:50:51\nann:200:1\n", 2, 100, 100 },
  { "# ann:1:1\n\n\n  ann:1:1\nann:5:5\n", 1, 5, 5 },
};

static void rows_of_others_and_broken_ones_are_left_out(void)
{
  for (size_t i = 0; i < UNIT_COUNT(files); i++) {
    struct arena arena = ARENA_INIT;
    id_ranges ranges = { .count = 0 };
    unit_at(files[i].text);
    subids_parse(&arena, files[i].text, "ann", 1000, &ranges);
    CHECK_NUMBER(ranges.count, files[i].count);
    if (ranges.count > 0) {
      CHECK_NUMBER(ranges.items[0].start, files[i].start);
      CHECK_NUMBER(ranges.items[0].count, files[i].size);
    }
    arena_release(&arena);
  }
}

static void without_a_name_the_number_counts(void)
{
  struct arena arena = ARENA_INIT;
  id_ranges ranges = { .count = 0 };
  subids_parse(&arena, "ann:1:1\n1000:5:5\n1001:7:7\n", NULL, 1000, &ranges);
  CHECK_NUMBER(ranges.count, 1);
  arena_release(&arena);
}

static void names_are_those_of_passwd(void)
{
  static const char passwd[] =
      "root:x:0:0::/root:/bin/sh\nbroken\nann:x:1000:1000::/:/bin/sh\nann2:x:1000:7::/:\n"
      ":x:5:5::/:\nx:y:+6:\n";
  struct arena arena = ARENA_INIT;
  CHECK_STRING(subids_user_name(&arena, passwd, 0), "root");
  CHECK_STRING(subids_user_name(&arena, passwd, 1000), "ann");
  CHECK(subids_user_name(&arena, passwd, 1) == NULL);
  CHECK(subids_user_name(&arena, passwd, 5) == NULL);
  CHECK(subids_user_name(&arena, passwd, 6) == NULL);
  arena_release(&arena);
}

int main(void)
{
  rows_of_others_and_broken_ones_are_left_out();
  without_a_name_the_number_counts();
  names_are_those_of_passwd();
  return unit_finish();
}
