/* SPDX-License-Identifier: Apache-2.0
 * Processes as the host's /proc tells of them (proc(5)). */
#include "libcontainer/base/proc.h"
#include "libcontainer/base/fd.h"
#include "libcontainer/base/file.h"
#include "libcontainer/base/numbers.h"
#include "libcontainer/base/safe_path.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/nsfs.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#define PROC_ROOT_INODE 1 /* include/linux/proc_fs.h: PROC_ROOT_INO */
#define STAT_BYTES 2048   /* 52 numbers and a short name */
/* Fields of proc_pid_stat(5), from 1 on. */
#define STAT_STATE 3
#define STAT_PARENT 4
#define STAT_FLAGS 9
#define STAT_START_TIME 22
#define PROCESS_FORKED_NOT_EXECUTED 0x40 /* PF_FORKNOEXEC of include/linux/sched.h */

static int root_fd = -1;

int proc_root(struct error *err)
{
  if (root_fd >= 0)
    return root_fd;
  auto_close int fd = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0)
    return error_set(err, ERROR_HOST, errno, "cannot open '/proc'");
  struct statfs fs;
  struct stat st;
  if (fstatfs(fd, &fs) < 0 || fstat(fd, &st) < 0)
    return error_set(err, ERROR_HOST, errno, "cannot examine '/proc'");
  /* Security: not the root inode means that a part of a procfs was bound over it (CVE-2025-52881). */
  if (fs.f_type != PROC_SUPER_MAGIC || st.st_ino != PROC_ROOT_INODE) {
    errno = EXDEV;
    return error_set(err, ERROR_HOST, 0, "'/proc' is not the root of a proc file system");
  }
  root_fd = take_fd(&fd);
  return root_fd;
}

/* Field 'number', from 3 on, of proc_pid_stat(5); NULL if the line ends before it. The name in field 2 may
 * hold spaces and brackets, so count from the last ')'. */
static const char *stat_field(const char *text, unsigned number)
{
  const char *p = strrchr(text, ')');
  for (unsigned at = 2; p && at < number; at++) {
    p = strchr(p, ' ');
    if (p)
      p++;
  }
  return p && *p ? p : NULL;
}

/* One that is not negative. */
static bool stat_number(const char *text, unsigned number, uint64_t *value)
{
  const char *field = stat_field(text, number);
  return field && scan_numbers(field, value, 1, NULL) == 1;
}

static int parse_stat(const char *text, char *state, uint64_t *start_time)
{
  const char *p = stat_field(text, STAT_STATE);
  if (p && stat_number(text, STAT_START_TIME, start_time)) {
    *state = *p;
    return 0;
  }
  errno = EPROTO;
  return -1;
}

static int read_stat(pid_t pid, char text[static STAT_BYTES])
{
  char name[32];
  int root = proc_root(NULL);
  if (root < 0)
    return -1;
  (void)snprintf(name, sizeof name, "%d/stat", (int)pid);
  auto_close int fd = open_beneath_no_xdev(root, name, O_RDONLY, 0);
  if (fd < 0)
    return -1;
  ssize_t n;
  do
    n = read(fd, text, STAT_BYTES - 1); /* one read gives it all */
  while (n < 0 && errno == EINTR);
  if (n < 0)
    return -1;
  text[n] = '\0';
  return 0;
}

int proc_stat(pid_t pid, char *state, uint64_t *start_time)
{
  char text[STAT_BYTES];
  return read_stat(pid, text) < 0 ? -1 : parse_stat(text, state, start_time);
}

int proc_executed(pid_t pid)
{
  char text[STAT_BYTES];
  uint64_t flags;
  if (read_stat(pid, text) < 0 || !stat_number(text, STAT_FLAGS, &flags))
    return -1;
  return (flags & PROCESS_FORKED_NOT_EXECUTED) == 0;
}

pid_t proc_parent(pid_t pid)
{
  char text[STAT_BYTES];
  uint64_t parent;
  return read_stat(pid, text) == 0 && stat_number(text, STAT_PARENT, &parent) ? (pid_t)parent : 0;
}

int proc_seccomp_filters(pid_t pid)
{
  static const char key[] = "\nSeccomp_filters:";
  char name[32], text[4096];
  uint64_t filters;
  const int root = proc_root(NULL);
  (void)snprintf(name, sizeof name, "%d/status", (int)pid);
  if (root < 0 || file_read_small(root, name, text, sizeof text) < 0)
    return -1;
  const char *p = strstr(text, key);
  if (p && scan_numbers(p + strlen(key), &filters, 1, NULL) == 1)
    return (int)filters;
  errno = EPROTO;
  return -1;
}

bool proc_is(pid_t pid, uint64_t start_time)
{
  char state;
  uint64_t started;
  if (pid <= 0 || proc_stat(pid, &state, &started) < 0)
    return false;
  return started == start_time && state != 'Z' && state != 'X' && state != 'x';
}

int proc_pid_dir(pid_t pid, struct error *err)
{
  char name[16];
  int root = proc_root(err);
  if (root < 0)
    return -1;
  (void)snprintf(name, sizeof name, "%d", (int)pid);
  int fd = open_beneath_no_xdev(root, name, O_PATH | O_DIRECTORY, 0);
  if (fd < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot open '/proc/%d'", (int)pid);
  return fd;
}

/* user_namespaces(7): the initial namespace maps all 4294967295 ids to themselves. */
int proc_in_user_namespace(bool *inside, struct error *err)
{
  char text[4096];
  uint64_t first_outside_count[3];
  int proc = proc_root(err);
  if (proc < 0)
    return -1;
  if (file_read_small(proc, "self/uid_map", text, sizeof text) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot read the uid map of this process");
  *inside = scan_numbers(text, first_outside_count, 3, NULL) != 3 || first_outside_count[0] != 0
            || first_outside_count[1] != 0 || first_outside_count[2] != UINT32_MAX;
  return 0;
}

bool proc_has_foreign_mounts(void)
{
  struct stat ours, owners;
  const int proc = proc_root(NULL);
  if (proc < 0 || fstatat(proc, "self/ns/user", &ours, 0) < 0)
    return false;
  auto_close int mounts = openat(proc, "self/ns/mnt", O_RDONLY | O_CLOEXEC);
  auto_close int owner = mounts < 0 ? -1 : ioctl(mounts, NS_GET_USERNS);
  if (owner < 0)
    return mounts >= 0 && errno == EPERM; /* of one that is above ours */
  return fstat(owner, &owners) == 0 && owners.st_ino != ours.st_ino;
}
