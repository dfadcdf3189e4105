/* SPDX-License-Identifier: Apache-2.0
 * base/fd: ownership, and that no inherited descriptor survives. */
#include "libcontainer/base/fd.h"
#include "tests/unit/unit.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/wait.h>

static bool is_open(int fd)
{
  return fcntl(fd, F_GETFD) >= 0;
}

static void test_owning(void)
{
  int seen;
  {
    auto_close int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    seen = fd;
    CHECK(is_open(seen));
  }
  CHECK(!is_open(seen));
  int taken;
  {
    auto_close int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    taken = take_fd(&fd);
    CHECK_NUMBER(fd, -1);
  }
  CHECK(is_open(taken));
  errno = ENOENT;
  fd_close(&taken);
  CHECK_NUMBER(errno, ENOENT);
  CHECK_NUMBER(taken, -1);
  fd_close(&taken);
  auto_free char *s = strdup("x");
  CHECK_STRING(s, "x");
}

/* In a child: closing everything would take the test's own descriptors. Exit status: number of wrong
 * answers. */
static int wrong_after_close(int first, const int *keep, size_t count)
{
  fflush(stdout);
  pid_t pid = fork();
  if (pid == 0) {
    int wrong = 0;
    for (int fd = 10; fd < 30; fd++)
      (void)dup2(STDOUT_FILENO, fd);
    if (fd_close_others(first, keep, count, NULL) < 0)
      _exit(100);
    for (int fd = 10; fd < 30; fd++) {
      bool kept = fd < first;
      for (size_t i = 0; i < count; i++)
        kept = kept || keep[i] == fd;
      wrong += is_open(fd) != kept;
    }
    _exit(wrong);
  }
  int status = -1;
  (void)waitpid(pid, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void test_close_others(void)
{
  static const struct {
    const char *name;
    int first;
    int keep[6];
    size_t count;
  } rows[] = {
    { "nothing kept", 3, { 0 }, 0 },
    { "first kept", 10, { 10 }, 1 },
    { "neighbours kept", 3, { 11, 12, 13 }, 3 },
    { "apart", 3, { 10, 15, 20, 29 }, 4 },
    { "below first", 20, { 5, 12, 25 }, 3 },
    { "empty ones", 3, { -1, 15 }, 2 },
    { "one not open", 3, { 15, 500 }, 2 },
  };
  for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
    unit_at(rows[i].name);
    CHECK_NUMBER(wrong_after_close(rows[i].first, rows[i].keep, rows[i].count), 0);
  }
  unit_at(NULL);
}

static void test_cloexec(void)
{
  int fd = fcntl(STDOUT_FILENO, F_DUPFD, 50);
  CHECK_NUMBER(fcntl(fd, F_GETFD), 0);
  CHECK_NUMBER(fd_cloexec_from(50, NULL), 0);
  CHECK_NUMBER(fcntl(fd, F_GETFD), FD_CLOEXEC);
  CHECK_NUMBER(fd_set_cloexec(fd, 0), 0);
  CHECK_NUMBER(fcntl(fd, F_GETFD), 0);
  CHECK_NUMBER(fd_set_cloexec(fd, 1), 0);
  CHECK_NUMBER(fcntl(fd, F_GETFD), FD_CLOEXEC);
  fd_close(&fd);
  CHECK_NUMBER(fd_set_cloexec(50, 1), -1);
}

static void test_write_all(void)
{
  int ends[2];
  CHECK_NUMBER(pipe2(ends, O_CLOEXEC), 0);
  CHECK_NUMBER(fd_write_all(ends[1], "hello", 5), 0);
  char buffer[8] = "";
  CHECK_NUMBER(read(ends[0], buffer, sizeof buffer), 5);
  CHECK_STRING(buffer, "hello");
  CHECK_NUMBER(fd_write_all(ends[0], "x", 1), -1);
  CHECK_NUMBER(errno, EBADF);
  fd_close(&ends[0]);
  fd_close(&ends[1]);
}

int main(void)
{
  test_owning();
  test_close_others();
  test_cloexec();
  test_write_all();
  return unit_finish();
}
