/* SPDX-License-Identifier: Apache-2.0
 * base/fd_passing: descriptors arrive or are closed, never leaked. */
#include "libcontainer/base/fd_passing.h"
#include "libcontainer/base/fd.h"
#include "tests/unit/unit.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

static int pair[2];

static unsigned open_count(void)
{
  unsigned n = 0;
  for (int fd = 0; fd < 256; fd++)
    n += fcntl(fd, F_GETFD) >= 0;
  return n;
}

static void test_numbers_of_fds(void)
{
  char data[16];
  int sent[FD_PASSING_MAX], got[FD_PASSING_MAX];
  for (size_t i = 0; i < FD_PASSING_MAX; i++)
    sent[i] = STDOUT_FILENO;
  for (size_t n = 0; n <= FD_PASSING_MAX; n++) {
    unsigned before = open_count();
    size_t count = 99;
    CHECK_NUMBER(fds_send(pair[0], "abc", 3, sent, n, NULL), 0);
    CHECK_NUMBER(fds_receive(pair[1], data, sizeof data, got, &count, NULL, NULL), 3);
    CHECK_NUMBER(count, n);
    for (size_t i = 0; i < count; i++) {
      CHECK_NUMBER(fcntl(got[i], F_GETFD), FD_CLOEXEC);
      fd_close(&got[i]);
    }
    CHECK_NUMBER(open_count(), before);
  }
  CHECK_NUMBER(fds_send(pair[0], "abc", 3, sent, FD_PASSING_MAX + 1, NULL), -1);
  CHECK_NUMBER(fds_send(pair[0], "", 0, NULL, 0, NULL), -1);
}

static void send_many(size_t count)
{
  union {
    struct cmsghdr align;
    char bytes[CMSG_SPACE(64 * sizeof(int))];
  } control = { 0 };
  struct iovec iov = { .iov_base = (char[]){ 'x' }, .iov_len = 1 };
  struct msghdr message = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control };
  message.msg_controllen = CMSG_SPACE(count * sizeof(int));
  struct cmsghdr *c = CMSG_FIRSTHDR(&message);
  c->cmsg_level = SOL_SOCKET;
  c->cmsg_type = SCM_RIGHTS;
  c->cmsg_len = CMSG_LEN(count * sizeof(int));
  for (size_t i = 0; i < count; i++)
    memcpy(CMSG_DATA(c) + i * sizeof(int), (int[]){ STDOUT_FILENO }, sizeof(int));
  CHECK_NUMBER(sendmsg(pair[0], &message, 0), 1);
}

static void test_too_much_leaves_nothing_open(void)
{
  char data[4];
  int got[FD_PASSING_MAX];
  size_t count;
  unsigned before = open_count();
  for (size_t n = FD_PASSING_MAX + 1; n <= 64; n++) {
    struct error err;
    send_many(n);
    CHECK_NUMBER(fds_receive(pair[1], data, sizeof data, got, &count, NULL, &err), -1);
    CHECK_NUMBER(count, 0);
    CHECK_NUMBER(err.errnum, EMSGSIZE);
    CHECK_NUMBER(open_count(), before);
  }
  CHECK_NUMBER(fds_send(pair[0], "too long", 8, (int[]){ 1, 2 }, 2, NULL), 0);
  CHECK_NUMBER(fds_receive(pair[1], data, sizeof data, got, &count, NULL, NULL), -1);
  CHECK_NUMBER(open_count(), before);
}

static void test_sender(void)
{
  char data[4];
  int got[FD_PASSING_MAX];
  size_t count;
  pid_t sender = 42;
  CHECK_NUMBER(fds_send(pair[0], "x", 1, NULL, 0, NULL), 0);
  CHECK_NUMBER(fds_receive(pair[1], data, sizeof data, got, &count, &sender, NULL), 1);
  CHECK_NUMBER(sender, 0);
  CHECK_NUMBER(setsockopt(pair[1], SOL_SOCKET, SO_PASSCRED, &(int){ 1 }, sizeof(int)), 0);
  int sent[FD_PASSING_MAX] = { 0 };
  CHECK_NUMBER(fds_send(pair[0], "x", 1, sent, FD_PASSING_MAX, NULL), 0);
  CHECK_NUMBER(fds_receive(pair[1], data, sizeof data, got, &count, &sender, NULL), 1);
  CHECK_NUMBER(sender, getpid());
  CHECK_NUMBER(count, FD_PASSING_MAX);
  for (size_t i = 0; i < count; i++)
    fd_close(&got[i]);
  fd_close(&pair[0]);
  CHECK_NUMBER(fds_receive(pair[1], data, sizeof data, got, &count, &sender, NULL), 0);
  fd_close(&pair[1]);
}

static int listener(const char *path)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  (void)snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  CHECK_NUMBER(bind(fd, (const struct sockaddr *)&address, sizeof address), 0);
  CHECK_NUMBER(listen(fd, 8), 0);
  return fd;
}

static void test_connect(void)
{
  struct error err;
  const char *top = unit_temp_dir();
  char dir[400], path[512];
  auto_close int server = listener("s");
  auto_close int near = unix_connect("s", &err);
  CHECK(near >= 0);

  (void)snprintf(dir, sizeof dir, "%s/%0150d", top, 0);
  CHECK_NUMBER(mkdir(dir, 0700), 0);
  (void)snprintf(path, sizeof path, "%s/s", dir);
  CHECK_NUMBER(rename("s", path), 0);
  auto_close int far = unix_connect(path, &err);
  CHECK(far >= 0);
  CHECK_NUMBER(fcntl(far, F_GETFD), FD_CLOEXEC);
  CHECK_NUMBER(unix_connect("missing", &err), -1);
  CHECK_NUMBER(err.errnum, ENOENT);
  (void)snprintf(path, sizeof path, "%s/missing", dir);
  CHECK_NUMBER(unix_connect(path, &err), -1);
  CHECK_NUMBER(err.errnum, ENOENT);
}

int main(void)
{
  if (!CHECK_NUMBER(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0))
    return unit_finish();
  test_numbers_of_fds();
  test_too_much_leaves_nothing_open();
  test_sender();
  test_connect();
  return unit_finish();
}
