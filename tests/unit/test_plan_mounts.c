/* SPDX-License-Identifier: Apache-2.0 */
#include "libcontainer/base/sys_compat.h"
#include "tests/unit/plan_case.h"

#define RO MOUNT_ATTR_RDONLY
#define NOSUID MOUNT_ATTR_NOSUID
#define NODEV MOUNT_ATTR_NODEV
#define NOEXEC MOUNT_ATTR_NOEXEC
#define NOATIME MOUNT_ATTR_NOATIME
#define STRICT MOUNT_ATTR_STRICTATIME
#define ATIME MOUNT_ATTR__ATIME

static int plan_mount(struct plan_case *c, const char *mount, bool cgroup_namespace)
{
  char members[4096];
  (void)snprintf(members, sizeof members,
                 "\"mounts\":[%s]," PLAN_PROCESS ",\"linux\":{\"namespaces\":[{\"type\":\"mount\"}%s]}",
                 mount, cgroup_namespace ? ",{\"type\":\"cgroup\"}" : "");
  return plan_case_run(c, members);
}

static const struct {
  const char *options;
  uint64_t set, clear, set_rec, clear_rec;
} binds[] = {
  { "\"bind\"", 0, 0, 0, 0 },
  { "\"bind\",\"ro\"", RO, 0, 0, 0 },
  { "\"bind\",\"rw\"", 0, RO, 0, 0 },
  { "\"bind\",\"ro\",\"rw\"", 0, RO, 0, 0 },
  { "\"bind\",\"nosuid\",\"nodev\",\"noexec\"", NOSUID | NODEV | NOEXEC, 0, 0, 0 },
  { "\"bind\",\"suid\",\"dev\",\"exec\"", 0, NOSUID | NODEV | NOEXEC, 0, 0 },
  { "\"bind\",\"noatime\"", NOATIME, ATIME, 0, 0 },
  { "\"bind\",\"relatime\"", 0, ATIME, 0, 0 },
  { "\"bind\",\"noatime\",\"strictatime\"", STRICT, ATIME, 0, 0 },
  { "\"bind\",\"strictatime\",\"atime\"", STRICT, ATIME, 0, 0 }, /* "atime" takes back noatime only */
  { "\"bind\",\"noatime\",\"atime\"", 0, ATIME, 0, 0 },
  { "\"bind\",\"strictatime\",\"nostrictatime\"", 0, ATIME, 0, 0 },
  { "\"bind\",\"norelatime\"", 0, 0, 0, 0 },
  { "\"bind\",\"nodiratime\"", MOUNT_ATTR_NODIRATIME, 0, 0, 0 },
  { "\"bind\",\"nosymfollow\"", MOUNT_ATTR_NOSYMFOLLOW, 0, 0, 0 },
  { "\"rbind\",\"rro\"", 0, 0, RO, 0 },
  { "\"rbind\",\"rro\",\"rw\"", 0, RO, RO, 0 },
  { "\"rbind\",\"rnosuid\",\"rdev\",\"rnoatime\"", 0, 0, NOSUID | NOATIME, NODEV | ATIME },
  { "\"rbind\",\"rstrictatime\",\"rrelatime\"", 0, 0, 0, ATIME },
};

static void binds_change_what_is_named(void)
{
  for (size_t i = 0; i < UNIT_COUNT(binds); i++) {
    char mount[512];
    struct plan_case c;
    plan_case_init(&c);
    unit_at(binds[i].options);
    (void)snprintf(mount, sizeof mount, "{\"destination\":\"/m\",\"source\":\"/s\",\"options\":[%s]}",
                   binds[i].options);
    if (CHECK(plan_mount(&c, mount, true) == 0)) {
      const struct plan_mount *m = &c.plan.mounts.items[0];
      CHECK(m->how == MOUNT_BIND);
      CHECK_NUMBER(m->attr_set, binds[i].set);
      CHECK_NUMBER(m->attr_clear, binds[i].clear);
      CHECK_NUMBER(m->attr_set_rec, binds[i].set_rec);
      CHECK_NUMBER(m->attr_clear_rec, binds[i].clear_rec);
    }
    plan_case_finish(&c);
  }
}

static const struct {
  const char *mount;
  bool cgroup_namespace;
  enum mount_how how;
  const char *type, *source;
  uint64_t set, propagation;
} kinds[] = {
  { "{\"destination\":\"/t\",\"type\":\"tmpfs\"}", true, MOUNT_NEW, "tmpfs", "tmpfs", 0, 0 },
  { "{\"destination\":\"/"
    "t\",\"type\":\"tmpfs\",\"source\":\"x\",\"options\":[\"ro\",\"strictatime\",\"rnosuid\"]}",
    true, MOUNT_NEW, "tmpfs", "x", RO | STRICT | NOSUID, 0 },
  { "{\"destination\":\"/t\",\"type\":\"none\",\"source\":\"a/b\",\"options\":[\"rbind\",\"rshared\"]}", true,
    MOUNT_BIND, NULL, "/bundle/a/b", 0, MS_SHARED },
  { "{\"destination\":\"/t\",\"type\":\"bind\",\"source\":\"/l/../x\",\"options\":[\"shared\",\"private\"]}",
    true, MOUNT_BIND, NULL, "/l/../x", 0, MS_PRIVATE },
  { "{\"destination\":\"/c\",\"type\":\"cgroup\",\"options\":[\"rw\",\"nosuid\"]}", true, MOUNT_CGROUP,
    "cgroup2", "cgroup", NOSUID, 0 },
  { "{\"destination\":\"/c\",\"type\":\"cgroup\",\"options\":[\"rw\",\"nosuid\"]}", false, MOUNT_CGROUP_BIND,
    "cgroup2", "cgroup", NOSUID | RO, 0 },
  { "{\"destination\":\"/t\",\"options\":[\"remount\",\"ro\"]}", true, MOUNT_REMOUNT, NULL, NULL, RO, 0 },
};

static void each_kind_is_made_its_way(void)
{
  for (size_t i = 0; i < UNIT_COUNT(kinds); i++) {
    struct plan_case c;
    plan_case_init(&c);
    unit_at(kinds[i].mount);
    if (CHECK(plan_mount(&c, kinds[i].mount, kinds[i].cgroup_namespace) == 0)) {
      const struct plan_mount *m = &c.plan.mounts.items[0];
      CHECK(m->how == kinds[i].how);
      CHECK_STRING(m->type, kinds[i].type);
      CHECK_STRING(m->source, kinds[i].source);
      CHECK_NUMBER(m->attr_set, kinds[i].set);
      CHECK_NUMBER(m->propagation, kinds[i].propagation);
    }
    CHECK_STRING(c.message, "");
    plan_case_finish(&c);
  }
}

static void options_of_the_file_system_go_to_it(void)
{
  struct plan_case c;
  unit_at(NULL);
  plan_case_init(&c);
  CHECK(plan_mount(
            &c,
            "{\"destination\":\"/a/../t/\",\"type\":\"tmpfs\",\"options\":[\"size=1m\",\"mode=700\",\"sync\","
            "\"noswap\",\"\",\"context=\\\"a:b,c\\\"\"]}",
            true)
        == 0);
  const struct plan_mount *m = &c.plan.mounts.items[0];
  CHECK_STRING(m->destination, "/t");
  CHECK_STRING(m->origin, "/mounts/0");
  CHECK(!m->mode_from_target);
  if (CHECK_NUMBER(m->options.count, 5)) {
    CHECK_STRING(m->options.items[0].key, "size");
    CHECK_STRING(m->options.items[0].value, "1m");
    CHECK_STRING(m->options.items[2].key, "sync");
    CHECK_STRING(m->options.items[2].value, NULL);
    CHECK_STRING(m->options.items[3].key, "noswap");
    CHECK_STRING(m->options.items[4].value, "a:b,c");
  }
  plan_case_finish(&c);

  plan_case_init(&c);
  CHECK(plan_mount(&c, "{\"destination\":\"/t\",\"type\":\"tmpfs\",\"options\":[\"tmpcopyup\"]}", true) == 0);
  CHECK(c.plan.mounts.items[0].copy_up);
  CHECK(c.plan.mounts.items[0].mode_from_target);
  plan_case_finish(&c);

  plan_case_init(&c);
  CHECK(plan_mount(&c, "{\"destination\":\"/\",\"type\":\"overlay\",\"options\":[\"tmpupper\"]}", true) == 0);
  CHECK(c.plan.mounts.items[0].tmp_upper);
  CHECK_NUMBER(c.plan.mounts.items[0].options.count, 0);
  plan_case_finish(&c);

  plan_case_init(&c);
  CHECK(plan_mount(&c, "{\"destination\":\"/t\",\"options\":[\"remount\",\"size=1m\"]}", true) == 0);
  CHECK(c.plan.mounts.items[0].how == MOUNT_REMOUNT);
  CHECK_NUMBER(c.plan.mounts.items[0].options.count, 1);
  plan_case_finish(&c);

  plan_case_init(&c);
  CHECK(plan_mount(&c, "{\"destination\":\"/p\",\"type\":\"devpts\",\"options\":[\"newinstance\",\"gid=5\"]}",
                   true)
        == 0);
  CHECK_NUMBER(c.plan.mounts.items[0].options.count, 1);
  plan_case_finish(&c);
}

static const struct {
  const char *mount, *message;
} refusals[] = {
  { "{\"destination\":\"/m\",\"source\":\"/s\",\"options\":[\"bind\",\"rx\"]}",
    "/mounts/0/options/1: unknown mount option 'rx'" },
  { "{\"destination\":\"/m\",\"source\":\"/s\",\"options\":[\"bind\",\"nosiud\"]}",
    "(did you mean 'nosuid'?)" },
  { "{\"destination\":\"/m\",\"source\":\"/s\",\"options\":[\"bind\",\"size=1m\"]}",
    "/mounts/0/options/1: " },
  { "{\"destination\":\"/m\",\"source\":\"/s\",\"options\":[\"bind\",\"idmap\"]}",
    "/mounts/0/options: 'idmap' needs uidMappings" },
  { "{\"destination\":\"/m\",\"source\":\"/s\",\"options\":[\"bind\",\"idmap=uids=0-1-2\"]}",
    "/mounts/0/options/1: maps for both" },
  { "{\"destination\":\"/m\",\"source\":\"/s\",\"options\":[\"bind\",\"idmap=uids=0-1-2#4;gids=0-1-2\"]}",
    "'4' is no map" },
  { "{\"destination\":\"/m\",\"source\":\"/s\",\"options\":[\"bind\",\"idmap=uids=0-1-0;gids=0-1-2\"]}",
    "is no map" },
  { "{\"destination\":\"/m\",\"source\":\"/s\",\"options\":[\"bind\",\"ridmap=uids=@0-1-2;gids=0-1-2\"]}",
    "'1' is not mapped in the container" },
  { "{\"destination\":\"/m\",\"source\":\"/s\",\"options\":[\"bind\",\"idmap=users=1\"]}",
    "'users=1' should be" },
  { "{\"destination\":\"/m\",\"type\":\"tmpfs\",\"options\":[\"idmap=uids=0-1-2;gids=0-1-2\"]}",
    "only bind mounts" },
  { "{\"destination\":\"/m\",\"source\":\"/s\",\"options\":[\"bind\",\"tmpcopyup\"]}", "tmpfs only" },
  { "{\"destination\":\"/m\",\"type\":\"tmpfs\",\"options\":[\"tmpupper\"]}", "overlay only" },
  { "{\"destination\":\"/m\",\"type\":\"overlay\",\"options\":[\"tmpupper\",\"upperdir=/u\"]}",
    "leave out 'upperdir'" },
  { "{\"destination\":\"/m\",\"source\":\"/s\"}", "/mounts/0/type: " },
  { "{\"destination\":\"/\",\"type\":\"tmpfs\"}", "/mounts/0/destination: " },
  { "{\"destination\":\"/x/..\",\"type\":\"tmpfs\"}", "/mounts/0/destination: " },
  { "{\"destination\":\"/m\",\"options\":[\"bind\"]}", "/mounts/0/source: " },
  { "{\"destination\":\"/proc/self\",\"type\":\"tmpfs\"}", "/mounts/0/destination: " },
};

static void what_cannot_be_done_is_refused(void)
{
  for (size_t i = 0; i < UNIT_COUNT(refusals); i++) {
    struct plan_case c;
    plan_case_init(&c);
    unit_at(refusals[i].mount);
    CHECK(plan_mount(&c, refusals[i].mount, true) < 0);
    if (!CHECK(strstr(c.message, refusals[i].message)))
      printf("  got '%s'\n", c.message);
    plan_case_finish(&c);
  }
}

static void dev_is_filled_unless_it_is_the_hosts(void)
{
  struct plan_case c;
  unit_at(NULL);
  plan_case_init(&c);
  CHECK(plan_mount(&c, "{\"destination\":\"/dev\",\"type\":\"tmpfs\"}", true) == 0);
  CHECK(c.plan.fill_dev && c.plan.mounts.items[0].is_dev);
  CHECK_NUMBER(c.plan.devices.count, 6);
  plan_case_finish(&c);

  plan_case_init(&c);
  CHECK(plan_mount(&c, "{\"destination\":\"/dev/\",\"source\":\"/dev\",\"options\":[\"rbind\"]}", true) == 0);
  CHECK(!c.plan.fill_dev && !c.plan.mounts.items[0].is_dev);
  CHECK_NUMBER(c.plan.devices.count, 0);
  plan_case_finish(&c);

  plan_case_init(&c);
  CHECK(plan_mount(&c, "", true) == 0);
  CHECK(c.plan.fill_dev);
  plan_case_finish(&c);
}

static void a_flag_of_the_file_system_on_a_bind_is_warned_about(void)
{
  struct plan_case c;
  unit_at(NULL);
  plan_case_init(&c);
  CHECK(plan_mount(&c, "{\"destination\":\"/m\",\"source\":\"/s\",\"options\":[\"bind\",\"sync\"]}", true)
        == 0);
  if (CHECK_NUMBER(c.plan.warnings.count, 1))
    CHECK(strstr(c.plan.warnings.items[0], "/mounts/0/options/1"));
  CHECK_NUMBER(c.plan.mounts.items[0].options.count, 0);
  plan_case_finish(&c);
}

int main(void)
{
  binds_change_what_is_named();
  each_kind_is_made_its_way();
  options_of_the_file_system_go_to_it();
  what_cannot_be_done_is_refused();
  dev_is_filled_unless_it_is_the_hosts();
  a_flag_of_the_file_system_on_a_bind_is_warned_about();
  return unit_finish();
}
