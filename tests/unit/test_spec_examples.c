/* SPDX-License-Identifier: Apache-2.0
 * The example configs of runtime-spec: what decode and validate make of each, and that what was decoded comes
 * back the same from encode. */
#include "libcontainer/base/text.h"
#include "spec/decode.h"
#include "spec/encode.h"
#include "spec/types.h"
#include "tests/unit/unit.h"

enum verdict { OK, DECODE_FAILS, CHECK_FAILS };
static const struct {
  const char *file;
  enum verdict verdict;
  const char *message; /* in the error, with its place */
} examples[] = {
  { "good/minimal.json", OK, NULL },
  { "good/minimal-for-start.json", OK, NULL },
  { "good/freebsd-minimal.json", OK, NULL }, /* another platform's section is read over */
  { "good/zos-minimal.json", OK, NULL },
  { "good/freebsd-example.json", CHECK_FAILS, "/hostname: needs a uts namespace" },
  { "good/zos-example.json", CHECK_FAILS, "2:19: /ociVersion: version 0.5.0-dev is not supported" },
  { "good/spec-example.json", CHECK_FAILS,
    "/linux/resources/blockIO/weightDevice/0/leafWeight: needs cgroup v1" },
  { "good/linux-netdevice.json", CHECK_FAILS, "/linux/netDevices: needs a network namespace" },
  { "bad/freebsd-vnet-disable.json", OK, NULL }, /* bad for FreeBSD */
  { "bad/invalid-json.json", DECODE_FAILS, "config.json:1:2: not valid JSON" },
  { "bad/linux-hugepage.json", CHECK_FAILS,
    "11:33: /linux/resources/hugepageLimits/0/pageSize: '64kB' is not a size" },
  { "bad/linux-netdevice.json", DECODE_FAILS,
    "9:25: /linux/netDevices/eth0/name: expected a string, got 23" },
  { "bad/linux-rdma.json", DECODE_FAILS,
    "10:35: /linux/resources/rdma/mlx5_1/hcaHandles: expected an integer, got \"not a uint32\"" },
};

static const char *const bundles[] = { "buildah", "containerd",    "docker",
                                       "podman",  "podman-limits", "podman-userns" };

static struct text read_file(struct arena *arena, const char *folder, const char *name)
{
  struct text all;
  char path[4096], buffer[4096];
  const char *srcdir = getenv("srcdir");
  text_init(&all, arena);
  (void)snprintf(path, sizeof path, "%s/tests/%s/%s", srcdir ? srcdir : ".", folder, name);
  FILE *f = fopen(path, "re");
  if (!CHECK(f != NULL))
    exit(1);
  for (size_t n; (n = fread(buffer, 1, sizeof buffer, f)) > 0;)
    text_add_bytes(&all, buffer, n);
  (void)fclose(f);
  return all;
}

static void check_round_trip(struct arena *arena, const struct spec *spec)
{
  struct text once, twice, pretty;
  struct problems problems = { .arena = arena };
  struct spec again = { 0 }, from_pretty = { 0 };
  text_init(&once, arena);
  text_init(&twice, arena);
  text_init(&pretty, arena);
  encode(&config_type, spec, ENCODE_COMPACT, &once);
  CHECK_NUMBER(decode(&config_type, &again, once.data, once.length, &problems, NULL), 0);
  encode(&config_type, &again, ENCODE_COMPACT, &twice);
  CHECK_STRING(twice.data, once.data);
  encode(&config_type, spec, ENCODE_PRETTY, &pretty);
  CHECK_NUMBER(decode(&config_type, &from_pretty, pretty.data, pretty.length, &problems, NULL), 0);
  text_init(&twice, arena);
  encode(&config_type, &from_pretty, ENCODE_COMPACT, &twice);
  CHECK_STRING(twice.data, once.data);
}

static void test_example(const char *file, enum verdict verdict, const char *message)
{
  struct arena arena = ARENA_INIT;
  struct text json = read_file(&arena, "spec/examples", file);
  struct problems problems = { .arena = &arena, .document = "config.json" };
  struct spec spec = { 0 }, checked = { 0 };
  struct error err = { 0 };
  char text[2048] = "";
  unit_at(file);
  CHECK_NUMBER(decode(&config_type, &spec, json.data, json.length, &problems, NULL),
               verdict == DECODE_FAILS ? -1 : 0);
  CHECK_NUMBER(decode_config(&arena, &checked, json.data, json.length, "config.json", &err),
               verdict == OK ? 0 : -1);
  if (error_is_set(&err))
    (void)error_format(&err, text, sizeof text);
  if (message && !CHECK(strstr(text, message) != NULL))
    printf("  got %s\n", text);
  if (verdict != DECODE_FAILS)
    check_round_trip(&arena, &spec);
  arena_release(&arena);
}

/* Every property of a bundle has a row, and comes back. */
static void test_bundle(const char *name)
{
  struct arena arena = ARENA_INIT;
  char file[64];
  (void)snprintf(file, sizeof file, "%s.json", name);
  struct text json = read_file(&arena, "bundles", file);
  struct problems problems = { .arena = &arena };
  struct strings unknown = { 0 };
  struct spec spec = { 0 };
  unit_at(name);
  CHECK_NUMBER(decode(&config_type, &spec, json.data, json.length, &problems, &unknown), 0);
  for (size_t i = 0; i < unknown.count; i++)
    printf("  unknown: %s\n", unknown.items[i]);
  CHECK_NUMBER(unknown.count, 0);
  check_round_trip(&arena, &spec);
  arena_release(&arena);
}

int main(void)
{
  for (size_t i = 0; i < UNIT_COUNT(examples); i++)
    test_example(examples[i].file, examples[i].verdict, examples[i].message);
  for (size_t i = 0; i < UNIT_COUNT(bundles); i++)
    test_bundle(bundles[i]);
  return unit_finish();
}
