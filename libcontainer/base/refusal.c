/* SPDX-License-Identifier: Apache-2.0
 * Walks a path that was refused, component by component, by names: what has changed meanwhile makes a wrong
 * sentence at worst. */
#include "libcontainer/base/refusal.h"
#include "libcontainer/base/fd.h"
#include "libcontainer/base/safe_path.h"
#include "libcontainer/base/sys.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define LINKS_MAX 8
#define OVERFLOW_ID 65534 /* kernel.overflowuid, which nobody changes */
#define CAP_DAC_OVERRIDE_BIT 1

struct walk {
  int dirfd;
  int access;
  char *buffer;
  size_t size;
};

/* Security: below a directory that is somebody else's, links are not followed, nor what is put in their place
 * meanwhile; on our own side they are. */
static int look_up(const struct walk *w, const char *path, struct stat *st)
{
  if (w->dirfd == AT_FDCWD)
    return stat(path, st);
  auto_close int fd = open_beneath(w->dirfd, path, O_PATH | O_NOFOLLOW, 0);
  return fd < 0 ? -1 : fstat(fd, st);
}

static int may(const struct walk *w, const char *path, int access)
{
  if (w->dirfd == AT_FDCWD)
    return faccessat(AT_FDCWD, path, access, AT_EACCESS);
  auto_close int fd = open_beneath(w->dirfd, path, O_PATH | O_NOFOLLOW, 0);
  return fd < 0 ? -1 : faccessat(fd, "", access, AT_EACCESS | AT_EMPTY_PATH);
}

static bool overrides_modes(void)
{
  uint64_t effective = 0, permitted = 0, inheritable = 0;
  return sys_capget(&effective, &permitted, &inheritable) == 0
         && (effective >> CAP_DAC_OVERRIDE_BIT & 1) != 0;
}

/* What 'st' says of why we may not do 'what' with it. */
static void say_mode(const struct walk *w, const char *path, const struct stat *st, const char *what)
{
  const char *why = "";
  if (st->st_uid == OVERFLOW_ID || st->st_gid == OVERFLOW_ID)
    why = ": its owner is not mapped in this user namespace, or is nobody";
  else if (overrides_modes())
    why = " although the modes do not count for us: a security module, FUSE or NFS refuses";
  char subject[210] = "the directory above it";
  if (strcmp(path, ".") != 0)
    (void)snprintf(subject, sizeof subject, "'%.200s'", path);
  (void)snprintf(w->buffer, w->size, "%s (mode %04o, owner %u:%u) may not be %s by %u:%u%s", subject,
                 (unsigned)st->st_mode & 07777, st->st_uid, st->st_gid, what, (unsigned)geteuid(),
                 (unsigned)getegid(), why);
}

static void say_not_executable(const struct walk *w, const char *path, const struct stat *st)
{
  struct statvfs fs;
  if (!S_ISDIR(st->st_mode) && (st->st_mode & 0111) == 0)
    (void)snprintf(w->buffer, w->size, "'%.200s' has no x bit (mode %04o)", path,
                   (unsigned)st->st_mode & 07777);
  else if (statvfs(path, &fs) == 0 && (fs.f_flag & ST_NOEXEC) != 0)
    (void)snprintf(w->buffer, w->size, "'%.200s' is on a file system that is mounted noexec", path);
  else
    say_mode(w, path, st, "executed");
}

static void judge_last(const struct walk *w, const char *path, const struct stat *st)
{
  if (w->access == X_OK && !S_ISREG(st->st_mode)) {
    (void)snprintf(w->buffer, w->size, "'%.200s' is no regular file", path);
    return;
  }
  if (may(w, path, w->access) == 0) {
    if (w->access == X_OK)
      (void)snprintf(
          w->buffer, w->size,
          "modes and mounts allow '%.200s': a security module (AppArmor, SELinux) refuses, see dmesg", path);
    return;
  }
  if (errno == EROFS)
    (void)snprintf(w->buffer, w->size, "'%.200s' is on a read-only file system", path);
  else if (w->access == X_OK)
    say_not_executable(w, path, st);
  else
    say_mode(w, path, st, w->access == W_OK ? "written to" : w->access == R_OK ? "read" : "used");
}

/* A link that leads nowhere, or where we may not go: goes on with what it names. False if 'path' is none. */
static bool follow(const char *path, const char *rest, char *next, size_t size)
{
  char target[PATH_MAX];
  const ssize_t n = readlink(path, target, sizeof target - 1);
  if (n <= 0)
    return false;
  target[n] = '\0';
  const char *slash = strrchr(path, '/');
  const int above = target[0] == '/' || slash == NULL ? 0 : (int)(slash + 1 - path);
  const int length = snprintf(next, size, "%.*s%s%s", above, path, target, rest);
  return length > 0 && (size_t)length < size;
}

enum step { STEP_ON, STEP_DONE, STEP_LINK };

/* One prefix of the path: 'last' if it is all of it. */
static enum step look(const struct walk *w, const char *path, bool last)
{
  struct stat st, link;
  const bool follows = w->dirfd == AT_FDCWD; /* else links are relative to a root that is not ours */
  if (look_up(w, path, &st) < 0) {
    const int cause = errno;
    if (follows && lstat(path, &link) == 0 && S_ISLNK(link.st_mode))
      return STEP_LINK;
    if (cause == ENOENT)
      (void)snprintf(w->buffer, w->size, "'%.200s' is missing", path);
    else if (cause == EACCES && !follows && strchr(path, '/') == NULL && fstat(w->dirfd, &st) == 0)
      say_mode(w, "/", &st, "entered");
    return STEP_DONE;
  }
  if (S_ISLNK(st.st_mode))
    return STEP_DONE;
  if (last) {
    judge_last(w, path, &st);
    return STEP_DONE;
  }
  if (!S_ISDIR(st.st_mode))
    (void)snprintf(w->buffer, w->size, "'%.200s' is no directory", path);
  else if (may(w, path, X_OK) < 0)
    say_mode(w, path, &st, "entered");
  else
    return STEP_ON;
  return STEP_DONE;
}

size_t refusal_explain(int dirfd, const char *path, int access, char *buffer, size_t size)
{
  struct walk w = { .dirfd = dirfd, .access = access, .buffer = buffer, .size = size };
  char whole[PATH_MAX], next[PATH_MAX];
  buffer[0] = '\0';
  if (dirfd != AT_FDCWD)
    path += strspn(path, "/");
  if (snprintf(whole, sizeof whole, "%s", path) >= (int)sizeof whole)
    return 0;
  char *at = whole;
  for (unsigned links = 0;;) {
    at += strspn(at, "/");
    at += strcspn(at, "/");
    const char saved = *at;
    const bool last = at[strspn(at, "/")] == '\0';
    *at = '\0';
    const enum step step = *whole == '\0' ? STEP_DONE : look(&w, whole, last);
    if (step == STEP_DONE)
      break;
    if (step == STEP_LINK) {
      char rest[PATH_MAX];
      *at = saved;
      (void)snprintf(rest, sizeof rest, "%s", at);
      *at = '\0';
      if (++links > LINKS_MAX || !follow(whole, rest, next, sizeof next))
        break;
      memcpy(whole, next, sizeof whole);
      at = whole;
      continue;
    }
    *at = saved;
  }
  return strlen(buffer);
}

const char *refusal_suffix(int dirfd, const char *path, int access, int errnum, char buffer[REFUSAL_BYTES])
{
  const int saved = errno;
  buffer[0] = '\0';
  if ((errnum == EACCES || errnum == EPERM)
      && refusal_explain(dirfd, path, access, buffer + 2, REFUSAL_BYTES - 2) > 0)
    memcpy(buffer, ": ", 2);
  errno = saved;
  return buffer;
}
