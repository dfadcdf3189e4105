/* SPDX-License-Identifier: Apache-2.0
 * Owning file descriptors, and closing those that nobody owns. */
#include "libcontainer/base/fd.h"
#include "libcontainer/base/sys.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

void fd_close(int *fd)
{
  if (*fd < 0)
    return;
  int saved = errno;
  (void)close(*fd); /* Linux frees the descriptor whatever close(2) returns */
  errno = saved;
  *fd = -1;
}

int take_fd(int *fd)
{
  int taken = *fd;
  *fd = -1;
  return taken;
}

void pointer_free(void *p)
{
  void **owner = p;
  int saved = errno;
  free(*owner);
  errno = saved;
  *owner = NULL;
}

/* Between the kept ones, one close_range(2) each: no walk through /proc/self/fd, which may not be there. */
int fd_close_others(int first, const int *keep, size_t keep_count, struct error *err)
{
  unsigned next = (unsigned)first;
  for (size_t i = 0; i < keep_count; i++) {
    if (keep[i] < 0 || (unsigned)keep[i] < next)
      continue;
    unsigned kept = (unsigned)keep[i];
    if (kept > next && sys_close_range(next, kept - 1, 0) < 0)
      return error_set(err, ERROR_KERNEL, errno, "cannot close inherited descriptors from %u on", next);
    next = kept + 1;
  }
  if (sys_close_range(next, UINT_MAX, 0) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot close inherited descriptors from %u on", next);
  return 0;
}

int fd_cloexec_from(int first, struct error *err)
{
  if (sys_close_range((unsigned)first, UINT_MAX, CLOSE_RANGE_CLOEXEC) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot set close-on-exec from descriptor %d on", first);
  return 0;
}

int fd_set_cloexec(int fd, int on)
{
  /* FD_CLOEXEC is the only descriptor flag there is: no need to read the others first. */
  return fcntl(fd, F_SETFD, on ? FD_CLOEXEC : 0);
}

int fd_write_all(int fd, const void *data, size_t length)
{
  const char *p = data;
  while (length > 0) {
    ssize_t n = write(fd, p, length);
    if (n < 0 && errno == EINTR)
      continue;
    if (n < 0)
      return -1;
    p += n;
    length -= (size_t)n;
  }
  return 0;
}
