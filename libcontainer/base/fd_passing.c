/* SPDX-License-Identifier: Apache-2.0
 * File descriptors over AF_UNIX sockets (unix(7)). */
#include "libcontainer/base/fd_passing.h"
#include "libcontainer/base/fd.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>

union control {
  struct cmsghdr align;
  char bytes[CMSG_SPACE(FD_PASSING_MAX * sizeof(int)) + CMSG_SPACE(sizeof(struct ucred))];
};

int fds_send(int socket_fd, const void *data, size_t length, const int *fds, size_t count, struct error *err)
{
  if (count > FD_PASSING_MAX || length == 0)
    return error_set(err, ERROR_INTERNAL, EINVAL, "cannot send %zu bytes with %zu descriptors", length,
                     count);
  union control control;
  struct iovec iov = { .iov_base = (void *)(uintptr_t)data, .iov_len = length };
  struct msghdr message = { .msg_iov = &iov, .msg_iovlen = 1 };
  if (count > 0) {
    memset(&control, 0, sizeof control);
    message.msg_control = &control;
    message.msg_controllen = CMSG_SPACE(count * sizeof(int));
    struct cmsghdr *c = CMSG_FIRSTHDR(&message);
    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN(count * sizeof(int));
    memcpy(CMSG_DATA(c), fds, count * sizeof(int));
  }
  ssize_t n;
  do
    n = sendmsg(socket_fd, &message, MSG_NOSIGNAL);
  while (n < 0 && errno == EINTR);
  if (n < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot send over socket");
  if ((size_t)n == length)
    return 0;
  /* A stream socket took a part: the descriptors went with the first byte. */
  const char *rest = data;
  while ((size_t)n < length) {
    ssize_t m = send(socket_fd, rest + n, length - (size_t)n, MSG_NOSIGNAL);
    if (m < 0 && errno == EINTR)
      continue;
    if (m < 0)
      return error_set(err, ERROR_KERNEL, errno, "cannot send over socket");
    n += m;
  }
  return 0;
}

/* Takes over every descriptor of one SCM_RIGHTS message, also those beyond the limit, which are closed: the
 * control buffer has room for more than FD_PASSING_MAX when no credentials came. Returns false if there were
 * too many. */
static bool take_rights(struct cmsghdr *c, int *fds, size_t *count)
{
  size_t n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
  const unsigned char *p = CMSG_DATA(c);
  bool fits = true;
  for (size_t i = 0; i < n; i++) {
    int fd;
    memcpy(&fd, p + i * sizeof fd, sizeof fd);
    if (*count < FD_PASSING_MAX) {
      fds[(*count)++] = fd;
    } else {
      fd_close(&fd);
      fits = false;
    }
  }
  return fits;
}

ssize_t fds_receive(int socket_fd, void *data, size_t size, int *fds, size_t *count, pid_t *sender,
                    struct error *err)
{
  union control control;
  struct iovec iov = { .iov_base = data, .iov_len = size };
  struct msghdr message = {
    .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control
  };
  *count = 0;
  if (sender)
    *sender = 0;
  ssize_t n;
  do
    n = recvmsg(socket_fd, &message, MSG_CMSG_CLOEXEC);
  while (n < 0 && errno == EINTR);
  if (n < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot receive from socket");

  bool whole = !(message.msg_flags & (MSG_TRUNC | MSG_CTRUNC));
  for (struct cmsghdr *c = CMSG_FIRSTHDR(&message); c; c = CMSG_NXTHDR(&message, c)) {
    if (c->cmsg_level != SOL_SOCKET)
      continue;
    if (c->cmsg_type == SCM_RIGHTS)
      whole &= take_rights(c, fds, count);
    struct ucred credentials;
    if (c->cmsg_type == SCM_CREDENTIALS && sender && c->cmsg_len >= CMSG_LEN(sizeof credentials)) {
      memcpy(&credentials, CMSG_DATA(c), sizeof credentials);
      *sender = credentials.pid;
    }
  }
  if (whole)
    return n;
  /* Security: half a message is no message; its descriptors must not stay. */
  while (*count > 0)
    fd_close(&fds[--*count]);
  return error_set(err, ERROR_INTERNAL, EMSGSIZE, "received a message that is too large");
}

int unix_connect(const char *path, struct error *err)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  auto_close int target = -1;
  if (strlen(path) < sizeof address.sun_path) {
    memcpy(address.sun_path, path, strlen(path));
  } else {
    /* sun_path holds 107 bytes; the link of an O_PATH descriptor names the same socket in a few. */
    target = open(path, O_PATH | O_CLOEXEC);
    if (target < 0)
      return error_set(err, ERROR_KERNEL, errno, "cannot open socket '%s'", path);
    (void)snprintf(address.sun_path, sizeof address.sun_path, "/proc/self/fd/%d", target);
  }
  auto_close int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot make a socket");
  int rc;
  do
    rc = connect(fd, (const struct sockaddr *)&address, sizeof address);
  while (rc < 0 && errno == EINTR);
  if (rc < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot connect to socket '%s'", path);
  return take_fd(&fd);
}
