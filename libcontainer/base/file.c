/* SPDX-License-Identifier: Apache-2.0
 * Whole files: read with a limit, write a value, replace by rename. */
#include "libcontainer/base/file.h"
#include "libcontainer/base/fd.h"
#include "libcontainer/base/refusal.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define UNKNOWN_SIZE_BYTES 4096 /* kernel files say 0 */

static ssize_t read_retry(int fd, void *buffer, size_t size)
{
  ssize_t n;
  do
    n = read(fd, buffer, size);
  while (n < 0 && errno == EINTR);
  return n;
}

/* Room for the file and the NUL, and one byte that shows whether there is more. */
static size_t first_capacity(const struct stat *st)
{
  return st->st_size > 0 ? (size_t)st->st_size + 2 : UNKNOWN_SIZE_BYTES;
}

static char *too_large(const char *path, size_t max, struct error *err)
{
  (void)error_set(err, ERROR_CONFIG, EFBIG, "cannot read '%s': it has more than %zu bytes", path, max);
  return NULL;
}

/* Regular files only, and opened without waiting: a fifo in a bundle must not hold us up, nor a device fill
 * the memory. */
char *file_read(struct arena *arena, int dirfd, const char *path, size_t max, size_t *length,
                struct error *err)
{
  struct stat st;
  char why[REFUSAL_BYTES];
  auto_close int fd = openat(dirfd, path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  if (fd < 0 || fstat(fd, &st) < 0) {
    (void)error_set(err, ERROR_KERNEL, errno, "cannot open '%s'%s", path,
                    refusal_suffix(dirfd, path, R_OK, errno, why));
    return NULL;
  }
  if (!S_ISREG(st.st_mode)) {
    (void)error_set(err, ERROR_CONFIG, S_ISDIR(st.st_mode) ? EISDIR : 0,
                    "cannot read '%s': it is not a regular file", path);
    return NULL;
  }
  if ((uintmax_t)st.st_size > max)
    return too_large(path, max, err);
  size_t capacity = first_capacity(&st), used = 0;
  char *buffer = arena_alloc(arena, capacity);
  for (;;) {
    ssize_t n = read_retry(fd, buffer + used, capacity - 1 - used);
    if (n < 0) {
      (void)error_set(err, ERROR_KERNEL, errno, "cannot read '%s'", path);
      return NULL;
    }
    used += (size_t)n;
    if (used > max)
      return too_large(path, max, err);
    if (n == 0)
      break;
    if (used < capacity - 1)
      continue;
    char *larger = arena_alloc(arena, capacity * 2);
    memcpy(larger, buffer, used);
    buffer = larger;
    capacity *= 2;
  }
  buffer[used] = '\0';
  if (length)
    *length = used;
  return buffer;
}

ssize_t file_read_small(int dirfd, const char *path, char *buffer, size_t size)
{
  auto_close int fd = openat(dirfd, path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
  if (fd < 0)
    return -1;
  size_t used = 0;
  for (;;) {
    ssize_t n = read_retry(fd, buffer + used, size - used);
    if (n < 0)
      return -1;
    if (n == 0)
      break;
    used += (size_t)n;
    if (used == size) { /* no room for the NUL: a cut value is a wrong value */
      errno = EFBIG;
      return -1;
    }
  }
  buffer[used] = '\0';
  return (ssize_t)used;
}

int file_write_value(int dirfd, const char *path, const char *s)
{
  auto_close int fd = openat(dirfd, path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
  if (fd < 0)
    return -1;
  size_t length = strlen(s);
  ssize_t n;
  do
    n = write(fd, s, length);
  while (n < 0 && errno == EINTR);
  if (n < 0)
    return -1;
  if ((size_t)n != length) {
    errno = EIO;
    return -1;
  }
  return 0;
}

static int open_new(int dirfd, const char *path, mode_t mode)
{
  const int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
  int fd = openat(dirfd, path, flags, mode);
  if (fd >= 0 || errno != EEXIST)
    return fd;
  /* Left over by a process that died between open and rename. */
  if (unlinkat(dirfd, path, 0) < 0)
    return -1;
  return openat(dirfd, path, flags, mode);
}

int file_replace(int dirfd, const char *path, const void *data, size_t length, mode_t mode, struct error *err)
{
  char temporary[PATH_MAX];
  const char *slash = strrchr(path, '/');
  int dir_length = slash ? (int)(slash - path) + 1 : 0;
  int n = snprintf(temporary, sizeof temporary, "%.*s.%s.tmp", dir_length, path, path + dir_length);
  if (n < 0 || (size_t)n >= sizeof temporary)
    return error_set(err, ERROR_KERNEL, ENAMETOOLONG, "cannot write '%s'", path);

  int fd = open_new(dirfd, temporary, mode);
  if (fd < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot make '%s'", temporary);
  int failed = fd_write_all(fd, data, length) < 0 ? errno : 0;
  if (close(fd) < 0 && !failed)
    failed = errno;
  if (!failed && renameat(dirfd, temporary, dirfd, path) < 0)
    failed = errno;
  if (!failed)
    return 0;
  (void)unlinkat(dirfd, temporary, 0); /* best effort: the next writer removes it as well */
  return error_set(err, ERROR_KERNEL, failed, "cannot write '%s'", path);
}
