/* SPDX-License-Identifier: Apache-2.0
 * Where a mount goes: the destination inside the root, made if missing. Links of the image that lead nowhere
 * are followed too and what they name is made (an /etc/resolv.conf that points into an empty /run is common),
 * always inside the root. Security: the text work here only proposes a path; opening and making it is
 * safe_path's. */
#include "libcontainer/rootfs/internal.h"
#include <limits.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#define LINKS_MAX 40 /* as path_resolution(7) */

/* If the first 'length' bytes of 'path' name a link to nothing, reads it into 'target'. */
static bool read_dangling(int root, const char *path, size_t length, char target[static PATH_MAX])
{
  char prefix[PATH_MAX];
  memcpy(prefix, path, length);
  prefix[length] = '\0';
  auto_close int link = open_in_root(root, prefix, O_PATH | O_NOFOLLOW, 0);
  if (link < 0)
    return false;
  ssize_t n = readlinkat(link, "", target, PATH_MAX - 1); /* fails for all but links */
  if (n <= 0)
    return false;
  target[n] = '\0';
  auto_close int followed = open_in_root(root, prefix, O_PATH, 0);
  return followed < 0 && errno == ENOENT;
}

/* Appends the first 'length' bytes of 'piece'. */
static bool append(char path[static PATH_MAX], const char *piece, size_t length)
{
  size_t used = strlen(path);
  if (used + length >= PATH_MAX)
    return false;
  memcpy(path + used, piece, length);
  path[used + length] = '\0';
  return true;
}

/* Puts the first link to nothing of 'path' in its place. False if there is none, or the path grows too
 * long. */
static bool __attribute__((noinline)) expand_dangling(int root, char path[static PATH_MAX])
{
  char target[PATH_MAX], expanded[PATH_MAX] = "";
  size_t start = 0, end = 0; /* of the component at hand */
  do {
    start = end + strspn(path + end, "/");
    end = start + strcspn(path + start, "/");
    if (start == end)
      return false;
  } while (!read_dangling(root, path, end, target));
  if (target[0] != '/' && !append(expanded, path, start))
    return false;
  if (!append(expanded, target, strlen(target)) || !append(expanded, path + end, strlen(path + end)))
    return false;
  memcpy(path, expanded, sizeof expanded);
  return true;
}

static int __attribute__((noinline))
open_through_links(int root, const char *destination, int want_dir, struct error *err)
{
  char path[PATH_MAX] = "";
  if (!append(path, destination, strlen(destination)))
    return -1;
  for (int i = 0; i < LINKS_MAX && expand_dangling(root, path); i++) {
    int fd = make_target_in_root(root, path, want_dir, err);
    if (fd >= 0 || err->errnum != ELOOP)
      return fd;
  }
  return -1;
}

/* Right in our own /dev: two calls instead of a search for the part of the path that exists. */
static int open_in_dev(const struct rootfs *rootfs, const char *destination)
{
  const char *name = destination + 5;
  if (rootfs->dev < 0 || strncmp(destination, "/dev/", 5) != 0 || !*name || *name == '.' || strchr(name, '/'))
    return -1;
  (void)mkdirat(rootfs->dev, name, 0755); /* it may be there */
  return openat(rootfs->dev, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

static int open_followed(const struct rootfs *rootfs, const char *destination, int want_dir,
                         struct error *err)
{
  int root = rootfs->root;
  int in_dev = want_dir ? open_in_dev(rootfs, destination) : -1;
  if (in_dev >= 0)
    return in_dev;
  int fd = make_target_in_root(root, destination, want_dir, err);
  if (fd >= 0 || err->errnum != ELOOP)
    return fd;
  fd = open_through_links(root, destination, want_dir, err);
  if (fd >= 0)
    error_clear(err);
  return fd;
}

/* The directory that the destination is in, links followed, made if missing; *name is the last component,
 * which is no "..": the plan has cleaned the path. */
static int open_parent(const struct rootfs *rootfs, const char *destination, const char **name,
                       struct error *err)
{
  char parent[PATH_MAX] = "";
  const char *slash = strrchr(destination, '/');
  *name = slash + 1;
  if (!append(parent, destination, (size_t)(slash - destination)))
    return error_set(err, ERROR_CONFIG, ENAMETOOLONG, "cannot open the destination");
  return open_followed(rootfs, parent, true, err);
}

static int make_missing(int parent, const char *name, int want_dir)
{
  const int made = want_dir ? mkdirat(parent, name, 0755) : mknodat(parent, name, S_IFREG | 0644, 0);
  return made < 0 && errno != EEXIST ? -1 : 0;
}

static int open_unfollowed(const struct rootfs *rootfs, const char *destination, int want_dir,
                           struct error *err)
{
  const char *name;
  struct stat st;
  auto_close int parent = open_parent(rootfs, destination, &name, err);
  if (parent < 0)
    return -1;
  int flags = O_PATH | O_NOFOLLOW | O_CLOEXEC;
  auto_close int fd = openat(parent, name, flags);
  if (fd < 0 && errno == ENOENT && make_missing(parent, name, want_dir) == 0)
    fd = openat(parent, name, flags);
  if (fd < 0 || fstat(fd, &st) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot open the destination");
  if (want_dir && !S_ISDIR(st.st_mode))
    return error_set(err, ERROR_CONFIG, ENOTDIR, "a directory can't be mounted on the %s that is there",
                     S_ISLNK(st.st_mode) ? "symbolic link" : "file");
  if (!want_dir && S_ISDIR(st.st_mode))
    return error_set(err, ERROR_CONFIG, EISDIR, "cannot use the directory that is there as a file");
  return take_fd(&fd);
}

/* A path that was opened without following a link is the one that was named, whoever changes what. */
static int open_exact(const struct rootfs *rootfs, const char *destination, int want_dir, struct error *err)
{
  struct stat st;
  auto_close int fd = open_beneath(rootfs->root, destination + 1, O_PATH, 0);
  if (fd < 0
      && errno == ENOENT) { /* no link on the way to what is missing: that would be ELOOP, and make nothing */
    auto_close int made = make_target_in_root(rootfs->root, destination, want_dir, err);
    if (made < 0)
      return -1;
    fd = open_beneath(rootfs->root, destination + 1, O_PATH, 0);
  }
  if (fd < 0 && errno == ELOOP)
    return error_set(err, ERROR_CONFIG, ELOOP,
                     "there is a symbolic link in the destination: name where it leads");
  if (fd < 0 || fstat(fd, &st) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot open the destination");
  if ((want_dir != 0) != S_ISDIR(st.st_mode))
    return error_set(err, ERROR_CONFIG, want_dir ? ENOTDIR : EISDIR, "cannot use what is at the destination");
  return take_fd(&fd);
}

int open_mount_target(const struct rootfs *rootfs, const struct plan_mount *mount, int want_dir,
                      struct error *err)
{
  if (rootfs->exact)
    return open_exact(rootfs, mount->destination, want_dir, err);
  return mount->dest_nofollow ? open_unfollowed(rootfs, mount->destination, want_dir, err)
                              : open_followed(rootfs, mount->destination, want_dir, err);
}

static int read_link(int dir, const char *name, char text[static PATH_MAX])
{
  const ssize_t n = readlinkat(dir, name, text, PATH_MAX);
  if (n < 0 || n == PATH_MAX)
    return -1;
  text[n] = '\0';
  return 0;
}

int copy_link(const struct rootfs *rootfs, const struct plan_mount *mount, int link, struct error *err)
{
  char text[PATH_MAX], there[PATH_MAX];
  const char *name;
  if (read_link(link, "", text) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot read the symbolic link '%s'", mount->source);
  auto_close int parent = open_parent(rootfs, mount->destination, &name, err);
  if (parent < 0)
    return -1;
  if (symlinkat(text, parent, name) == 0)
    return 0;
  if (errno != EEXIST)
    return error_set(err, ERROR_KERNEL, errno, "cannot make a symbolic link to '%s'", text);
  if (read_link(parent, name, there) < 0)
    return error_set(err, ERROR_CONFIG, EEXIST, "cannot make a symbolic link to '%s'", text);
  if (strcmp(there, text) != 0)
    return error_set(err, ERROR_CONFIG, EEXIST, "cannot make a symbolic link to '%s': there is one to '%s'",
                     text, there);
  return 0;
}

/* umount2(2) takes paths only: '.' of a directory that we are in, or a name in one. */
static int unmount_opened(int parent, const char *name, int opened, bool is_directory)
{
  if (fchdir(is_directory ? opened : parent) < 0)
    return -1;
  return umount2(is_directory ? "." : name, MNT_DETACH | UMOUNT_NOFOLLOW);
}

int rootfs_unmount(const struct rootfs *rootfs, const char *destination, struct error *err)
{
  char parent_path[PATH_MAX] = "";
  struct statx st;
  const char *slash = strrchr(destination, '/');
  if (!append(parent_path, ".", 1) || !append(parent_path, destination, (size_t)(slash - destination)))
    return error_set(err, ERROR_CONFIG, ENAMETOOLONG, "cannot unmount '%s'", destination);
  auto_close int parent = open_beneath(rootfs->root, parent_path, O_PATH | O_DIRECTORY, 0);
  auto_close int fd =
      parent < 0 || !slash[1] ? -1 : openat(parent, slash + 1, O_PATH | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0 || statx(fd, "", AT_EMPTY_PATH, STATX_TYPE, &st) < 0)
    return error_set(err, ERROR_CONFIG, errno, "cannot unmount '%s'", destination);
  if (!(st.stx_attributes & STATX_ATTR_MOUNT_ROOT))
    return error_set(err, ERROR_CONFIG, EINVAL, "cannot unmount '%s': nothing is mounted there", destination);
  if (unmount_opened(parent, slash + 1, fd, S_ISDIR(st.stx_mode)) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot unmount '%s'", destination);
  return 0;
}
