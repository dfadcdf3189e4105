/* SPDX-License-Identifier: Apache-2.0 */
#include "libcontainer/facts.h"
#include "libcontainer/request.h"
#include "spec/spec.h"
#include "tests/unit/unit.h"

static void json_there_and_back(void)
{
  struct arena arena = ARENA_INIT;
  struct error err = { 0 };
  struct text text, again;
  struct facts out = { 0 };
  const struct facts in = {
    .euid = 1000,
    .egid = 1001,
    .in_user_namespace = true,
    .capabilities = UINT64_MAX,
    .cap_last = 40,
    .kernel_major = 6,
    .kernel_minor = 12,
    .cgroup2 = true,
    .cgroup_mount = "/sys/fs/cgroup/unified",
    .own_cgroup = "/user.slice",
  };
  text_init(&text, &arena);
  text_init(&again, &arena);
  facts_to_json(&in, &text);
  if (CHECK(facts_from_json(&arena, text_string(&text), text.length, &out, &err) == 0)) {
    facts_to_json(&out, &again);
    CHECK_STRING(text_string(&again), text_string(&text));
    CHECK(out.capabilities == UINT64_MAX && out.in_user_namespace);
    CHECK_STRING(out.own_cgroup, "/user.slice");
    CHECK(out.controllers == NULL);
  }
  CHECK(facts_from_json(&arena, "{}", 2, &out, &err) < 0);
  CHECK(facts_from_json(&arena, "{\"euid\":-1}", 11, &out, &err) < 0);
  arena_release(&arena);
}

static void probes_this_host(void)
{
  struct arena arena = ARENA_INIT;
  struct error err = { 0 };
  struct facts facts = { 0 };
  const struct spec spec = { 0 };
  struct request request = { .id = "test", .bundle = "/bundle", .manager = MANAGER_DISABLED };
  CHECK(facts_probe(&arena, &request, &spec, &facts, &err) == 0);
  CHECK(facts.euid == geteuid());
  CHECK(facts.kernel_major >= 4);
  CHECK(facts.cap_last >= 37 && facts.cap_last < 64);
  CHECK(!facts.own_cgroup && !facts.cgroup_mount);
  request.manager = MANAGER_CGROUPFS;
  CHECK(facts_probe(&arena, &request, &spec, &facts, &err) == 0);
  CHECK(facts.cgroup2 == (facts.own_cgroup != NULL)); /* no cgroupsPath: it will be beside ours */
  arena_release(&arena);
}

static void refuses_old_kernels(void)
{
  static const struct {
    unsigned major, minor;
    bool good;
  } kernels[] = { { 4, 19, false }, { 5, 13, false }, { 5, 14, true }, { 6, 0, true }, { 10, 1, true } };
  for (size_t i = 0; i < UNIT_COUNT(kernels); i++) {
    struct error err = { 0 };
    const struct facts facts = { .kernel_major = kernels[i].major, .kernel_minor = kernels[i].minor };
    CHECK((facts_check_kernel(&facts, &err) == 0) == kernels[i].good);
  }
}

int main(void)
{
  json_there_and_back();
  probes_this_host();
  refuses_old_kernels();
  return unit_finish();
}
