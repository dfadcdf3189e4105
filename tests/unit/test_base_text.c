/* SPDX-License-Identifier: Apache-2.0
 * base/text. */
#include "libcontainer/base/text.h"
#include "tests/unit/unit.h"

static struct arena arena = ARENA_INIT;

static void test_builder(void)
{
  struct text t;
  text_init(&t, &arena);
  CHECK_STRING(text_string(&t), "");
  text_add(&t, "a");
  text_add_bytes(&t, "bcd", 2);
  text_addf(&t, "-%d-%s", 5, "x");
  CHECK_STRING(text_string(&t), "abc-5-x");
  for (int i = 0; i < 1000; i++)
    text_addf(&t, "%03d", i);
  CHECK_NUMBER(t.length, 7 + 3000);
  CHECK_STRING(t.data + t.length - 6, "998999");
  text_init(&t, &arena);
  text_add(&t, "");
  CHECK(t.data != NULL);
  for (size_t n = 60; n < 70; n++) { /* around the first capacity */
    text_init(&t, &arena);
    text_addf(&t, "%0*d", (int)n, 0);
    CHECK_NUMBER(strlen(text_string(&t)), n);
  }
}

static void test_questions(void)
{
  CHECK(text_starts_with("abc", "ab") && text_starts_with("abc", "") && !text_starts_with("a", "ab"));
  CHECK(text_ends_with("abc", "bc") && text_ends_with("abc", "") && !text_ends_with("c", "bc"));
  CHECK(text_equal("a", "a") && text_equal(NULL, NULL) && !text_equal(NULL, "") && !text_equal("", NULL));
}

static void test_split(void)
{
  size_t count;
  char **parts = text_split(&arena, "a,,b,", ',', &count);
  CHECK_NUMBER(count, 4);
  CHECK_STRING(parts[0], "a");
  CHECK_STRING(parts[1], "");
  CHECK_STRING(parts[2], "b");
  CHECK_STRING(parts[3], "");
  parts = text_split(&arena, "", ',', &count);
  CHECK_NUMBER(count, 1);
  CHECK_STRING(parts[0], "");
}

static void test_escape(void)
{
#define BAD "\xef\xbf\xbd"
  static const struct {
    const char *s, *json, *control;
  } rows[] = {
    { "", "", "" },
    { "plain /x", "plain /x", "plain /x" },
    { "\"\\", "\\\"\\\\", "\"\\" },
    { "\n\t\r\x01\x1f\x7f", "\\n\\t\\u000d\\u0001\\u001f\\u007f", "\\n\\t\\u000d\\u0001\\u001f\\u007f" },
    { "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80",
      "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80" },
    { "\xc2\x9b"
      "31m",
      "\\u009b31m", "\\u009b31m" },
    { "\xc2\xa0", "\xc2\xa0", "\xc2\xa0" },
    { "\x80", BAD, BAD },
    { "\xff", BAD, BAD },
    { "\xc0\xaf", BAD BAD, BAD BAD },
    { "\xc1\x81", BAD BAD, BAD BAD },
    { "\xe0\x80\xaf", BAD BAD BAD, BAD BAD BAD },
    { "\xed\xa0\x80", BAD BAD BAD, BAD BAD BAD },
    { "\xf0\x80\x80\x80", BAD BAD BAD BAD, BAD BAD BAD BAD },
    { "\xf4\x90\x80\x80", BAD BAD BAD BAD, BAD BAD BAD BAD },
    { "\xe2\x82", BAD BAD, BAD BAD },
    { "\xc3", BAD, BAD },
    { "\xc3x", BAD "x", BAD "x" },
  };
  for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
    char buffer[64];
    CHECK_NUMBER(text_escape_json(buffer, sizeof buffer, rows[i].s), strlen(rows[i].json));
    CHECK_STRING(buffer, rows[i].json);
    (void)text_escape_control(buffer, sizeof buffer, rows[i].s);
    CHECK_STRING(buffer, rows[i].control);
  }
  /* Never half an escape. */
  char small[8];
  CHECK_NUMBER(text_escape_json(small, sizeof small, "abc\x01zzz"), 3);
  CHECK_STRING(small, "abc");
  CHECK_NUMBER(text_escape_json(small, sizeof small, "a\x01zzz"), 7);
  CHECK_STRING(small, "a\\u0001");
  CHECK_NUMBER(text_escape_json(small, 1, "a"), 0);
}

int main(void)
{
  test_builder();
  test_questions();
  test_split();
  test_escape();
  arena_release(&arena);
  return unit_finish();
}
