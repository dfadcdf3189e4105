/* SPDX-License-Identifier: Apache-2.0
 * Namespaces, and the id maps that come with a user namespace. */
#include "libcontainer/base/sys_compat.h"
#include "tests/unit/plan_case.h"

#define NS(type) "{\"type\":\"" type "\"}"
#define JOIN(type) "{\"type\":\"" type "\",\"path\":\"/ns\"}"
#define MAPS                                                                                                 \
  ",\"uidMappings\":[{\"containerID\":0,\"hostID\":1000,\"size\":1}],\"gidMappings\":[{\"containerID\":0,"   \
  "\"hostID\":1000,\"size\":1}]"
#define WIDE_MAPS                                                                                            \
  ",\"uidMappings\":[{\"containerID\":0,\"hostID\":1000,\"size\":9}],\"gidMappings\":[{\"containerID\":0,"   \
  "\"hostID\":1000,\"size\":9}]"

static int plan_linux(struct plan_case *c, const char *namespaces, const char *more)
{
  char members[4096];
  (void)snprintf(members, sizeof members, PLAN_PROCESS ",\"linux\":{\"namespaces\":[%s]%s}", namespaces,
                 more);
  return plan_case_run(c, members);
}

static const struct {
  const char *namespaces, *more;
  uint64_t clone_flags, unshare_flags;
  bool cgroup, fork_again, pinned;
} rows[] = {
  { NS("mount"), "", CLONE_NEWNS, 0, false, false, true },
  { NS("mount") "," NS("pid") "," NS("network") "," NS("uts") "," NS("ipc") "," NS("cgroup") "," NS("time"),
    "", CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWUTS | CLONE_NEWIPC, 0, true, false, true },
  { NS("mount") "," NS("user"), MAPS, CLONE_NEWNS | CLONE_NEWUSER, 0, false, false, false },
  { NS("mount") "," NS("pid") "," JOIN("user"), "", 0, CLONE_NEWNS | CLONE_NEWPID, false, true, false },
  { NS("mount") "," NS("pid") "," JOIN("network"), "", CLONE_NEWNS | CLONE_NEWPID, 0, false, false, true },
  { NS("mount") "," JOIN("pid"), "", CLONE_NEWNS, 0, false, false, true },
  { NS("mount") "," JOIN("pid") "," NS("user"), MAPS, CLONE_NEWNS | CLONE_NEWUSER, 0, false, false, false },
  { NS("mount") "," NS("pid") "," NS("user") "," JOIN("network"), MAPS, 0,
    CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUSER, false, true, false },
  { JOIN("mount"), "", 0, 0, false, false, false },
  { NS("mount"), ",\"rootfsPropagation\":\"rshared\"", CLONE_NEWNS, 0, false, false, false },
  { NS("mount"), ",\"rootfsPropagation\":\"rslave\"", CLONE_NEWNS, 0, false, false, true },
};

static void each_is_made_by_the_right_call(void)
{
  for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
    struct plan_case c;
    plan_case_init(&c);
    unit_at(rows[i].namespaces);
    if (CHECK(plan_linux(&c, rows[i].namespaces, rows[i].more) == 0)) {
      CHECK_NUMBER(c.plan.clone_flags, rows[i].clone_flags);
      CHECK_NUMBER(c.plan.unshare_flags, rows[i].unshare_flags);
      CHECK(c.plan.new_cgroup_ns == rows[i].cgroup);
      CHECK(c.plan.fork_again == rows[i].fork_again);
      CHECK(c.plan.pinned_mount_ns == rows[i].pinned);
    }
    CHECK_STRING(c.message, "");
    plan_case_finish(&c);
  }
}

static void needs_what_it_needs(void)
{
  struct plan_case c;
  unit_at(NULL);
  plan_case_init(&c);
  CHECK(plan_linux(&c, NS("pid"), "") < 0);
  CHECK(strstr(c.message, "/linux/namespaces: a mount namespace is needed"));
  plan_case_finish(&c);

  plan_case_init(&c);
  c.facts.euid = 1000;
  c.facts.egid = 1001;
  c.facts.newuidmap = "/usr/bin/newuidmap";
  c.facts.newgidmap = "/usr/bin/newgidmap";
  struct id_range ranges[] = { { 900, 200 }, { 100000, 65536 }, { 300000, 10 } };
  c.facts.subuids.items = ranges;
  c.facts.subuids.count = UNIT_COUNT(ranges);
  if (CHECK(plan_linux(&c, NS("mount"), "") == 0)) {
    const struct plan_id_maps *maps = &c.plan.id_maps;
    CHECK(c.plan.automatic_user_ns && c.plan.acquire_by_init);
    CHECK(c.plan.clone_flags & CLONE_NEWUSER);
    CHECK_NUMBER(maps->uids.count, 3); /* the first range has our own id */
    CHECK_NUMBER(maps->uids.items[0].host, 1000);
    CHECK_NUMBER(maps->uids.items[1].container, 1);
    CHECK_NUMBER(maps->uids.items[1].host, 100000);
    CHECK_NUMBER(maps->uids.items[2].container, 65537);
    CHECK_NUMBER(maps->uids.items[2].count, 10);
    CHECK_NUMBER(maps->gids.count, 1); /* no range */
    CHECK_NUMBER(maps->gids.items[0].host, 1001);
    CHECK(maps->uid_helper && !maps->gid_helper && maps->deny_setgroups);
    CHECK_NUMBER(c.plan.warnings.count, 1);
  }
  plan_case_finish(&c);
}

static const struct {
  const char *maps;
  uint32_t euid;
  bool by_helper, deny_setgroups;
} writers[] = {
  { MAPS, 0, false, false },        { WIDE_MAPS, 0, false, false }, { MAPS, 1000, false, true },
  { WIDE_MAPS, 1000, true, false }, { MAPS, 1001, true, false },
};

static void maps_know_who_writes_them(void)
{
  for (size_t i = 0; i < UNIT_COUNT(writers); i++) {
    struct plan_case c;
    plan_case_init(&c);
    unit_at(writers[i].maps);
    c.facts.euid = c.facts.egid = writers[i].euid;
    c.facts.newuidmap = "/usr/bin/newuidmap";
    c.facts.newgidmap = "/usr/bin/newgidmap";
    if (CHECK(plan_linux(&c, NS("mount") "," NS("user"), writers[i].maps) == 0)) {
      CHECK_NUMBER(c.plan.id_maps.uids.count, 1);
      CHECK_NUMBER(c.plan.id_maps.gids.items[0].host, 1000);
      CHECK((c.plan.id_maps.uid_helper || c.plan.id_maps.gid_helper) == writers[i].by_helper);
      CHECK(c.plan.id_maps.deny_setgroups == writers[i].deny_setgroups);
      CHECK(c.plan.process.set_groups == !writers[i].deny_setgroups);
      CHECK(c.plan.devices.items[0].bind);
      CHECK(!c.plan.cgroup.required == (writers[i].euid != 0));
      CHECK(c.plan.cgroup.limit_devices == (writers[i].euid == 0));
    }
    plan_case_finish(&c);
  }
}

static void hooks_on_the_host_need_its_mounts(void)
{
  struct plan_case c;
  plan_case_init(&c);
  unit_at(NULL);
  CHECK(plan_case_run(&c, "\"hooks\":{\"createRuntime\":[{\"path\":\"/h\"}]}," PLAN_PROCESS
                          ",\"linux\":{" PLAN_NAMESPACES "}")
        == 0);
  CHECK(!c.plan.pinned_mount_ns);
  CHECK_NUMBER(c.plan.hooks->create_runtime.count, 1);
  plan_case_finish(&c);
}

int main(void)
{
  each_is_made_by_the_right_call();
  needs_what_it_needs();
  maps_know_who_writes_them();
  hooks_on_the_host_need_its_mounts();
  return unit_finish();
}
