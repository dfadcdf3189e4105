/* SPDX-License-Identifier: Apache-2.0
 * `hull check`: the kernel, namespaces, ids, mounts. Each ability is tried where that is harmless. */
#include "libcontainer/base/fd.h"
#include "libcontainer/base/file.h"
#include "libcontainer/base/proc.h"
#include "libcontainer/base/sys.h"
#include "libcontainer/base/userns_limits.h"
#include "libcontainer/runtime/check.h"
#include "spec/names.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <linux/openat2.h>
#include <linux/sched.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

static const char newer_kernel[] = "boot Linux 5.14 or newer, or take the seccomp filter around us away";

void check_kernel(struct checker *c, struct finding *f)
{
  struct utsname name;
  struct error err = { 0 };
  (void)uname(&name);
  if (facts_check_kernel(&c->facts, &err) < 0)
    found(c, f, FINDING_MISSING, "boot Linux 5.14 or newer", "Linux %s is too old", name.release);
  else
    found(c, f, FINDING_OK, NULL, "Linux %s, %s", name.release, name.machine);
}

static bool has_namespace(const char *file)
{
  char path[64];
  const int proc = proc_root(NULL);
  (void)snprintf(path, sizeof path, "self/ns/%s", file);
  return proc >= 0 && faccessat(proc, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

void check_namespaces(struct checker *c, struct finding *f)
{
  static const char *const files[] = { "mnt", "pid", "net", "ipc", "uts", "cgroup" };
  char lacking[128] = "";
  for (size_t i = 0; i < sizeof files / sizeof *files; i++)
    if (!has_namespace(files[i]))
      (void)snprintf(lacking + strlen(lacking), sizeof lacking - strlen(lacking), " %s", files[i]);
  if (*lacking != '\0')
    found(c, f, FINDING_MISSING, "build the kernel with CONFIG_NAMESPACES, and mount procfs at /proc",
          "the kernel does not have:%s", lacking);
  else
    found(c, f, FINDING_OK, NULL, "mount, pid, network, ipc, uts, cgroup");
}

void check_time_namespace(struct checker *c, struct finding *f)
{
  if (!has_namespace("time"))
    found(c, f, FINDING_MISSING, "build the kernel with CONFIG_TIME_NS (Linux 5.6)",
          "the kernel has no time namespaces");
  else
    found(c, f, FINDING_OK, NULL, "monotonic and boottime clocks can be moved");
}

/* A user namespace, and something that takes rights in it: AppArmor lets the first through and not the
 * second. 0, the errno of making it, or -1 if it is worth nothing. */
static int try_user_namespace(void)
{
  struct clone_args args = { .flags = CLONE_NEWUSER, .exit_signal = SIGCHLD };
  int status = 0;
  const pid_t pid = sys_clone3(&args, sizeof args);
  if (pid == 0)
    _exit(unshare(CLONE_NEWUTS) == 0 ? 0 : 1);
  if (pid < 0)
    return errno;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
    ;
  return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -1;
}

void check_user_namespaces(struct checker *c, struct finding *f)
{
  const int failed = try_user_namespace();
  char why[400];
  if (failed == 0 && userns_explain(why, sizeof why) == 0) {
    found(c, f, FINDING_OK, NULL, "tried: one can be made, with rights in it");
    return;
  }
  for (const struct userns_limit *limit = userns_limits; limit->sysctl != NULL; limit++)
    if (userns_limit_holds(limit)) {
      found(c, f, failed == 0 ? FINDING_LIMITED : FINDING_MISSING, limit->remedy, "%s is %ld: %s",
            limit->sysctl, limit->bad, limit->why);
      return;
    }
  if (failed == -1)
    found(c, f, FINDING_MISSING, "see dmesg: AppArmor or SELinux may have denied it",
          "one can be made, but it gives no rights: a security module is in the way");
  else if (failed == EUSERS || failed == ENOSPC)
    found(c, f, FINDING_MISSING, "see /proc/sys/user/max_user_namespaces, also of the namespaces around us",
          "none can be made: the limit is reached, or they are nested 32 deep");
  else
    found(c, f, FINDING_MISSING,
          "a seccomp filter around us (a container?) denies it, or the kernel has no CONFIG_USER_NS",
          "none can be made: %s", strerror(failed));
}

static uint64_t count_ids(const id_ranges *ranges)
{
  uint64_t count = 0;
  const struct id_range *range;
  vec_each (ranges, range)
    count += range->count;
  return count;
}

void check_id_ranges(struct checker *c, struct finding *f)
{
  if (c->facts.euid == 0 && !c->facts.in_user_namespace) {
    found(c, f, FINDING_OK, NULL, "root may map every id");
    return;
  }
  if (c->facts.euid == 0) {
    found(c, f, FINDING_OK, NULL, "root of a user namespace: what is mapped in it may be mapped on");
    return;
  }
  const uint64_t uids = count_ids(&c->facts.subuids), gids = count_ids(&c->facts.subgids);
  if (uids == 0 || gids == 0)
    found(c, f, FINDING_LIMITED,
          "as root: usermod --add-subuids 100000-165535 --add-subgids 100000-165535 USER",
          "no range in %s for uid %u: containers have one id only", uids == 0 ? "/etc/subuid" : "/etc/subgid",
          c->facts.euid);
  else
    found(c, f, FINDING_OK, NULL, "%llu uids and %llu gids in /etc/subuid and /etc/subgid",
          (unsigned long long)uids, (unsigned long long)gids);
}

void check_id_helpers(struct checker *c, struct finding *f)
{
  if (c->facts.euid == 0) {
    found(c, f, FINDING_OK, NULL, "not needed: we may write the maps ourselves");
    return;
  }
  if (c->facts.newuidmap == NULL || c->facts.newgidmap == NULL)
    found(c, f, FINDING_LIMITED, "install them (Debian: uidmap; Fedora: shadow-utils)",
          "%s is not in PATH: containers have one id only",
          c->facts.newuidmap == NULL ? "newuidmap" : "newgidmap");
  else
    found(c, f, FINDING_OK, NULL, "%s, %s", c->facts.newuidmap, c->facts.newgidmap);
}

/* Called so that it must fail: ENOSYS says that the call is not there, all else that it is. */
static bool is_there(long result)
{
  return result >= 0 || errno != ENOSYS;
}

void check_mount_api(struct checker *c, struct finding *f)
{
  const char *lacking = NULL;
  if (!is_there(sys_open_tree(-1, "", 0)))
    lacking = "open_tree";
  else if (!is_there(sys_move_mount(-1, "", -1, "", 0)))
    lacking = "move_mount";
  else if (!is_there(sys_fsopen("")))
    lacking = "fsopen";
  else if (!is_there(sys_mount_setattr(-1, "", 0, NULL)))
    lacking = "mount_setattr";
  if (lacking != NULL)
    found(c, f, FINDING_MISSING, newer_kernel, "the system call %s is not there, or denied", lacking);
  else
    found(c, f, FINDING_OK, NULL, "open_tree, move_mount, fsopen, mount_setattr");
}

void check_openat2(struct checker *c, struct finding *f)
{
  const struct open_how how = { .flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT };
  auto_close int fd = sys_openat2(AT_FDCWD, "/", &how);
  if (fd < 0)
    found(c, f, FINDING_MISSING, newer_kernel, "does not work: %s", strerror(errno));
  else
    found(c, f, FINDING_OK, NULL, "with RESOLVE_IN_ROOT");
}

void check_clone3(struct checker *c, struct finding *f)
{
  struct clone_args args = { .flags = CLONE_INTO_CGROUP, .cgroup = (uint64_t)-1, .exit_signal = SIGCHLD };
  const pid_t pid = sys_clone3(&args, sizeof args);
  if (pid == 0)
    _exit(0);
  if (pid < 0 && errno == ENOSYS)
    found(c, f, FINDING_MISSING, newer_kernel, "the system call is not there, or denied");
  else
    found(c, f, FINDING_OK, NULL, "into a cgroup, too");
}

void check_pidfd(struct checker *c, struct finding *f)
{
  auto_close int fd = sys_pidfd_open(getpid(), 0);
  if (fd < 0)
    found(c, f, FINDING_MISSING, newer_kernel, "pidfd_open does not work: %s", strerror(errno));
  else
    found(c, f, FINDING_OK, NULL, "pidfd_open, pidfd_send_signal");
}

void check_idmapped_mounts(struct checker *c, struct finding *f)
{
  const bool new_enough =
      c->facts.kernel_major > 5 || (c->facts.kernel_major == 5 && c->facts.kernel_minor >= 12);
  const bool tmpfs = c->facts.kernel_major > 6 || (c->facts.kernel_major == 6 && c->facts.kernel_minor >= 3);
  if (!new_enough)
    found(c, f, FINDING_MISSING, "boot Linux 5.12 or newer", "the kernel has none");
  else if (c->user)
    found(c, f, FINDING_LIMITED, "run as root of the host",
          "only for file systems that were mounted in our own user namespace");
  else
    found(c, f, FINDING_OK, NULL, "of most file systems on disk%s",
          tmpfs ? ", and of tmpfs" : "; of tmpfs from Linux 6.3");
}

/* The fifth word of a line of /proc/self/mountinfo, and what follows it. */
static const char *mount_point_of(const char *line)
{
  for (int i = 0; i < 4; i++) {
    line += strcspn(line, " \n");
    line += *line == ' ';
  }
  return line;
}

/* mount_namespaces(7): a new procfs or sysfs is refused in a user namespace if something covers parts of the
 * one that is seen. */
void check_proc(struct checker *c, struct finding *f)
{
  size_t length = 0;
  struct error ignored = { 0 };
  const int proc = proc_root(NULL);
  const char *covered = NULL;
  char *table = proc < 0 ? NULL : file_read(c->arena, proc, "self/mountinfo", 64 << 20, &length, &ignored);
  if (proc < 0) {
    found(c, f, FINDING_MISSING, "mount procfs at /proc", "/proc is no procfs");
    f->needed = true;
    return;
  }
  for (char *line = table; line != NULL && covered == NULL; line = strchr(line, '\n')) {
    line += *line == '\n';
    const char *point = mount_point_of(line);
    if (strncmp(point + 1, "proc/", 5) == 0 && strncmp(point + 1, "proc/sys/fs/binfmt_misc", 23) != 0)
      covered = arena_printf(c->arena, "%.*s", (int)strcspn(point, " \n"), point);
  }
  if (covered != NULL)
    found(c, f, c->user ? FINDING_LIMITED : FINDING_OK,
          "let the container around us show all of /proc (podman: --security-opt unmask=ALL), or bind /proc",
          "'%s' covers a part of it: containers in user namespaces can't mount one of their own", covered);
  else
    found(c, f, FINDING_OK, NULL, "seen as a whole");
}
