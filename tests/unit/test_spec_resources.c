/* SPDX-License-Identifier: Apache-2.0
 * spec/resources_merge, and the document that `update` reads: stored resources, a change, what comes of it.
 */
#include "spec/resources_merge.h"
#include "libcontainer/base/text.h"
#include "spec/decode.h"
#include "spec/encode.h"
#include "spec/types.h"
#include "tests/unit/unit.h"

static struct arena arena = ARENA_INIT;

static bool read_resources(const char *json, struct resources *resources)
{
  struct error err = { 0 };
  memset(resources, 0, sizeof *resources);
  if (CHECK_NUMBER(decode_resources(&arena, resources, json, strlen(json), "r", &err), 0))
    return true;
  printf("  %s\n", error_frame(&err, 0));
  return false;
}

static const char *write_resources(const struct resources *resources)
{
  struct text out;
  text_init(&out, &arena);
  encode(&resources_type, resources, ENCODE_COMPACT, &out);
  return text_string(&out);
}

static const struct {
  const char *what, *stored, *change, *result;
} merges[] = {
  { "nothing", "{}", "{}", "{}" },
  { "empty objects", "{}", "{\"memory\":{},\"cpu\":{},\"pids\":{},\"blockIO\":{}}", "{}" },
  { "the first limit", "{}", "{\"pids\":{\"limit\":5}}", "{\"pids\":{\"limit\":5}}" },
  { "others stay", "{\"cpu\":{\"shares\":7,\"cpus\":\"0\"}}", "{\"pids\":{\"limit\":5}}",
    "{\"cpu\":{\"shares\":7,\"cpus\":\"0\"},\"pids\":{\"limit\":5}}" },
  { "neighbours stay", "{\"cpu\":{\"shares\":7,\"cpus\":\"0\"}}", "{\"cpu\":{\"cpus\":\"1\"}}",
    "{\"cpu\":{\"shares\":7,\"cpus\":\"1\"}}" },
  { "zeros and empty strings ask for nothing",
    "{\"memory\":{\"limit\":9,\"reservation\":8},\"cpu\":{\"shares\":7,\"quota\":6,\"period\":5,\"cpus\":"
    "\"0\"},"
    "\"blockIO\":{\"weight\":10}}",
    "{\"memory\":{\"limit\":0,\"reservation\":0,\"swap\":0,\"kernel\":0},\"cpu\":{\"shares\":0,\"quota\":0,"
    "\"period\":0,\"realtimeRuntime\":0,\"cpus\":\"\",\"mems\":\"\"},\"blockIO\":{\"weight\":0}}",
    "{\"memory\":{\"limit\":9,\"reservation\":8},\"cpu\":{\"shares\":7,\"quota\":6,\"period\":5,\"cpus\":"
    "\"0\"},"
    "\"blockIO\":{\"weight\":10}}" },
  { "zeros that say something", "{\"cpu\":{\"burst\":7,\"idle\":1},\"pids\":{\"limit\":5}}",
    "{\"cpu\":{\"burst\":0,\"idle\":0},\"pids\":{\"limit\":0}}",
    "{\"cpu\":{\"burst\":0,\"idle\":0},\"pids\":{\"limit\":0}}" },
  { "idle gives up the shares", "{\"cpu\":{\"shares\":7,\"cpus\":\"0\"}}", "{\"cpu\":{\"idle\":1}}",
    "{\"cpu\":{\"cpus\":\"0\",\"idle\":1}}" },
  { "not if both are asked for", "{}", "{\"cpu\":{\"shares\":7,\"idle\":1}}",
    "{\"cpu\":{\"shares\":7,\"idle\":1}}" },
  { "idle no more keeps shares", "{\"cpu\":{\"shares\":7,\"idle\":0}}", "{\"cpu\":{\"idle\":0}}",
    "{\"cpu\":{\"shares\":7,\"idle\":0}}" },
  { "quota keeps the period", "{\"cpu\":{\"quota\":50000,\"period\":200000}}", "{\"cpu\":{\"quota\":-1}}",
    "{\"cpu\":{\"quota\":-1,\"period\":200000}}" },
  { "period keeps the quota", "{\"cpu\":{\"quota\":50000,\"period\":200000}}",
    "{\"cpu\":{\"quota\":0,\"period\":100000}}", "{\"cpu\":{\"quota\":50000,\"period\":100000}}" },
  { "no memory limit: no swap limit", "{\"memory\":{\"limit\":100,\"swap\":150}}",
    "{\"memory\":{\"limit\":-1}}", "{\"memory\":{\"limit\":-1,\"swap\":-1}}" },
  { "no memory limit, nothing stored", "{}", "{\"memory\":{\"limit\":-1}}",
    "{\"memory\":{\"limit\":-1,\"swap\":-1}}" },
  { "no memory limit, but of swap", "{\"memory\":{\"limit\":100}}", "{\"memory\":{\"limit\":-1,\"swap\":50}}",
    "{\"memory\":{\"limit\":-1,\"swap\":50}}" },
  { "the amount of swap follows a lower limit", "{\"memory\":{\"limit\":100,\"swap\":150}}",
    "{\"memory\":{\"limit\":60}}", "{\"memory\":{\"limit\":60,\"swap\":110}}" },
  { "and a higher one", "{\"memory\":{\"limit\":100,\"swap\":150}}", "{\"memory\":{\"limit\":400}}",
    "{\"memory\":{\"limit\":400,\"swap\":450}}" },
  { "and one where there was none", "{\"memory\":{\"limit\":-1,\"swap\":50}}", "{\"memory\":{\"limit\":100}}",
    "{\"memory\":{\"limit\":100,\"swap\":150}}" },
  { "swap without limit stays so", "{\"memory\":{\"limit\":100,\"swap\":-1}}", "{\"memory\":{\"limit\":60}}",
    "{\"memory\":{\"limit\":60,\"swap\":-1}}" },
  { "no swap limit stored: none made", "{\"memory\":{\"limit\":100}}", "{\"memory\":{\"limit\":60}}",
    "{\"memory\":{\"limit\":60}}" },
  { "swap too large to follow", "{\"memory\":{\"limit\":1,\"swap\":9223372036854775807}}",
    "{\"memory\":{\"limit\":2}}", "{\"memory\":{\"limit\":2,\"swap\":-1}}" },
  { "swap alone", "{\"memory\":{\"limit\":100}}", "{\"memory\":{\"swap\":120}}",
    "{\"memory\":{\"limit\":100,\"swap\":120}}" },
  { "false is a value", "{\"memory\":{\"checkBeforeUpdate\":true}}",
    "{\"memory\":{\"checkBeforeUpdate\":false}}", "{\"memory\":{\"checkBeforeUpdate\":false}}" },
  { "devices of blockIO by number",
    "{\"blockIO\":{\"weight\":20,\"weightDevice\":[{\"major\":8,\"minor\":0,\"weight\":10}],"
    "\"throttleReadBpsDevice\":[{\"major\":8,\"minor\":0,\"rate\":1},{\"major\":8,\"minor\":16,\"rate\":2}]}"
    "}",
    "{\"blockIO\":{\"weightDevice\":[{\"major\":8,\"minor\":1,\"weight\":11}],"
    "\"throttleReadBpsDevice\":[{\"major\":8,\"minor\":16,\"rate\":0},{\"major\":9,\"minor\":0,\"rate\":4}],"
    "\"throttleWriteIOPSDevice\":[{\"major\":8,\"minor\":0,\"rate\":5}]}}",
    "{\"blockIO\":{\"weight\":20,\"weightDevice\":[{\"major\":8,\"minor\":0,\"weight\":10},"
    "{\"major\":8,\"minor\":1,\"weight\":11}],\"throttleReadBpsDevice\":[{\"major\":8,\"minor\":0,\"rate\":1}"
    ","
    "{\"major\":8,\"minor\":16,\"rate\":0},{\"major\":9,\"minor\":0,\"rate\":4}],"
    "\"throttleWriteIOPSDevice\":[{\"major\":8,\"minor\":0,\"rate\":5}]}}" },
  { "huge pages by size", "{\"hugepageLimits\":[{\"pageSize\":\"2MB\",\"limit\":1}]}",
    "{\"hugepageLimits\":[{\"pageSize\":\"1GB\",\"limit\":3},{\"pageSize\":\"2MB\",\"limit\":0}]}",
    "{\"hugepageLimits\":[{\"pageSize\":\"2MB\",\"limit\":0},{\"pageSize\":\"1GB\",\"limit\":3}]}" },
  { "rdma by device, number by number", "{\"rdma\":{\"a\":{\"hcaHandles\":1,\"hcaObjects\":2}}}",
    "{\"rdma\":{\"a\":{\"hcaHandles\":3},\"b\":{\"hcaObjects\":4}}}",
    "{\"rdma\":{\"a\":{\"hcaHandles\":3,\"hcaObjects\":2},\"b\":{\"hcaObjects\":4}}}" },
  { "unified by file", "{\"unified\":{\"pids.max\":\"1\",\"cpu.idle\":\"0\"}}",
    "{\"unified\":{\"cpu.idle\":\"1\",\"memory.high\":\"2\"}}",
    "{\"unified\":{\"pids.max\":\"1\",\"cpu.idle\":\"1\",\"memory.high\":\"2\"}}" },
  { "device rules are not taken", "{\"devices\":[{\"allow\":false,\"access\":\"rwm\"}]}",
    "{\"devices\":[{\"allow\":true}],\"pids\":{\"limit\":5}}",
    "{\"devices\":[{\"allow\":false,\"access\":\"rwm\"}],\"pids\":{\"limit\":5}}" },
};

static void test_merge(void)
{
  for (size_t i = 0; i < UNIT_COUNT(merges); i++) {
    struct resources stored, merged, change;
    unit_at(merges[i].what);
    if (!read_resources(merges[i].stored, &stored) || !read_resources(merges[i].change, &change))
      continue;
    merged = stored;
    resources_merge(&arena, &merged, &change);
    CHECK_STRING(write_resources(&merged), merges[i].result);
    CHECK_STRING(write_resources(&stored), merges[i].stored); /* not written to */
    CHECK_STRING(write_resources(&change), merges[i].change);
  }
  unit_at(NULL);
}

static const struct {
  const char *json, *message;
} refused[] = {
  { "", "r: empty" },
  { "{", "r:1:2: not valid JSON" },
  { "[]", "r:1:1: expected an object, got an array" },
  { "{} {}", "trailing garbage" },
  { "{\"memory\":{\"limit\":\"512m\"}}", "r:1:20: /memory/limit: expected an integer, got \"512m\"" },
  { "{\"memory\":{\"limit\":9223372036854775808}}",
    "r:1:20: /memory/limit: 9223372036854775808 is out of range" },
  { "{\"cpu\":{\"shares\":-1}}", "r:1:18: /cpu/shares: -1 is out of range" },
  { "{\"cpu\":{\"idle\":2}}", "r:1:16: /cpu/idle: 2 is out of range 0 to 1" },
  { "{\"blockIO\":{\"weight\":70000}}", "/blockIO/weight: 70000 is out of range" },
  { "{\"memory\":{\"limt\":1}}", "r:1:19: /memory/limt: unknown property" },
  { "{\"linux\":{\"resources\":{}}}", "/linux: unknown property" },
  { "{\"pids\":{\"limit\":1},\"pids\":{\"limit\":2}}", "/pids: duplicate key" },
  { "{\"blockIO\":{\"weightDevice\":[{\"major\":1}]}}",
    "/blockIO/weightDevice/0/minor: required, but missing" },
  { "{\"unified\":{\"a\":1}}", "/unified/a: expected a string, got 1" },
};

static void test_refused(void)
{
  for (size_t i = 0; i < UNIT_COUNT(refused); i++) {
    struct resources resources = { .memory = NULL };
    struct error err = { 0 };
    const char *json = refused[i].json;
    unit_at(json);
    if (!CHECK_NUMBER(decode_resources(&arena, &resources, json, strlen(json), "r", &err), -1))
      continue;
    if (!CHECK(strstr(error_frame(&err, 0), refused[i].message) != NULL))
      printf("  %s\n", error_frame(&err, 0));
  }
  unit_at(NULL);
}

int main(void)
{
  test_merge();
  test_refused();
  arena_release(&arena);
  return unit_finish();
}
