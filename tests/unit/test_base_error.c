/* SPDX-License-Identifier: Apache-2.0
 * base/error: the text of an error, cutting, and values from a hostile peer. */
#include "libcontainer/base/error.h"
#include "tests/unit/unit.h"
#include <errno.h>

static const char *text_of(const struct error *err)
{
  static char buffer[4096];
  size_t length = error_format(err, buffer, sizeof buffer);
  CHECK_NUMBER(length, strlen(buffer));
  return buffer;
}

static void test_format(void)
{
  struct error err;
  CHECK_NUMBER(error_set(&err, ERROR_KERNEL, EACCES, "cannot open '%s'", "/x"), -1);
  CHECK(error_is_set(&err));
  CHECK_STRING(text_of(&err), "cannot open '/x': Permission denied");
  CHECK_NUMBER(error_wrap(&err, "cannot mount '%s'", "/y"), -1);
  CHECK_NUMBER(error_in_step(&err, "mounts"), -1);
  CHECK_NUMBER(error_wrap(&err, "cannot create container '%s'", "web"), -1);
  CHECK_STRING(text_of(&err), "cannot create container 'web': step 'mounts': cannot mount '/y': cannot open "
                              "'/x': Permission denied");
  CHECK_NUMBER(error_at(&err, "/mounts/0"), -1);
  CHECK_NUMBER(error_at(&err, "/mounts"), -1);
  CHECK_NUMBER(error_in_step(&err, "other"), -1);
  CHECK_STRING(text_of(&err), "cannot create container 'web': step 'mounts': cannot mount '/y': cannot open "
                              "'/x': Permission denied (at /mounts/0)");
  CHECK_STRING(error_frame(&err, 0), "cannot open '/x'");
  CHECK_STRING(error_frame(&err, 2), "cannot create container 'web'");
  CHECK_STRING(error_frame(&err, 3), NULL);

  (void)error_set(&err, ERROR_USAGE, 0, "no such command");
  CHECK_STRING(text_of(&err), "no such command");
  (void)error_set(&err, ERROR_KERNEL, 9999, "x");
  CHECK_STRING(text_of(&err), "x: error 9999");
  error_clear(&err);
  CHECK(!error_is_set(&err));
  CHECK_STRING(text_of(&err), "");
  CHECK_STRING(error_frame(&err, 0), NULL);
}

static void test_null_is_fine(void)
{
  CHECK_NUMBER(error_set(NULL, ERROR_KERNEL, EIO, "x"), -1);
  CHECK_NUMBER(error_wrap(NULL, "x"), -1);
  CHECK_NUMBER(error_at(NULL, "/x"), -1);
  CHECK_NUMBER(error_in_step(NULL, "x"), -1);
  error_clear(NULL);
}

static void test_long_texts_are_cut_in_the_middle(void)
{
  struct error err;
  char name[4000];
  memset(name, 'x', sizeof name - 1);
  name[sizeof name - 1] = '\0';
  memcpy(name + sizeof name - 5, "tail", 4);
  (void)error_set(&err, ERROR_KERNEL, EIO, "open '%s'", name);
  const char *inner = error_frame(&err, 0);
  CHECK(strlen(inner) < 768 && strncmp(inner, "open 'xx", 8) == 0);
  CHECK_STRING(inner + strlen(inner) - 6, "xtail'");
  CHECK(strstr(inner, "\xe2\x80\xa6") != NULL);

  (void)error_set(&err, ERROR_KERNEL, 0, "inner");
  for (int i = 0; i < 100; i++)
    (void)error_wrap(&err, "%d %s", i, name);
  CHECK_STRING(error_frame(&err, 0), "inner");
  CHECK(err.used <= sizeof err.frames);
  CHECK(strncmp(error_frame(&err, 1), "0 x", 3) == 0);

  (void)error_set(&err, ERROR_KERNEL, 0, "i");
  (void)error_at(&err, name);
  CHECK(strlen(err.origin) < sizeof err.origin);
  (void)error_in_step(&err, name);
  CHECK_NUMBER(strlen(err.step), sizeof err.step - 1);
  /* No character of several bytes is cut in two. */
  char umlauts[2001];
  for (size_t i = 0; i < 2000; i += 2)
    memcpy(umlauts + i, "\xc3\xa4", 2);
  umlauts[2000] = '\0';
  for (int shift = 0; shift < 4; shift++) {
    (void)error_set(&err, ERROR_KERNEL, 0, "%.*s%s", shift, "abcd", umlauts);
    bool whole = true;
    for (const char *p = error_frame(&err, 0) + shift; *p; p += *p == '\xc3' ? 2 : 3)
      whole = whole && ((p[0] == '\xc3' && p[1] == '\xa4') || memcmp(p, "\xe2\x80\xa6", 3) == 0);
    CHECK(whole);
  }
}

static void test_short_buffers(void)
{
  struct error err;
  char buffer[8];
  (void)error_set(&err, ERROR_KERNEL, EIO, "0123456789");
  CHECK(error_format(&err, buffer, sizeof buffer) > sizeof buffer);
  CHECK_STRING(buffer, "0123456");
  CHECK(error_format(&err, NULL, 0) > 10);
}

/* Whatever bytes come over the socket, reading them stays inside the struct. */
static void test_hostile_values(void)
{
  struct error err;
  static const unsigned char fills[] = { 0xff, 'A', 0x01, 0x00 };
  for (size_t i = 0; i < UNIT_COUNT(fills); i++) {
    memset(&err, fills[i], sizeof err);
    char buffer[64];
    (void)error_format(&err, buffer, sizeof buffer);
    CHECK(strlen(buffer) < sizeof buffer);
    CHECK(error_frame(&err, 70000) == NULL);
    CHECK(error_kind_name(err.kind) != NULL);
    (void)error_wrap(&err, "more");
  }
}

int main(void)
{
  test_format();
  test_null_is_fine();
  test_long_texts_are_cut_in_the_middle();
  test_short_buffers();
  test_hostile_values();
  return unit_finish();
}
