/* SPDX-License-Identifier: Apache-2.0
 * base/proc, looking at ourselves and at children. */
#include "libcontainer/base/proc.h"
#include "libcontainer/base/fd.h"
#include "tests/unit/unit.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>

static void test_ourselves(void)
{
  char state = '?';
  uint64_t started = 0, again = 0;
  CHECK_NUMBER(proc_stat(getpid(), &state, &started), 0);
  CHECK_NUMBER(state, 'R');
  /* A name made to look like the rest of the line. */
  CHECK_NUMBER(prctl(PR_SET_NAME, ") Z 1 2 3"), 0);
  CHECK_NUMBER(proc_stat(getpid(), &state, &again), 0);
  CHECK_NUMBER(state, 'R');
  CHECK(started > 0 && started == again);
  struct timespec up;
  CHECK_NUMBER(clock_gettime(CLOCK_BOOTTIME, &up), 0);
  double age = (double)up.tv_sec + (double)up.tv_nsec / 1e9 - (double)started / (double)sysconf(_SC_CLK_TCK);
  CHECK(age > -1 && age < 60);
  CHECK(proc_is(getpid(), started));
  CHECK(!proc_is(getpid(), started + 1));
  CHECK(!proc_is(0, started));
  CHECK(!proc_is(-1, started));
  CHECK_NUMBER(proc_stat(0x7ffffff0, &state, &started), -1);
  CHECK_NUMBER(errno, ENOENT);
}

static void test_zombie(void)
{
  char state = '?';
  uint64_t started = 0;
  fflush(stdout);
  pid_t pid = fork();
  if (pid == 0)
    _exit(0);
  siginfo_t info;
  CHECK_NUMBER(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
  CHECK_NUMBER(proc_stat(pid, &state, &started), 0);
  CHECK_NUMBER(state, 'Z');
  CHECK(!proc_is(pid, started));
  (void)waitpid(pid, NULL, 0);
}

static void test_descriptors(void)
{
  struct error err;
  int root = proc_root(&err);
  CHECK(root >= 0);
  CHECK_NUMBER(proc_root(&err), root);
  auto_close int dir = proc_pid_dir(getpid(), &err);
  CHECK(dir >= 0);
  CHECK_NUMBER(faccessat(dir, "status", R_OK, 0), 0);
  CHECK_NUMBER(proc_pid_dir(0x7ffffff0, &err), -1);
  CHECK_NUMBER(err.errnum, ENOENT);
}

int main(void)
{
  test_ourselves();
  test_zombie();
  test_descriptors();
  return unit_finish();
}
