/* SPDX-License-Identifier: Apache-2.0
 * Copies a directory of the image into a fresh tmpfs (tmpcopyup): files, directories, links, nodes with
 * owner, mode, times and extended attributes; hard links become files. Security: by descriptors and without
 * following links, the image may be changed by another container meanwhile. */
#include "libcontainer/rootfs/internal.h"
#include <dirent.h>
#include <limits.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#define DEPTH_MAX 64     /* levels of directories: an explicit stack in fixed memory */
#define NAMES_BYTES 4096 /* of one getdents64(2), and of all attribute names of a file */
#define VALUE_BYTES 4096 /* of one extended attribute; more than any file system gives in practice */
#define CHUNK_BYTES (1 << 30)

struct level {
  int from, to;
  off_t next; /* where to go on in 'from' after a directory inside it */
};

struct copy {
  struct level levels[DEPTH_MAX];
  unsigned depth;
  bool top_too;
  union {
    char bytes[NAMES_BYTES];
    struct dirent64 align;
  } names;
  char value[VALUE_BYTES];
};

static int failed(struct error *err, const char *doing, const char *name)
{
  return error_set(err, ERROR_KERNEL, errno, "cannot %s '%s'", doing, name);
}

/* What tmpfs does not take (or we may not set) is left out, as cp does without being asked for attributes. */
static bool may_skip_attribute(int cause)
{
  return cause == EOPNOTSUPP || cause == EPERM || cause == EACCES;
}

static int copy_attributes(struct copy *c, int from, int to, const char *name, struct error *err)
{
  char list[NAMES_BYTES];
  ssize_t length = flistxattr(from, list, sizeof list);
  if (length < 0)
    return may_skip_attribute(errno) ? 0 : failed(err, "list the attributes of", name);
  for (const char *key = list; key < list + length; key += strlen(key) + 1) {
    ssize_t n = fgetxattr(from, key, c->value, sizeof c->value);
    if (n < 0 && errno == ENODATA)
      continue;
    if (n < 0 || fsetxattr(to, key, c->value, (size_t)n, 0) < 0)
      if (!may_skip_attribute(errno))
        return failed(err, "copy the attributes of", name);
  }
  return 0;
}

/* Order: a change of owner clears set-user-ID and capabilities; attributes may be refused on a file without
 * 'w'. */
static int finish(struct copy *c, int from, int to, const char *name, struct error *err)
{
  struct stat st;
  if (fstat(from, &st) < 0 || fchown(to, st.st_uid, st.st_gid) < 0 || fchmod(to, st.st_mode & 07777) < 0)
    return failed(err, "set owner and mode of", name);
  if (copy_attributes(c, from, to, name, err) < 0)
    return -1;
  const struct timespec times[2] = { st.st_atim, st.st_mtim };
  return futimens(to, times) < 0 ? failed(err, "set the times of", name) : 0;
}

static int copy_file(struct copy *c, const struct level *level, const char *name, struct error *err)
{
  /* O_NONBLOCK: should it have become a FIFO just now. */
  auto_close int from = openat(level->from, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  struct stat st;
  if (from < 0 || fstat(from, &st) < 0)
    return failed(err, "open", name);
  if (!S_ISREG(st.st_mode))
    return error_set(err, ERROR_HOST, 0, "'%s' changed while it was copied", name);
  auto_close int to = openat(level->to, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (to < 0)
    return failed(err, "make", name);
  ssize_t n;
  while ((n = sendfile(to, from, NULL, CHUNK_BYTES)) != 0)
    if (n < 0 && errno != EINTR)
      return failed(err, "copy", name);
  return finish(c, from, to, name, err);
}

static int copy_special(const struct level *level, const char *name, const struct stat *st, struct error *err)
{
  if (S_ISLNK(st->st_mode)) {
    char target[PATH_MAX];
    ssize_t n = readlinkat(level->from, name, target, sizeof target - 1);
    if (n < 0)
      return failed(err, "read link", name);
    target[n] = '\0';
    if (symlinkat(target, level->to, name) < 0)
      return failed(err, "make link", name);
  } else if (mknodat(level->to, name, st->st_mode, st->st_rdev) < 0)
    return failed(err, "make node", name);
  const struct timespec times[2] = { st->st_atim, st->st_mtim };
  if (fchownat(level->to, name, st->st_uid, st->st_gid, AT_SYMLINK_NOFOLLOW) < 0
      || (!S_ISLNK(st->st_mode) && fchmodat(level->to, name, st->st_mode & 07777, 0) < 0)
      || utimensat(level->to, name, times, AT_SYMLINK_NOFOLLOW) < 0)
    return failed(err, "set owner, mode and times of", name);
  return 0;
}

/* Makes and enters a directory. What is mounted there stays empty. Its mode comes last, see leave(). */
static int enter(struct copy *c, const char *name, struct error *err)
{
  struct level *level = &c->levels[c->depth - 1];
  if (c->depth == DEPTH_MAX)
    return error_set(err, ERROR_CONFIG, ELOOP, "cannot copy '%s': more than %d directories deep", name,
                     DEPTH_MAX);
  if (mkdirat(level->to, name, 0700) < 0)
    return failed(err, "make directory", name);
  auto_close int from = open_beneath_no_xdev(level->from, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0);
  if (from < 0 && errno == EXDEV)
    return 0;
  if (from < 0)
    return failed(err, "open directory", name);
  auto_close int to = openat(level->to, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (to < 0)
    return failed(err, "open new directory", name);
  c->levels[c->depth++] = (struct level){ .from = take_fd(&from), .to = take_fd(&to) };
  return 1;
}

static int leave(struct copy *c, struct error *err)
{
  struct level *level = &c->levels[--c->depth];
  bool is_top = c->depth == 0;
  int result = is_top && !c->top_too ? 0 : finish(c, level->from, level->to, is_top ? "." : "directory", err);
  fd_close(&level->from);
  fd_close(&level->to);
  if (result == 0 && !is_top
      && lseek(c->levels[c->depth - 1].from, c->levels[c->depth - 1].next, SEEK_SET) < 0)
    return failed(err, "go on in", "directory");
  return result;
}

static bool is_dot(const char *name)
{
  return name[0] == '.' && (!name[1] || (name[1] == '.' && !name[2]));
}

/* Copies one block of names. Stops after entering a directory: the buffer is used again there, and the rest
 * is read again on return. 0: no more names. */
static int copy_block(struct copy *c, struct error *err)
{
  struct level *level = &c->levels[c->depth - 1];
  ssize_t length = getdents64(level->from, c->names.bytes, sizeof c->names.bytes);
  if (length <= 0)
    return length < 0 ? failed(err, "read", "directory") : 0;
  for (ssize_t at = 0; at < length;) {
    const struct dirent64 *entry = (const void *)(c->names.bytes + at);
    at += entry->d_reclen;
    level->next = entry->d_off;
    struct stat st;
    if (is_dot(entry->d_name))
      continue;
    if (fstatat(level->from, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
      return failed(err, "examine", entry->d_name);
    int result = S_ISDIR(st.st_mode)   ? enter(c, entry->d_name, err)
                 : S_ISREG(st.st_mode) ? copy_file(c, level, entry->d_name, err)
                                       : copy_special(level, entry->d_name, &st, err);
    if (result < 0)
      return -1;
    if (result == 1)
      break;
  }
  return 1;
}

/* Not inlined: its stack is for containers that ask for it only. */
int __attribute__((noinline)) copy_up(int from, int to, bool top_too, struct error *err)
{
  struct copy c;
  c.top_too = top_too;
  c.levels[0] = (struct level){ .from = openat(from, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC),
                                .to = openat(to, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC) };
  c.depth = 1;
  int result = c.levels[0].from < 0 || c.levels[0].to < 0 ? failed(err, "open", ".") : 0;
  while (result == 0 && c.depth) {
    int more = copy_block(&c, err);
    result = more < 0 ? -1 : more ? 0 : leave(&c, err);
  }
  while (c.depth) {
    struct level *level = &c.levels[--c.depth];
    fd_close(&level->from);
    fd_close(&level->to);
  }
  return result;
}
