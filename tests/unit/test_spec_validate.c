/* SPDX-License-Identifier: Apache-2.0
 * The semantic checks: each row adds its text to a small good config, and names the problem that has to come
 * of it, or none. Also ids, sysctl names and signal names. */
#include "libcontainer/base/text.h"
#include "spec/decode.h"
#include "spec/names.h"
#include "spec/sysctl.h"
#include "spec/validate.h"
#include "tests/unit/unit.h"

#include <signal.h>

#define PROCESS(members) "\"process\":{\"cwd\":\"/\",\"args\":[\"sh\"]," members "}"
#define LINUX(members) "\"linux\":{" members "}"
#define NS(type) "\"namespaces\":[{\"type\":\"" type "\"}]"
#define USER_NS "\"namespaces\":[{\"type\":\"user\"}],"
#define MAP(container, host, size) "{\"containerID\":" #container ",\"hostID\":" #host ",\"size\":" #size "}"
#define ONE_MAP "\"gidMappings\":[" MAP(0, 0, 1) "]"
#define RESOURCES(members) LINUX("\"resources\":{" members "}")
#define SECCOMP(members) LINUX("\"seccomp\":{\"defaultAction\":\"SCMP_ACT_ERRNO\"" members "}")
#define RULE(members) SECCOMP(",\"syscalls\":[{\"names\":[\"read\"]," members "}]")
#define LONG_NAME "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffggggg"

/* 'wrong': "POINTER: TEXT" of the first problem, "warning POINTER: TEXT" if it is a warning, NULL: none. */
static const struct {
  const char *members, *wrong;
} rows[] = {
  { PROCESS("\"terminal\":true"), NULL },
  { "\"process\":{\"cwd\":\"a\",\"args\":[\"sh\"]}", "/process/cwd: 'a' is not absolute" },
  { "\"process\":{\"cwd\":\"/\"}", "/process/args: at least one argument is required" },
  { "\"process\":{\"cwd\":\"/\",\"args\":[\"\"]}", "/process/args/0: the command must not be empty" },
  { PROCESS("\"env\":[\"A=1\",\"B=\"]"), NULL },
  { PROCESS("\"env\":[\"A=1\",\"=x\"]"), "/process/env/1: '=x' has no name" },
  { PROCESS("\"env\":[\"\"]"), "/process/env/0: '' has no name" },
  { PROCESS("\"env\":[\"ABC\"]"), "warning /process/env/0: 'ABC' has no '='" },
  { PROCESS("\"consoleSize\":{\"height\":70000,\"width\":1}"), NULL },
  { PROCESS("\"terminal\":true,\"consoleSize\":{\"height\":70000,\"width\":1}"), "/process/consoleSize: " },
  { PROCESS("\"rlimits\":[{\"type\":\"RLIMIT_CPU\",\"soft\":2,\"hard\":1}]"),
    "/process/rlimits/0/soft: 2 is above hard limit 1" },
  { PROCESS("\"rlimits\":[{\"type\":\"RLIMIT_CPU\",\"soft\":1,\"hard\":1},{\"type\":\"RLIMIT_CPU\",\"soft\":"
            "1,\"hard\":1}]"),
    "/process/rlimits/1/type: RLIMIT_CPU is listed twice" },
  { PROCESS("\"capabilities\":{\"bounding\":[\"CAP_KILL\"],\"ambient\":[\"CAP_KILLL\"]}"),
    "warning /process/capabilities/ambient/0: unknown capability 'CAP_KILLL' (did you mean 'CAP_KILL'?)" },
  { PROCESS("\"apparmorProfile\":\"\",\"selinuxLabel\":\"\""), NULL },

  { "\"annotations\":{\"a\":\"\"}", NULL },
  { "\"annotations\":{\"\":\"a\"}", "/annotations/: a key must not be empty" },
  { "\"hooks\":{\"poststop\":[{\"path\":\"/a\"},{\"path\":\"b\"}]}",
    "/hooks/poststop/1/path: 'b' is not absolute" },
  { "\"hooks\":{\"createContainer\":[{\"path\":\"b\"}]}",
    "/hooks/createContainer/0/path: 'b' is not absolute" },

  { "\"mounts\":[{\"destination\":\"/a\",\"type\":\"tmpfs\"}]", NULL },
  { "\"mounts\":[{\"destination\":\"a\",\"type\":\"tmpfs\"}]",
    "warning /mounts/0/destination: 'a' is relative" },
  { "\"mounts\":[{\"destination\":\"/a\",\"options\":[\"rbind\"]}]",
    "/mounts/0/source: a bind mount needs a source" },
  { "\"mounts\":[{\"destination\":\"/a\",\"type\":\"bind\"}]",
    "/mounts/0/source: a bind mount needs a source" },
  { "\"mounts\":[{\"destination\":\"/proc\",\"type\":\"proc\"}]", NULL },
  { "\"mounts\":[{\"destination\":\"/proc/\",\"type\":\"bind\",\"source\":\"/proc\"}]", NULL },
  { "\"mounts\":[{\"destination\":\"/proc\",\"type\":\"tmpfs\"}]",
    "/mounts/0/type: only a proc file system" },
  { "\"mounts\":[{\"destination\":\"/proc/uptime\",\"source\":\"/a\",\"options\":[\"bind\"]}]", NULL },
  { "\"mounts\":[{\"destination\":\"/a/../proc//net/dev\",\"source\":\"/a\",\"options\":[\"bind\"]}]", NULL },
  { "\"mounts\":[{\"destination\":\"/proc/self\",\"type\":\"tmpfs\"}]",
    "/mounts/0/destination: '/proc/self' is inside" },
  { "\"mounts\":[{\"destination\":\"/dev/../proc/sys\",\"type\":\"tmpfs\"}]",
    "/mounts/0/destination: '/dev/../proc/sys'" },
  { "\"mounts\":[{\"destination\":\"/proc/stat/x\",\"type\":\"tmpfs\"}]", "/mounts/0/destination: " },
  { "\"mounts\":[{\"destination\":\"/process\",\"type\":\"tmpfs\"}]", NULL },
  { "\"mounts\":[{\"destination\":\"/a\",\"uidMappings\":[]}]", NULL },
  { "\"mounts\":[{\"destination\":\"/a\"},{\"destination\":\"/b\",\"gidMappings\":[" MAP(0, 0, 1) "]}]",
    "/mounts/1: uidMappings and gidMappings come together" },
  { "\"mounts\":[{\"destination\":\"/b\",\"gidMappings\":[" MAP(0, 0, 1) "],\"uidMappings\":[" MAP(0, 0,
                                                                                                   0) "]}]",
    "/mounts/0/uidMappings/0/size: must not be 0" },

  { LINUX(NS("pid")), NULL },
  { LINUX("\"namespaces\":[{\"type\":\"pid\"},{\"type\":\"ipc\"},{\"type\":\"pid\",\"path\":\"/a\"}]"),
    "/linux/namespaces/2/type: namespace 'pid' is listed twice" },
  { LINUX("\"namespaces\":[{\"type\":\"ipc\",\"path\":\"\"},{\"type\":\"pid\",\"path\":\"a\"}]"),
    "/linux/namespaces/1/path: 'a' is not absolute" },
  { LINUX("\"uidMappings\":[" MAP(0, 0, 1) "]"), "/linux/uidMappings: needs a user namespace" },
  { LINUX(USER_NS ONE_MAP), "/linux/uidMappings: a new user namespace needs it" },
  { LINUX(USER_NS "\"uidMappings\":[" MAP(0, 0, 1) "]," ONE_MAP), NULL },
  { LINUX("\"namespaces\":[{\"type\":\"user\",\"path\":\"/a\"}]"), NULL },
  { LINUX("\"namespaces\":[{\"type\":\"user\",\"path\":\"/a\"}]," ONE_MAP),
    "warning /linux/gidMappings: not used" },
  { LINUX(USER_NS "\"uidMappings\":[" MAP(0, 0, 0) "]," ONE_MAP),
    "/linux/uidMappings/0/size: must not be 0" },
  { LINUX(USER_NS "\"uidMappings\":[" MAP(0, 0, 4294967295) "]," ONE_MAP), NULL },
  { LINUX(USER_NS "\"uidMappings\":[" MAP(0, 1, 4294967295) "]," ONE_MAP),
    "/linux/uidMappings/0/size: goes past the last id" },
  { LINUX(USER_NS "\"uidMappings\":[" MAP(0, 10, 5) "," MAP(5, 15, 5) "]," ONE_MAP), NULL },
  { LINUX(USER_NS "\"uidMappings\":[" MAP(0, 10, 5) "," MAP(4, 20, 5) "]," ONE_MAP),
    "/linux/uidMappings/1: overlaps with entry 0" },
  { LINUX(USER_NS "\"uidMappings\":[" MAP(0, 10, 5) "," MAP(9, 14, 5) "]," ONE_MAP),
    "/linux/uidMappings/1: overlaps with entry 0" },
  { LINUX(NS("time") ",\"timeOffsets\":{\"monotonic\":{\"secs\":1}}"), NULL },
  { LINUX("\"timeOffsets\":{\"monotonic\":{\"secs\":1}}"), "/linux/timeOffsets: needs a new time namespace" },
  { LINUX(
        "\"namespaces\":[{\"type\":\"time\",\"path\":\"/a\"}],\"timeOffsets\":{\"monotonic\":{\"secs\":1}}"),
    "/linux/timeOffsets: needs a new time namespace" },
  { LINUX(NS("time") ",\"timeOffsets\":{\"realtime\":{\"secs\":1}}"),
    "/linux/timeOffsets/realtime: unknown clock" },
  { "\"hostname\":\"\"", NULL },
  { "\"hostname\":\"a\"", "/hostname: needs a uts namespace" },
  { "\"domainname\":\"a\"", "/domainname: needs a uts namespace" },
  { "\"hostname\":\"a\",\"linux\":{\"namespaces\":[{\"type\":\"uts\",\"path\":\"/a\"}]}", NULL },
  { "\"hostname\":\"" LONG_NAME "\"," LINUX(NS("uts")), "/hostname: longer than 64 bytes" },
  { LINUX(NS("mount") ",\"maskedPaths\":[\"/a\"],\"readonlyPaths\":[\"/b\"]"), NULL },
  { LINUX("\"maskedPaths\":[\"/a\"]"), "/linux/maskedPaths: needs a mount namespace" },
  { LINUX(NS("mount") ",\"readonlyPaths\":[\"/a\",\"b\"]"), "/linux/readonlyPaths/1: 'b' is not absolute" },

  { LINUX("\"devices\":[{\"type\":\"c\",\"path\":\"/dev/a\",\"major\":1,\"minor\":3}]"), NULL },
  { LINUX("\"devices\":[{\"type\":\"p\",\"path\":\"/dev/a\"}]"), NULL },
  { LINUX("\"devices\":[{\"type\":\"x\",\"path\":\"/dev/a\"}]"), "/linux/devices/0/type: 'x' is none of" },
  { LINUX("\"devices\":[{\"type\":\"cb\",\"path\":\"/dev/a\"}]"), "/linux/devices/0/type: 'cb' is none of" },
  { LINUX("\"devices\":[{\"type\":\"c\",\"path\":\"/dev/a\",\"major\":1}]"),
    "/linux/devices/0/minor: required" },
  { LINUX("\"devices\":[{\"type\":\"c\",\"path\":\"/dev/a\",\"major\":4096,\"minor\":1}]"),
    "/linux/devices/0/major: 4096" },
  { LINUX("\"devices\":[{\"type\":\"c\",\"path\":\"/dev/a\",\"major\":1,\"minor\":-1}]"),
    "/linux/devices/0/minor: -1" },
  { LINUX("\"devices\":[{\"type\":\"p\",\"path\":\"dev/a\"}]"),
    "/linux/devices/0/path: 'dev/a' is not absolute" },
  { RESOURCES("\"devices\":[{\"allow\":false,\"access\":\"rwm\"},{\"allow\":true,\"type\":\"c\",\"major\":-1,"
              "\"access\":\"r\"}]"),
    NULL },
  { RESOURCES("\"devices\":[{\"allow\":true,\"type\":\"p\"}]"),
    "/linux/resources/devices/0/type: 'p' is none of" },
  { RESOURCES("\"devices\":[{\"allow\":true,\"access\":\"rx\"}]"),
    "/linux/resources/devices/0/access: 'rx' has" },
  { RESOURCES("\"devices\":[{\"allow\":true,\"major\":-2}]"),
    "/linux/resources/devices/0/major: -2 is neither" },

  /* What docker and podman write when nothing is asked for. */
  { RESOURCES("\"memory\":{},\"cpu\":{\"shares\":0},\"blockIO\":{\"weight\":0},\"pids\":{\"limit\":0},"
              "\"unified\":{},\"rdma\":{},"
              "\"hugepageLimits\":[],\"network\":{}"),
    NULL },
  { RESOURCES("\"memory\":{\"limit\":-1,\"swap\":0,\"disableOOMKiller\":false,\"useHierarchy\":true},"
              "\"pids\":{\"limit\":-1},"
              "\"cpu\":{\"cpus\":\"\",\"period\":100000}"),
    NULL },
  { RESOURCES("\"memory\":{\"limit\":4096}"), NULL },
  { RESOURCES("\"cpu\":{\"shares\":1024}"), NULL },
  { RESOURCES("\"cpu\":{\"shares\":1023}"), NULL },
  { RESOURCES("\"pids\":{\"limit\":7}"), NULL },
  { RESOURCES("\"cpu\":{\"quota\":7}"), NULL },
  { RESOURCES("\"unified\":{\"a.b\":\"c\"}"), NULL },
  { RESOURCES("\"blockIO\":{\"weightDevice\":[{\"major\":1,\"minor\":1}]}"),
    "/linux/resources/blockIO/weightDevice/0: neither weight nor" },
  { RESOURCES("\"blockIO\":{\"weightDevice\":[{\"major\":1,\"minor\":1,\"leafWeight\":10}]}"),
    "/linux/resources/blockIO/weightDevice/0/leafWeight: needs cgroup v1" },
  { RESOURCES("\"rdma\":{\"a\":{\"hcaHandles\":1}}"), NULL },
  { RESOURCES("\"memory\":{\"kernel\":4096}"), "/linux/resources/memory/kernel: needs cgroup v1" },
  { RESOURCES("\"memory\":{\"kernelTCP\":4096}"), "/linux/resources/memory/kernelTCP: needs cgroup v1" },
  { RESOURCES("\"memory\":{\"swappiness\":60}"), "/linux/resources/memory/swappiness: needs cgroup v1" },
  { RESOURCES("\"memory\":{\"disableOOMKiller\":true}"),
    "/linux/resources/memory/disableOOMKiller: needs cgroup v1" },
  { RESOURCES("\"memory\":{\"useHierarchy\":false}"),
    "/linux/resources/memory/useHierarchy: false needs cgroup v1" },
  { RESOURCES("\"cpu\":{\"realtimeRuntime\":1}"), "/linux/resources/cpu/realtimeRuntime: needs cgroup v1" },
  { RESOURCES("\"cpu\":{\"realtimePeriod\":1}"), "/linux/resources/cpu/realtimePeriod: needs cgroup v1" },
  { RESOURCES("\"blockIO\":{\"leafWeight\":10}"), "/linux/resources/blockIO/leafWeight: needs cgroup v1" },
  { RESOURCES("\"network\":{\"classID\":10}"), "/linux/resources/network/classID: needs cgroup v1" },
  { RESOURCES("\"network\":{\"priorities\":[{\"name\":\"a\",\"priority\":1}]}"),
    "/linux/resources/network/priorities: needs" },
  { LINUX("\"mountLabel\":\"\""), NULL },
  { LINUX("\"intelRdt\":{}"), "/linux/intelRdt: not supported yet" },
  { LINUX("\"netDevices\":{}"), NULL },
  { LINUX("\"netDevices\":{\"eth0\":{}}"), "/linux/netDevices: not supported yet" },

  { LINUX(NS("network") ",\"sysctl\":{\"net.ipv4.ip_forward\":\"1\",\"net/core/somaxconn\":\"9\"}"), NULL },
  { LINUX("\"sysctl\":{\"net.ipv4.ip_forward\":\"1\"}"),
    "/linux/sysctl/net.ipv4.ip_forward: needs a namespace of type 'network'" },
  { LINUX(NS("ipc") ",\"sysctl\":{\"kernel.shm_rmid_forced\":\"1\",\"fs.mqueue.queues_max\":\"5\",\"kernel/"
                    "sem\":\"1\"}"),
    NULL },
  { LINUX(NS("ipc") ",\"sysctl\":{\"kernel.shm_\":\"1\"}"),
    "/linux/sysctl/kernel.shm_: belongs to no namespace" },
  { LINUX(NS("ipc") ",\"sysctl\":{\"fs.mqueue\":\"1\"}"),
    "/linux/sysctl/fs.mqueue: belongs to no namespace" },
  { LINUX(NS("uts") ",\"sysctl\":{\"kernel.domainname\":\"a\"}"), NULL },
  { "\"domainname\":\"b\"," LINUX(NS("uts") ",\"sysctl\":{\"kernel.domainname\":\"a\"}"),
    "/linux/sysctl/kernel.domainname: /domainname is set too" },
  { LINUX(NS("uts") ",\"sysctl\":{\"kernel.hostname\":\"a\"}"),
    "/linux/sysctl/kernel.hostname: set it by /hostname" },
  { LINUX(NS("uts") ",\"sysctl\":{\"kernel/hostname\":\"a\"}"),
    "/linux/sysctl/kernel~1hostname: set it by /hostname" },
  { LINUX(NS("network") ",\"sysctl\":{\"kernel.core_pattern\":\"|/x\"}"),
    "/linux/sysctl/kernel.core_pattern: belongs to no" },
  { LINUX(NS("network") ",\"sysctl\":{\"net/../kernel/core_pattern\":\"|/x\"}"),
    "/linux/sysctl/net~1..~1kernel~1core_pattern: not" },
  { LINUX(NS("network") ",\"sysctl\":{\"net.//.kernel.core_pattern\":\"|/x\"}"),
    "/linux/sysctl/net.~1~1.kernel.core_pattern: not a sysctl name" },

  { SECCOMP(""), NULL },
  { LINUX("\"seccomp\":{\"defaultAction\":\"SCMP_ACT_NOTIFY\"}"),
    "/linux/seccomp/defaultAction: SCMP_ACT_NOTIFY cannot" },
  { SECCOMP(",\"defaultErrnoRet\":38"), NULL },
  { LINUX("\"seccomp\":{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"defaultErrnoRet\":1}"),
    "/linux/seccomp/defaultErrnoRet: SCMP_ACT_ALLOW takes no errno" },
  { RULE("\"action\":\"SCMP_ACT_ERRNO\",\"errnoRet\":4095"), NULL },
  { RULE("\"action\":\"SCMP_ACT_ERRNO\",\"errnoRet\":4096"),
    "/linux/seccomp/syscalls/0/errnoRet: 4096 is too large" },
  { RULE("\"action\":\"SCMP_ACT_TRACE\",\"errnoRet\":65535"), NULL },
  { RULE("\"action\":\"SCMP_ACT_KILL\",\"errnoRet\":1"),
    "/linux/seccomp/syscalls/0/errnoRet: SCMP_ACT_KILL takes no errno" },
  { SECCOMP(",\"listenerMetadata\":\"\""), NULL },
  { SECCOMP(",\"listenerMetadata\":\"x\",\"listenerPath\":\"/a\""), NULL },
  { SECCOMP(",\"listenerMetadata\":\"x\""),
    "/linux/seccomp/listenerMetadata: needs /linux/seccomp/listenerPath" },
  { RULE("\"action\":\"SCMP_ACT_NOTIFY\""), "/linux/seccomp/syscalls/0/action: SCMP_ACT_NOTIFY needs" },
  { SECCOMP(",\"syscalls\":[{\"names\":[\"read\",\"\"],\"action\":\"SCMP_ACT_KILL\"}]"),
    "/linux/seccomp/syscalls/0/names/1: must not be empty" },
  { SECCOMP(",\"listenerPath\":\"/a\""), NULL },
};

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
  for (size_t i = 0; i < UNIT_COUNT(rows); i++)
    check_document(
        arena_printf(&arena, "{\"ociVersion\":\"1.0.0\",\"root\":{\"path\":\"r\"},%s}", rows[i].members),
        rows[i].wrong);
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
