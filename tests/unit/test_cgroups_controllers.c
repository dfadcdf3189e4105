/* SPDX-License-Identifier: Apache-2.0
 * The controller table and the list of settings. */
#include "cgroups/controllers.h"
#include "spec/spec.h"
#include "tests/unit/unit.h"

static void test_settings(void)
{
  struct arena arena = ARENA_INIT;
  struct settings settings = { .count = 0 };
  settings_add(&arena, &settings, "memory.max", "1", "/linux/resources/memory/limit");
  settings_add(&arena, &settings, "memory.low", "0", "/linux/resources/memory/reservation");
  settings_add(&arena, &settings, "cgroup.max.depth", "3", "/linux/resources/unified");
  settings_add(&arena, &settings, "pids.max", "max", "/linux/resources/pids/limit");
  CHECK_NUMBER(settings.count, 4);
  CHECK_STRING(settings.items[1].file, "memory.low");
  CHECK_NUMBER(settings.controllers.count, 2);
  CHECK_STRING(settings.controllers.items[0], "memory");
  CHECK_STRING(settings.controllers.items[1], "pids");
  arena_release(&arena);
}

static void test_lists(void)
{
  CHECK(controllers_have("cpuset cpu io\n", "cpu"));
  CHECK(controllers_have("cpuset cpu io\n", "io"));
  CHECK(controllers_have("cpuset", "cpuset"));
  CHECK(!controllers_have("cpuset io\n", "cpu"));
  CHECK(!controllers_have("\n", "cpu"));
  CHECK(!controllers_have("", "cpu"));
}

static void test_keyed(void)
{
  uint64_t value = 7;
  CHECK(keyed_value("low 0\noom 3\noom_kill 2\n", "oom", &value));
  CHECK_NUMBER(value, 3);
  CHECK(keyed_value("low 0\noom 3\noom_kill 2\n", "oom_kill", &value));
  CHECK_NUMBER(value, 2);
  CHECK(!keyed_value("low 0\n", "oom", &value));
  CHECK(!keyed_value("", "oom", &value));
}

static int plan(const struct resources *resources, struct error *err)
{
  struct arena arena = ARENA_INIT;
  struct settings settings = { .count = 0 };
  int result = settings_from_resources(&arena, resources, &settings, err);
  CHECK_NUMBER(settings.count, 0);
  arena_release(&arena);
  return result;
}

/* Until a row acts on it, a limit is refused where it is written; 0 and -1 ask for nothing. */
static void test_unsupported(void)
{
  struct error err = { 0 };
  struct memory memory = { .limit = { true, 0 } };
  struct cpu cpu = { .shares = { true, 0 } };
  struct pids pids = { .limit = { true, 0 } };
  struct block_io block_io = { .weight = { true, 0 } };
  struct resources resources = { .memory = &memory, .cpu = &cpu, .pids = &pids, .block_io = &block_io };
  CHECK_NUMBER(plan(NULL, &err), 0);
  CHECK_NUMBER(plan(&resources, &err), 0);
  pids.limit.value = 100;
  CHECK_NUMBER(plan(&resources, &err), -1);
  CHECK_STRING(err.origin, "/linux/resources/pids");
  error_clear(&err);
  pids.limit.value = memory.limit.value = -1; /* no limit, which is what a new cgroup has */
  cpu.shares.value = 1024;
  CHECK_NUMBER(plan(&resources, &err), 0);
  memory.limit.value = 4096;
  CHECK_NUMBER(plan(&resources, &err), -1);
  CHECK_STRING(err.origin, "/linux/resources/memory");
}

static void test_table(void)
{
  bool devices = false;
  for (const struct controller *const *row = controllers; *row; row++) {
    devices = devices || strcmp((*row)->name, "devices") == 0;
    CHECK(!(*row)->stat_file == !(*row)->parse_stat);
  }
  CHECK(devices);
}

int main(void)
{
  test_settings();
  test_lists();
  test_keyed();
  test_unsupported();
  test_table();
  return unit_finish();
}
