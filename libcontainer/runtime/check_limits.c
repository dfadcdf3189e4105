/* SPDX-License-Identifier: Apache-2.0
 * `hull check`: cgroups and their delegation, systemd, seccomp, security modules, resctrl, keys. */
#include "cgroups/bpf.h"
#include "libcontainer/base/fd.h"
#include "libcontainer/base/file.h"
#include "libcontainer/base/numbers.h"
#include "libcontainer/base/proc.h"
#include "libcontainer/base/sys.h"
#include "libcontainer/base/text.h"
#include "libcontainer/runtime/check.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/bpf.h>
#include <linux/keyctl.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define LITTLE_MEMORY (64 << 20) /* an image with an interpreter in it needs more */

static const char delegate[] =
    "root delegates controllers to users by 'systemctl edit user@.service' with [Service] Delegate=cpu "
    "cpuset io "
    "memory pids; then start hull by 'systemd-run --user --scope -p Delegate=yes hull ...'";

/* --- cgroups --------------------------------------------------------------------------------------- */

void check_cgroup2(struct checker *c, struct finding *f)
{
  if (c->layout.mount_fd < 0)
    found(c, f, FINDING_MISSING,
          "mount -t cgroup2 cgroup2 /sys/fs/cgroup; a host with cgroup v1 only: boot with "
          "systemd.unified_cgroup_hierarchy=1; or use --cgroup-manager disabled",
          "no cgroup2 at /sys/fs/cgroup or /sys/fs/cgroup/unified");
  else if (c->layout.hybrid)
    found(c, f, FINDING_LIMITED, "boot with systemd.unified_cgroup_hierarchy=1 for all controllers",
          "at %s, beside cgroup v1, which may hold controllers", c->layout.mount_point);
  else
    found(c, f, FINDING_OK, NULL, "at %s", c->layout.mount_point);
}

void check_delegation(struct checker *c, struct finding *f)
{
  if (c->layout.mount_fd < 0)
    found(c, f, FINDING_MISSING, NULL, "no cgroup2");
  else if (faccessat(c->layout.mount_fd, "cgroup.procs", W_OK, AT_EACCESS) < 0 && errno == EROFS)
    found(c, f, FINDING_MISSING, "remount it writable, or use --cgroup-manager disabled",
          "%s is mounted read-only", c->layout.mount_point);
  else if (!c->user)
    found(c, f, FINDING_OK, NULL, "root has all controllers that there are:%s",
          c->controllers[0] != '\0' ? c->controllers : " none");
  else if (!c->delegated)
    found(c, f, FINDING_LIMITED, delegate,
          "our cgroup '%s' is not ours to change: containers run without a cgroup, and limits are errors",
          c->own_cgroup != NULL ? c->own_cgroup : "?");
  else
    found(c, f, FINDING_OK, NULL, "to us, in '%s':%s", c->own_cgroup,
          c->controllers[0] != '\0' ? c->controllers : " no controllers");
}

static void check_controller(struct checker *c, struct finding *f, const char *name)
{
  char word[32];
  (void)snprintf(word, sizeof word, " %s ", name);
  if (c->layout.mount_fd < 0)
    found(c, f, FINDING_MISSING, NULL, "no cgroup2");
  else if (strstr(c->controllers, word) != NULL)
    found(c, f, FINDING_OK, NULL, "limits of it can be set");
  else if (strstr(c->all_controllers, word) != NULL)
    found(c, f, FINDING_MISSING, delegate, "the host has it, but it is not delegated to us");
  else if (c->layout.hybrid)
    found(c, f, FINDING_MISSING, "boot with systemd.unified_cgroup_hierarchy=1",
          "not in cgroup v2 here: cgroup v1 may have it");
  else
    found(c, f, FINDING_MISSING,
          "see cgroup_disable= on the kernel's command line, cgroup v1 mounts, and its config",
          "not among cgroup.controllers of the host's root");
}

#define CHECK_CONTROLLER(name)                                                                               \
  void check_##name(struct checker *c, struct finding *f)                                                    \
  {                                                                                                          \
    check_controller(c, f, #name);                                                                           \
  }
CHECK_CONTROLLER(cpu)
CHECK_CONTROLLER(cpuset)
CHECK_CONTROLLER(io)
CHECK_CONTROLLER(memory)
CHECK_CONTROLLER(pids)
CHECK_CONTROLLER(hugetlb)

void check_device_rules(struct checker *c, struct finding *f)
{
  static const struct bpf_insn allow[] = {
    { .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 1 },
    { .code = BPF_JMP | BPF_EXIT },
  };
  struct error err = { 0 };
  auto_close int fd = bpf_load_device_program(allow, 2, &err);
  if (fd >= 0)
    found(c, f, FINDING_OK, NULL, "tried: the kernel takes a program");
  else if (c->user)
    found(c, f, FINDING_LIMITED, "run as root",
          "who has no CAP_BPF can't load them: devices are kept out by the mounts alone");
  else
    found(c, f, FINDING_MISSING, "raise RLIMIT_MEMLOCK, give CAP_SYS_ADMIN, or build with CONFIG_CGROUP_BPF",
          "the kernel refuses the program: %s", strerror(err.errnum));
}

/* The least of memory.max of our cgroup and those above. */
void check_memory_max(struct checker *c, struct finding *f)
{
  char path[4096], text[32], limited[4096] = "";
  uint64_t least = UINT64_MAX, value;
  (void)snprintf(path, sizeof path, "%s", c->own_cgroup != NULL ? c->own_cgroup : "");
  while (c->layout.mount_fd >= 0 && path[0] == '/' && path[1] != '\0') {
    const char *file = arena_printf(c->arena, "%s/memory.max", path + 1);
    if (file_read_small(c->layout.mount_fd, file, text, sizeof text) > 0) {
      text[strcspn(text, "\n")] = '\0';
      if (parse_u64(text, UINT64_MAX, &value) == 0 && value < least) {
        least = value;
        (void)snprintf(limited, sizeof limited, "%s", path);
      }
    }
    *strrchr(path, '/') = '\0';
  }
  if (least == UINT64_MAX)
    found(c, f, FINDING_OK, NULL, "none");
  else
    found(c, f, least < LITTLE_MEMORY ? FINDING_LIMITED : FINDING_OK,
          "start hull in another cgroup, or raise it",
          "%" PRIu64 " bytes, of cgroup '%.200s'; containers below it share them", least, limited);
}

void check_systemd(struct checker *c, struct finding *f)
{
  const char *dir = c->hull->runtime_dir;
  const char *bus =
      c->user && dir != NULL ? arena_printf(c->arena, "%s/systemd/private", dir) : "/run/systemd/private";
  if (!cgroup_systemd_built)
    found(c, f, FINDING_MISSING, "build hull with libsystemd, or use --cgroup-manager cgroupfs",
          "hull was built without it");
  else if (access("/run/systemd/system", F_OK) < 0)
    found(c, f, FINDING_MISSING, "use --cgroup-manager cgroupfs, the default",
          "the host was not started by systemd");
  else if (access(bus, F_OK) < 0)
    found(c, f, FINDING_MISSING,
          c->user ? "log in by a session that pam_systemd makes, and set XDG_RUNTIME_DIR"
                  : "start dbus, or systemd again",
          "no manager answers at '%s'", bus);
  else
    found(c, f, FINDING_OK, NULL, "a manager is at '%s'", bus);
}

/* --- seccomp --------------------------------------------------------------------------------------- */

void check_seccomp(struct checker *c, struct finding *f)
{
  static const struct {
    uint32_t word;
    const char *name;
  } actions[] = {
    { SECCOMP_RET_KILL_PROCESS, "kill" }, { SECCOMP_RET_TRAP, "trap" }, { SECCOMP_RET_ERRNO, "errno" },
    { SECCOMP_RET_TRACE, "trace" },       { SECCOMP_RET_LOG, "log" },   { SECCOMP_RET_ALLOW, "allow" },
  };
  char lacking[64] = "";
  for (size_t i = 0; i < sizeof actions / sizeof *actions; i++) {
    uint32_t word = actions[i].word;
    if (sys_seccomp(SECCOMP_GET_ACTION_AVAIL, 0, &word) < 0)
      (void)snprintf(lacking + strlen(lacking), sizeof lacking - strlen(lacking), " %s", actions[i].name);
  }
  if (*lacking != '\0')
    found(c, f, FINDING_MISSING, "build the kernel with CONFIG_SECCOMP_FILTER",
          "actions that are not there:%s", lacking);
  else
    found(c, f, FINDING_OK, NULL, "kill, trap, errno, trace, log, allow; libseccomp %s",
          seccomp_library_version(c->arena));
}

void check_seccomp_notify(struct checker *c, struct finding *f)
{
  uint32_t word = SECCOMP_RET_USER_NOTIF;
  struct seccomp_notif_sizes sizes;
  if (sys_seccomp(SECCOMP_GET_ACTION_AVAIL, 0, &word) < 0
      || sys_seccomp(SECCOMP_GET_NOTIF_SIZES, 0, &sizes) < 0)
    found(c, f, FINDING_MISSING, "boot Linux 5.14 or newer",
          "SCMP_ACT_NOTIFY and --seccomp-report do not work here");
  else
    found(c, f, FINDING_OK, NULL, "SCMP_ACT_NOTIFY, --seccomp-report");
}

/* --- security modules, resctrl, keys ---------------------------------------------------------------- */

void check_apparmor(struct checker *c, struct finding *f)
{
  char text[8] = "";
  if (file_read_small(AT_FDCWD, "/sys/module/apparmor/parameters/enabled", text, sizeof text) > 0
      && text[0] == 'Y')
    found(c, f, FINDING_OK, NULL, "enabled");
  else
    found(c, f, FINDING_MISSING,
          "boot with 'apparmor=1 security=apparmor', or take apparmorProfile out of configs",
          "the kernel does not have it, or it is off");
}

void check_selinux(struct checker *c, struct finding *f)
{
  char text[8] = "";
  if (file_read_small(AT_FDCWD, "/sys/fs/selinux/enforce", text, sizeof text) > 0)
    found(c, f, FINDING_OK, NULL, text[0] == '1' ? "enforcing" : "permissive");
  else
    found(c, f, FINDING_MISSING,
          "boot with 'security=selinux', or take selinuxLabel and mountLabel out of configs",
          "the kernel does not have it, or it is off");
}

void check_resctrl(struct checker *c, struct finding *f)
{
  if (access("/sys/fs/resctrl/schemata", F_OK) == 0)
    found(c, f, FINDING_OK, NULL, "mounted at /sys/fs/resctrl");
  else
    found(c, f, FINDING_MISSING, "on processors that have it: mount -t resctrl resctrl /sys/fs/resctrl",
          "no resctrl at /sys/fs/resctrl");
}

/* "  UID: USAGE KEYS/INSTANTIATED KEYS/MAX BYTES/MAX", as /proc/key-users has it. */
static bool read_quota(const struct checker *c, unsigned *used, unsigned *most)
{
  size_t length;
  struct error ignored = { 0 };
  const int proc = proc_root(NULL);
  char *table = proc < 0 ? NULL : file_read(c->arena, proc, "key-users", 1 << 20, &length, &ignored);
  for (char *at = table; at != NULL && *at; at++)
    if (*at == ':' || *at == '/')
      *at = ' ';
  for (const char *line = table; line != NULL; line = strchr(line, '\n')) {
    uint64_t values[6];
    line += *line == '\n';
    if (scan_numbers(line, values, 6, NULL) == 6 && values[0] == c->facts.euid) {
      *used = (unsigned)values[4];
      *most = (unsigned)values[5];
      return true;
    }
  }
  return false;
}

void check_keyrings(struct checker *c, struct finding *f)
{
  unsigned used = 0, most = 0;
  const long id = sys_keyctl(KEYCTL_GET_KEYRING_ID, (unsigned long)KEY_SPEC_PROCESS_KEYRING, 0, 0, 0);
  if (id < 0 && (errno == ENOSYS || errno == EPERM || errno == EACCES)) {
    const bool denied = errno != ENOSYS;
    found(c, f, denied ? FINDING_MISSING : FINDING_LIMITED, "use --no-new-keyring",
          denied ? "keyctl is denied: by a seccomp filter around us?" : "the kernel has none");
  } else if (read_quota(c, &used, &most) && used + 1 >= most)
    found(c, f, FINDING_MISSING, "raise /proc/sys/kernel/keys/maxkeys, or use --no-new-keyring",
          "%u of %u keys of uid %u are used up (/proc/key-users)", used, most, c->facts.euid);
  else if (most > 0 && used > most - most / 10)
    found(c, f, FINDING_LIMITED, "raise /proc/sys/kernel/keys/maxkeys", "%u of %u keys of uid %u are used",
          used, most, c->facts.euid);
  else if (most > 0)
    found(c, f, FINDING_OK, NULL, "%u of %u keys of uid %u are used", used, most, c->facts.euid);
  else
    found(c, f, FINDING_OK, NULL, "no key of ours counts yet");
}
