/* SPDX-License-Identifier: Apache-2.0
 * From root to the process's user, with every call checked and the result read back. */
#include "libcontainer/base/fd.h"
#include "libcontainer/base/sys.h"
#include "libcontainer/init/steps.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The user must be able to open /dev/stdout and the like. Only pipes, sockets and terminals: a regular file
 * or a device of the host keeps its owner (CVE-2026-88265). */
static int own_stdio(const struct plan_process *process, struct error *err)
{
  struct stat st;
  for (int fd = 0; fd <= 2; fd++) {
    if (fstat(fd, &st) < 0) {
      if (errno == EBADF)
        continue;
      return error_set(err, ERROR_KERNEL, errno, "cannot look at descriptor %d", fd);
    }
    if (st.st_uid == process->uid || !(S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode) || isatty(fd)))
      continue;
    /* Ids that are not mapped here, read-only file systems: works as far as the user may anyway. */
    if (fchown(fd, process->uid, (gid_t)-1) < 0 && errno != EPERM && errno != EINVAL && errno != EROFS
        && errno != EBADF)
      return error_set(err, ERROR_KERNEL, errno, "cannot give descriptor %d to user %u", fd, process->uid);
  }
  return 0;
}

/* A user namespace whose gid_map was written without privilege has setgroups(2) denied for ever, which the
 * plan can't know of one that is joined. Then groups stay as they are, which harms only if some are asked. */
static bool setgroups_denied(const struct init_context *init)
{
  return errno == EPERM && init->plan->process.gids.count == 0
         && init->plan->namespaces[NS_USER].how != NS_KEEP;
}

static int set_groups(struct init_context *init, struct error *err)
{
  const struct plan_process *process = &init->plan->process;
  if (!process->set_groups)
    return 0;
  if (sys_setgroups(process->gids.count, process->gids.items) < 0) {
    if (setgroups_denied(init)) {
      init->groups_kept = true;
      return 0;
    }
    error_set(err, ERROR_KERNEL, errno, "cannot set %zu additional groups", process->gids.count);
    return error_at(err, "/process/user/additionalGids");
  }
  return 0;
}

static int set_ids(const struct plan_process *process, struct error *err)
{
  if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot keep capabilities over the change of user");
  if (sys_setresgid(process->gid) < 0) {
    error_set(err, ERROR_KERNEL, errno, "cannot become group %u", process->gid);
    return error_at(err, "/process/user/gid");
  }
  if (sys_setresuid(process->uid) < 0) {
    error_set(err, ERROR_KERNEL, errno, "cannot become user %u", process->uid);
    return error_at(err, "/process/user/uid");
  }
  return 0;
}

/* Security: setresuid(2) sets it to fs.suid_dumpable, which some hosts have at 1. */
int stay_undumpable(struct error *err)
{
  if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot make this process undumpable");
  return 0;
}

int change_user(struct init_context *init, struct error *err)
{
  const struct plan_process *process = &init->plan->process;
  umask(process->umask);
  if (own_stdio(process, err) < 0 || set_groups(init, err) < 0 || drop_bounding(&process->caps, err) < 0
      || set_ids(process, err) < 0 || stay_undumpable(err) < 0
      || set_capabilities(&process->caps, capability_for_filter(init), err) < 0)
    return -1;
  if (prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot stop keeping capabilities");
  return 0;
}

int set_no_new_privs(struct init_context *init, struct error *err)
{
  if (init->plan->process.no_new_privs && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot set no_new_privs");
  return 0;
}

#define GROUPS_READ_BACK 256 /* of longer lists only the number is compared */

static bool has_group(const gid_t *groups, long count, gid_t wanted)
{
  for (long i = 0; i < count; i++)
    if (groups[i] == wanted)
      return true;
  return false;
}

static int verify_groups(const struct init_context *init, struct error *err)
{
  const struct plan_process *process = &init->plan->process;
  if (!process->set_groups || init->groups_kept)
    return 0;
  const long count = syscall(SYS_getgroups, 0, NULL);
  if (count != (long)process->gids.count)
    return error_set(err, ERROR_KERNEL, 0, "there are %ld additional groups instead of %zu", count,
                     process->gids.count);
  gid_t groups[GROUPS_READ_BACK];
  if (count == 0 || count > GROUPS_READ_BACK)
    return 0;
  if (syscall(SYS_getgroups, count, groups) != count)
    return error_set(err, ERROR_KERNEL, errno, "cannot read the additional groups back");
  for (size_t i = 0; i < process->gids.count; i++)
    if (!has_group(groups, count, process->gids.items[i]))
      return error_set(err, ERROR_KERNEL, 0, "additional group %u is missing", process->gids.items[i]);
  return 0;
}

int verify_credentials(struct init_context *init, struct error *err)
{
  const struct plan_process *process = &init->plan->process;
  uid_t uid[3];
  gid_t gid[3];
  if (getresuid(&uid[0], &uid[1], &uid[2]) < 0 || getresgid(&gid[0], &gid[1], &gid[2]) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot read the ids back");
  for (int i = 0; i < 3; i++)
    if (uid[i] != process->uid || gid[i] != process->gid)
      return error_set(err, ERROR_KERNEL, 0, "the ids are %u:%u instead of %u:%u", uid[i], gid[i],
                       process->uid, process->gid);
  if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != (process->no_new_privs ? 1 : 0)
      && process->no_new_privs) /* it can't be unset once the caller has it */
    return error_set(err, ERROR_KERNEL, 0, "no_new_privs is not set");
  if (verify_groups(init, err) < 0)
    return -1;
  return verify_capabilities(&process->caps, capability_for_filter(init), err);
}

/* One "name:password:uid:gid:gecos:home:shell" line; true if it is the user's, and HOME is then in 'home'. */
static bool home_of_line(char *line, uint32_t uid, char *home, size_t size)
{
  char *field[6], *rest = line, *end;
  for (int i = 0; i < 6; i++)
    if ((field[i] = strsep(&rest, ":")) == NULL)
      return false;
  const unsigned long id = strtoul(field[2], &end, 10);
  if (field[2][0] == '\0' || *end != '\0' || id != uid || field[5][0] != '/')
    return false;
  return (size_t)snprintf(home, size, "HOME=%s", field[5]) < size;
}

/* Reads /etc/passwd of the container line by line in a small buffer; whatever it is, it can't block or fill
 * memory. */
static void search_passwd(int fd, uint32_t uid, char *home, size_t size)
{
  char buffer[2048];
  size_t used = 0;
  for (int reads = 0; reads < 1024; reads++) {
    const ssize_t n = read(fd, buffer + used, sizeof buffer - 1 - used);
    if (n <= 0)
      return;
    used += (size_t)n;
    buffer[used] = '\0';
    char *line = buffer, *newline;
    while ((newline = memchr(line, '\n', used - (size_t)(line - buffer))) != NULL) {
      *newline = '\0';
      if (home_of_line(line, uid, home, size))
        return;
      line = newline + 1;
    }
    used -= (size_t)(line - buffer);
    memmove(buffer, line, used);
    if (used == sizeof buffer - 1) /* no passwd line is that long */
      return;
  }
}

int find_home(struct init_context *init, struct error *err)
{
  const struct plan_process *process = &init->plan->process;
  struct stat st;
  (void)err;
  memcpy(init->home, "HOME=/", sizeof "HOME=/");
  auto_close int fd = open("/etc/passwd", O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
    search_passwd(fd, process->uid, init->home, sizeof init->home);
  process->envp[process->home_slot] = init->home;
  return 0;
}
