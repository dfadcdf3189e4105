/* SPDX-License-Identifier: Apache-2.0
 * Paths inside a root that may be hostile. hull needs Linux 5.14, so openat2(2) is there: ENOSYS (an old
 * seccomp profile around us) is an error, not a reason for a weaker lookup. */
#include "libcontainer/base/safe_path.h"
#include "libcontainer/base/fd.h"
#include "libcontainer/base/path.h"
#include "libcontainer/base/refusal.h"
#include "libcontainer/base/sys.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A rename anywhere on the system during '..' makes openat2 say EAGAIN; this often in a row is an attack. */
#define RACE_RETRIES 128
#define PARENT_MODE 0755

static int open_resolved(int dir, const char *path, int flags, mode_t mode, uint64_t resolve)
{
  struct open_how how = {
    .flags = (uint64_t)(unsigned)flags | O_CLOEXEC,
    .mode = flags & (O_CREAT | (O_TMPFILE & ~O_DIRECTORY)) ? mode : 0, /* else EINVAL */
    .resolve = resolve,
  };
  int fd = -1;
  for (int i = 0; i < RACE_RETRIES; i++) {
    fd = sys_openat2(dir, path, &how);
    if (fd >= 0 || (errno != EAGAIN && errno != EINTR))
      break;
  }
  return fd;
}

int open_in_root(int root, const char *path, int flags, mode_t mode)
{
  return open_resolved(root, *path ? path : "/", flags, mode, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);
}

int open_beneath(int dir, const char *path, int flags, mode_t mode)
{
  return open_resolved(dir, path, flags, mode, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS);
}

int open_beneath_no_xdev(int dir, const char *path, int flags, mode_t mode)
{
  return open_resolved(dir, path, flags, mode,
                       RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV);
}

/* Copies 'path' without trailing slashes; "" is the root. */
static int copy_path(char copy[static PATH_MAX], const char *path)
{
  size_t length = strnlen(path, PATH_MAX);
  if (length == PATH_MAX) {
    errno = ENAMETOOLONG;
    return -1;
  }
  while (length > 0 && path[length - 1] == '/')
    length--;
  memcpy(copy, path, length);
  copy[length] = '\0';
  return 0;
}

/* Where the last component of 'path' (no trailing slash) begins, and where the slashes before it begin. */
static char *last_component(char *path, char **parent_end)
{
  char *slash = strrchr(path, '/');
  char *name = slash ? slash + 1 : path;
  char *end = name;
  while (end > path && end[-1] == '/')
    end--;
  *parent_end = end;
  return name;
}

/* One component made and entered by descriptor. Neither call follows a link, so what exists already must be a
 * real directory: a link that could have been followed was followed when the prefix was opened; this one
 * leads nowhere, or was put there just now. */
static int enter_new_dir(int parent, const char *name, mode_t mode, const char *path, struct error *err)
{
  char why[REFUSAL_BYTES];
  if (mkdirat(parent, name, mode) < 0 && errno != EEXIST)
    return error_set(err, ERROR_KERNEL, errno, "cannot make directory '%s' for '%s' in the root%s", name,
                     path, refusal_suffix(parent, ".", W_OK, errno, why));
  int fd = openat(parent, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (fd >= 0)
    return fd;
  int failed = errno;
  struct stat st;
  if (fstatat(parent, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(st.st_mode))
    return error_set(err, ERROR_CONFIG, ELOOP,
                     "cannot make '%s' in the root: '%s' is a symbolic link to nothing", path, name);
  return error_set(err, ERROR_KERNEL, failed, "cannot open directory '%s' for '%s' in the root", name, path);
}

/* Opens the longest prefix of 'work' that exists; *missing is what follows it. Cuts 'work' and mends it
 * again. */
static int open_longest_prefix(int root, char *work, char **missing, const char *path, struct error *err)
{
  char *end = work + strlen(work), why[REFUSAL_BYTES];
  for (;;) {
    char saved = *end;
    *end = '\0';
    int fd = open_in_root(root, work, O_PATH | O_DIRECTORY, 0);
    int failed = errno;
    char *parent_end = work;
    if (fd < 0 && *work)
      (void)last_component(work, &parent_end);
    bool at_root = !*work;
    *end = saved;
    if (fd >= 0) {
      *missing = end;
      return fd;
    }
    if (failed != ENOENT || at_root)
      return error_set(err, ERROR_KERNEL, failed, "cannot open directory '%s' in the root%s", path,
                       refusal_suffix(root, path, F_OK, failed, why));
    end = parent_end;
  }
}

int make_dir_in_root(int root, const char *path, mode_t mode, struct error *err)
{
  /* The usual case: the image has it. */
  int existing = open_in_root(root, path, O_PATH | O_DIRECTORY, 0);
  if (existing >= 0)
    return existing;
  char work[PATH_MAX];
  if (errno != ENOENT || copy_path(work, path) < 0) {
    char why[REFUSAL_BYTES];
    return error_set(err, ERROR_KERNEL, errno, "cannot open directory '%s' in the root%s", path,
                     refusal_suffix(root, path, F_OK, errno, why));
  }

  char *rest;
  auto_close int dir = open_longest_prefix(root, work, &rest, path, err);
  if (dir < 0)
    return -1;
  if (path_has_dotdot(rest)) /* refused before anything is made */
    return error_set(err, ERROR_CONFIG, ENOENT, "cannot make '%s' in the root: '..' follows what is missing",
                     path);
  for (char *name; (name = strsep(&rest, "/"));) {
    if (!*name || strcmp(name, ".") == 0)
      continue;
    int next = enter_new_dir(dir, name, mode, path, err);
    if (next < 0)
      return -1;
    fd_close(&dir);
    dir = next;
  }
  return take_fd(&dir);
}

/* What is open as 'fd' must be usable as a file; directories and (unfollowed) links are not. */
static int check_file(int fd, const char *path, struct error *err)
{
  struct stat st;
  if (fstat(fd, &st) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot examine '%s' in the root", path);
  if (S_ISDIR(st.st_mode))
    return error_set(err, ERROR_CONFIG, EISDIR, "cannot use '%s' in the root as a file", path);
  if (S_ISLNK(st.st_mode))
    return error_set(err, ERROR_CONFIG, ELOOP,
                     "cannot make file '%s' in the root: it is a symbolic link to nothing", path);
  return 0;
}

int make_file_in_root(int root, const char *path, mode_t mode, struct error *err)
{
  char work[PATH_MAX];
  if (copy_path(work, path) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot open '%s' in the root", path);
  auto_close int fd = open_in_root(root, work, O_PATH, 0);
  if (fd >= 0)
    return check_file(fd, path, err) < 0 ? -1 : take_fd(&fd);
  if (errno != ENOENT)
    return error_set(err, ERROR_KERNEL, errno, "cannot open '%s' in the root", path);

  char *parent_end;
  char *name = last_component(work, &parent_end);
  if (strcmp(name, "..") == 0 || strcmp(name, ".") == 0)
    return error_set(err, ERROR_CONFIG, ENOENT, "cannot make file '%s' in the root: it names a directory",
                     path);
  if (parent_end < name)
    *parent_end = '\0';
  auto_close int parent = make_dir_in_root(root, parent_end < name ? work : "", PARENT_MODE, err);
  if (parent < 0)
    return -1;
  /* mknod rather than open: a link or a FIFO that appears meanwhile is neither followed nor waited for. */
  if (mknodat(parent, name, S_IFREG | (mode & 07777), 0) < 0 && errno != EEXIST)
    return error_set(err, ERROR_KERNEL, errno, "cannot make file '%s' in the root", path);
  fd = openat(parent, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot open file '%s' in the root", path);
  return check_file(fd, path, err) < 0 ? -1 : take_fd(&fd);
}

int make_target_in_root(int root, const char *path, int want_dir, struct error *err)
{
  if (want_dir)
    return make_dir_in_root(root, path, PARENT_MODE, err);
  return make_file_in_root(root, path, 0644, err);
}
