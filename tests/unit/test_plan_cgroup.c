/* SPDX-License-Identifier: Apache-2.0
 * The cgroup, devices, paths and sysctls of a plan. */
#include "tests/unit/plan_case.h"

#define CGROUP_MOUNT(options)                                                                                \
  "\"mounts\":[{\"destination\":\"/sys/fs/cgroup\",\"type\":\"cgroup\",\"options\":[" options "]}],"
#define LINUX(more)                                                                                          \
  PLAN_PROCESS                                                                                               \
  ",\"linux\":{\"namespaces\":[{\"type\":\"mount\"},{\"type\":\"cgroup\"},{\"type\":\"network\"}]" more "}"

static const struct {
  const char *path, *own, *wanted;
} paths[] = {
  { ",\"cgroupsPath\":\"/a/b\"", NULL, "/a/b" },  { ",\"cgroupsPath\":\"/a//b/./c/\"", NULL, "/a/b/c" },
  { "", "/user/session", "/user/test" },          { ",\"cgroupsPath\":\"x\"", "/user/session", "/user/x" },
  { ",\"cgroupsPath\":\"/a/../b\"", NULL, NULL },
};

static void path_is_decided(void)
{
  for (size_t i = 0; i < UNIT_COUNT(paths); i++) {
    char members[2048];
    struct plan_case c;
    plan_case_init(&c);
    unit_at(paths[i].path);
    c.facts.own_cgroup = paths[i].own;
    (void)snprintf(members, sizeof members, LINUX("%s"), paths[i].path);
    CHECK((plan_case_run(&c, members) == 0) == (paths[i].wanted != NULL));
    if (paths[i].wanted)
      CHECK_STRING(c.plan.cgroup.path, paths[i].wanted);
    else
      CHECK(strstr(c.message, "/linux/cgroupsPath: "));
    plan_case_finish(&c);
  }
  unit_at(NULL);
}

static void managers_differ(void)
{
  struct plan_case c;
  plan_case_init(&c);
  c.request.manager = MANAGER_DISABLED;
  CHECK(plan_case_run(&c, LINUX("")) == 0);
  CHECK(!c.plan.cgroup.path && !c.plan.cgroup.required && !c.plan.cgroup.limit_devices);
  c.request.manager = MANAGER_SYSTEMD;
  CHECK(plan_case_run(&c, LINUX("")) == 0);
  CHECK_STRING(c.plan.cgroup.path, "/system.slice/hull-test.scope");
  CHECK_STRING(c.plan.cgroup.unit, "hull-test.scope");
  CHECK(c.plan.cgroup.required && !c.plan.cgroup.user_manager && c.plan.cgroup.properties.count > 0);
  CHECK(plan_case_run(&c, LINUX(",\"cgroupsPath\":\"/a/b\"")) < 0);
  CHECK(strstr(c.message, "/linux/cgroupsPath: expected cgroupsPath to be of format"));
  CHECK(plan_case_run(&c, "\"annotations\":{\"org.systemd.property.After\":\"x\"}," LINUX("")) < 0);
  CHECK(strstr(c.message, "/annotations/org.systemd.property.After: "));
  c.request.manager = MANAGER_CGROUPFS;
  c.facts.cgroup2 = false;
  CHECK(plan_case_run(&c, LINUX("")) < 0);
  CHECK(strstr(c.message, "no cgroup2 mount"));
  plan_case_finish(&c);
}

static const struct {
  enum rootless_choice rootless;
  uint32_t euid;
  bool in_user_namespace;
  const char *own, *path; /* that the plan must have */
} managers[] = {
#define IN_USER "/user.slice/user-1000.slice/user@1000.service"
#define USER_PATH IN_USER "/user.slice/hull-test.scope"
#define SYSTEM_PATH "/system.slice/hull-test.scope"
  { ROOTLESS_AUTO, 0, false, IN_USER "/app.slice/x", SYSTEM_PATH },
  { ROOTLESS_AUTO, 1000, false, "/", USER_PATH },
  { ROOTLESS_AUTO, 0, true, IN_USER "/app.slice/x", USER_PATH },
  { ROOTLESS_AUTO, 0, true, "/user.slice/user-1000.slice/session-2.scope", USER_PATH },
  { ROOTLESS_AUTO, 0, true, "/system.slice/x", SYSTEM_PATH },
  { ROOTLESS_TRUE, 0, false, IN_USER, USER_PATH },
  { ROOTLESS_FALSE, 1000, false, IN_USER, SYSTEM_PATH },
};

static void the_systemd_of_a_user_is_recognised(void)
{
  for (size_t i = 0; i < UNIT_COUNT(managers); i++) {
    struct plan_case c;
    plan_case_init(&c);
    unit_at(managers[i].own);
    c.request.manager = MANAGER_SYSTEMD;
    c.request.rootless = managers[i].rootless;
    c.facts.euid = managers[i].euid;
    c.facts.in_user_namespace = managers[i].in_user_namespace;
    c.facts.own_cgroup = managers[i].own;
    (void)plan_case_run(&c, LINUX("")); /* not root: other things are refused */
    CHECK_STRING(c.plan.cgroup.path, managers[i].path);
    CHECK(c.plan.cgroup.user_manager == (strcmp(managers[i].path, USER_PATH) == 0));
    plan_case_finish(&c);
  }
  unit_at(NULL);
}

static void a_writable_cgroup_mount_is_delegated(void)
{
  struct plan_case c;
  plan_case_init(&c);
  CHECK(plan_case_run(&c, CGROUP_MOUNT("\"rw\"") LINUX("")) == 0);
  CHECK(c.plan.cgroup.delegate);
  CHECK(plan_case_run(&c, CGROUP_MOUNT("\"ro\"") LINUX("")) == 0);
  CHECK(!c.plan.cgroup.delegate);
  CHECK(plan_case_run(&c, LINUX("")) == 0);
  CHECK(!c.plan.cgroup.delegate);
  plan_case_finish(&c);
}

static void device_rules_need_the_initial_user_namespace(void)
{
#define RULES LINUX(",\"resources\":{\"devices\":[{\"allow\":false,\"access\":\"rwm\"}]}")
  struct plan_case c;
  plan_case_init(&c);
  CHECK(plan_case_run(&c, RULES) == 0);
  CHECK(c.plan.cgroup.limit_devices && c.plan.cgroup.required);
  CHECK_NUMBER(c.plan.cgroup.device_rules.count, 1);
  c.facts.in_user_namespace = true;
  CHECK(plan_case_run(&c, RULES) == 0);
  CHECK(!c.plan.cgroup.limit_devices && !c.plan.cgroup.required);
  CHECK(c.plan.devices.items[0].bind);
  plan_case_finish(&c);
}

static void listed_devices_override(void)
{
  struct plan_case c;
  plan_case_init(&c);
  CHECK(plan_case_run(
            &c, LINUX(",\"devices\":["
                      "{\"path\":\"/dev/null\",\"type\":\"c\",\"major\":1,\"minor\":3,\"fileMode\":432},"
                      "{\"path\":\"/dev/ptmx\",\"type\":\"c\",\"major\":5,\"minor\":2},"
                      "{\"path\":\"/dev/f\",\"type\":\"p\",\"uid\":3,\"gid\":4},"
                      "{\"path\":\"/dev/u\",\"type\":\"u\",\"major\":7,\"minor\":8}]"))
        == 0);
  if (CHECK_NUMBER(c.plan.devices.count, 8)) {
    CHECK_STRING(c.plan.devices.items[0].path, "/dev/null");
    CHECK_NUMBER(c.plan.devices.items[0].mode, 0660);
    CHECK_STRING(c.plan.devices.items[0].origin, "/linux/devices/0");
    CHECK(!c.plan.devices.items[0].bind);
    CHECK_NUMBER(c.plan.devices.items[6].type, 'p');
    CHECK_NUMBER(c.plan.devices.items[6].mode, 0666);
    CHECK_NUMBER(c.plan.devices.items[6].gid, 4);
    CHECK_NUMBER(c.plan.devices.items[7].type, 'c');
  }
  plan_case_finish(&c);
}

static void paths_come_once(void)
{
  struct plan_case c;
  plan_case_init(&c);
  CHECK(plan_case_run(&c, LINUX(",\"maskedPaths\":[\"/proc/a\",\"/proc//b/\",\"/proc/a/\"],"
                                "\"readonlyPaths\":[\"/proc/x/../sys\"]"))
        == 0);
  if (CHECK_NUMBER(c.plan.masked.count, 2)) {
    CHECK_STRING(c.plan.masked.items[1].path, "/proc/b");
    CHECK_STRING(c.plan.masked.items[1].origin, "/linux/maskedPaths/1");
  }
  if (CHECK_NUMBER(c.plan.readonly.count, 1))
    CHECK_STRING(c.plan.readonly.items[0].path, "/proc/sys");
  CHECK(plan_case_run(&c, LINUX(",\"maskedPaths\":[\"/\"]")) < 0);
  CHECK(strstr(c.message, "/linux/maskedPaths/0: "));
  plan_case_finish(&c);
}

static void sysctls_become_paths(void)
{
  struct plan_case c;
  plan_case_init(&c);
  CHECK(plan_case_run(
            &c, LINUX(",\"sysctl\":{\"net.ipv4.conf.eth0/1.forwarding\":\"1\",\"net/core/somaxconn\":\"2\"}"))
        == 0);
  if (CHECK_NUMBER(c.plan.sysctls.count, 2)) {
    CHECK_STRING(c.plan.sysctls.items[0].path, "net/ipv4/conf/eth0.1/forwarding");
    CHECK_STRING(c.plan.sysctls.items[0].value, "1");
    CHECK_STRING(c.plan.sysctls.items[1].path, "net/core/somaxconn");
  }
  plan_case_finish(&c);
}

int main(void)
{
  path_is_decided();
  managers_differ();
  the_systemd_of_a_user_is_recognised();
  a_writable_cgroup_mount_is_delegated();
  device_rules_need_the_initial_user_namespace();
  listed_devices_override();
  paths_come_once();
  sysctls_become_paths();
  return unit_finish();
}
