/* SPDX-License-Identifier: Apache-2.0
 * The semantic checks, row by row. Also ids, sysctl names and signal names. */
#include "libcontainer/base/text.h"
#include "spec/decode.h"
#include "spec/names.h"
#include "spec/sysctl.h"
#include "spec/validate.h"
#include "tests/unit/semantic_rows.h"
#include "tests/unit/unit.h"

#include <signal.h>

static const struct {
  const char *version, *wrong;
} versions[] = {
  { "1.0.0", NULL },
  { "1.0.2-dev", NULL },
  { "1.3.0", NULL },
  { "1.2.1+dev", NULL },
  { "1.0.0-rc5", NULL },
  { "1.4.0", "warning " },
  { "0.5.0-dev", "/ociVersion: version 0.5.0-dev is not supported" },
  { "2.0.0", "/ociVersion: version 2.0.0" },
  { "1.0", "/ociVersion: '1.0' is not a version" },
  { "1", "/ociVersion: '1'" },
  { "v1.0.0", "/ociVersion: 'v1.0.0'" },
  { "1.0.0-", "/ociVersion: '1.0.0-'" },
  { "1.0.0x", "/ociVersion: '1.0.0x'" },
  { "01.0.0", "/ociVersion: '01.0.0'" },
  { "1.0.0 ", "/ociVersion: '1.0.0 '" },
  { "99999999999.0.0", "/ociVersion: '99999" },
};

static struct arena arena = ARENA_INIT;

static void check_document(const char *json, const char *wrong)
{
  struct problems problems = { .arena = &arena, .document = "c" };
  struct spec spec = { 0 };
  bool warning = wrong && text_starts_with(wrong, "warning ");
  unit_at(json);
  int result = decode_config_report(&spec, json, strlen(json), &problems, NULL);
  CHECK_NUMBER(result, !wrong || warning ? 0 : -1);
  CHECK_NUMBER(problems.count, wrong ? 1 : 0);
  if (problems.count > 0) {
    const struct problem *p = &problems.items[0];
    char *got = arena_printf(&arena, "%s%s: %s", p->warning ? "warning " : "", p->pointer, p->message);
    if (!CHECK(wrong && text_starts_with(got, wrong)))
      printf("  got    %s\n  wanted %s\n", got, wrong ? wrong : "");
    if (!p->warning)
      CHECK(p->line > 0);
  }
  unit_at(NULL);
}

static void test_rows(void)
{
  for (size_t i = 0; i < UNIT_COUNT(semantic_rows); i++)
    check_document(arena_printf(&arena, "{\"ociVersion\":\"1.0.0\",\"root\":{\"path\":\"r\"},%s}",
                                semantic_rows[i].members),
                   semantic_rows[i].wrong);
  check_document("{\"ociVersion\":\"1.0.0\"}", "/root: required, but missing");
  for (size_t i = 0; i < UNIT_COUNT(versions); i++)
    check_document(
        arena_printf(&arena, "{\"ociVersion\":\"%s\",\"root\":{\"path\":\"r\"}}", versions[i].version),
        versions[i].wrong);
}

/* More warnings than are kept do not hide an error. */
static void test_errors_before_warnings(void)
{
  struct problems problems = { .arena = &arena };
  for (int i = 0; i < PROBLEMS_MAX + 4; i++)
    problem_add(&problems, true, "/a", "warning");
  problem_add(&problems, false, "/b", "error");
  struct error err = { 0 };
  char message[200];
  (void)problems_to_error(&problems, &err);
  (void)error_format(&err, message, sizeof message);
  CHECK_STRING(message, "config.json: /b: error");
}

static void test_ids(void)
{
  static const char *const good[] = { "a", "web-1", "A_b.c+d", "0", "-x" };
  static const char *const bad[] = { "", ".", "..", ".a", "a/b", "/", "a b", "a\n", "\xc3\xa4", "a:b" };
  char name[301];
  memset(name, 'a', sizeof name);
  for (size_t i = 0; i < UNIT_COUNT(good); i++)
    CHECK_NUMBER(validate_id(good[i], NULL), 0);
  for (size_t i = 0; i < UNIT_COUNT(bad); i++) {
    struct error err = { 0 };
    CHECK_NUMBER(validate_id(bad[i], &err), -1);
    CHECK_NUMBER(err.kind, ERROR_USAGE);
  }
  name[300] = '\0';
  CHECK_NUMBER(validate_id(name, NULL), -1);
  name[255] = '\0';
  CHECK_NUMBER(validate_id(name, NULL), 0);
  name[255] = 'a';
  name[256] = '\0';
  CHECK_NUMBER(validate_id(name, NULL), -1);
}

static void test_sysctl_paths(void)
{
  static const struct {
    const char *key, *path;
  } keys[] = {
    { "net.ipv4.ip_forward", "net/ipv4/ip_forward" },
    { "net/ipv4/ip_forward", "net/ipv4/ip_forward" },
    { "net/ipv4/conf/eth0.5/mtu", "net/ipv4/conf/eth0.5/mtu" },
    { "net.ipv4.conf.eth0/5.mtu", "net/ipv4/conf/eth0.5/mtu" },
    { "simple", "simple" },
    { "", NULL },
    { ".", NULL },
    { "..", NULL },
    { "/a", NULL },
    { "a/", NULL },
    { ".a", NULL },
    { "a.", NULL },
    { "net..a", NULL },
    { "net/../a", NULL },
    { "net//a", NULL },
    { "net.//.a", NULL },
    { "net./.a", NULL },
    { "a b", NULL },
    { "a\n", NULL },
    { "a+b", NULL },
    { "a\\b", NULL },
  };
  char path[SYSCTL_PATH_BYTES];
  for (size_t i = 0; i < UNIT_COUNT(keys); i++) {
    unit_at(keys[i].key);
    CHECK_NUMBER(sysctl_to_path(keys[i].key, path, sizeof path), keys[i].path ? 0 : -1);
    if (keys[i].path)
      CHECK_STRING(path, keys[i].path);
  }
  unit_at(NULL);
  CHECK_NUMBER(sysctl_to_path("abcdef", path, 6), -1);
  CHECK_NUMBER(sysctl_to_path("abcdef", path, 7), 0);
}

static void test_signals(void)
{
  CHECK_NUMBER(signal_by_name("TERM"), SIGTERM);
  CHECK_NUMBER(signal_by_name("SIGTERM"), SIGTERM);
  CHECK_NUMBER(signal_by_name("sigkill"), SIGKILL);
  CHECK_NUMBER(signal_by_name("9"), 9);
  CHECK_NUMBER(signal_by_name("0"), 0);
  CHECK_NUMBER(signal_by_name("64"), 64);
  CHECK_NUMBER(signal_by_name("65"), -1);
  CHECK_NUMBER(signal_by_name("RTMIN"), SIGRTMIN);
  CHECK_NUMBER(signal_by_name("SIGRTMIN+3"), SIGRTMIN + 3);
  CHECK_NUMBER(signal_by_name("rtmax-1"), SIGRTMAX - 1);
  CHECK_NUMBER(signal_by_name("RTMAX+1"), -1);
  CHECK_NUMBER(signal_by_name("RTMIN+60"), -1);
  CHECK_NUMBER(signal_by_name("CHILD"), -1);
  CHECK_NUMBER(signal_by_name(""), -1);
  CHECK_NUMBER(signal_by_name("SIG"), -1);
  CHECK_NUMBER(signal_by_name("-9"), -1);
}

int main(void)
{
  test_rows();
  test_errors_before_warnings();
  test_ids();
  test_sysctl_paths();
  test_signals();
  arena_release(&arena);
  return unit_finish();
}
