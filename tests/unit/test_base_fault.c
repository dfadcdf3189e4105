/* SPDX-License-Identifier: Apache-2.0
 * base/fault, as configured: with --enable-fault-injection faults happen, without it never. */
#include "libcontainer/base/fault.h"
#include "tests/unit/unit.h"
#include <errno.h>
#include <signal.h>
#include <sys/wait.h>

#ifdef HULL_FAULT_INJECTION
static int status_of_child(const char *wish, const char *name)
{
  fflush(stdout);
  pid_t pid = fork();
  if (pid == 0) {
    (void)setenv("HULL_FAULT", wish, 1);
    fault_setup();
    (void)fault_check(name, NULL);
    _exit(0);
  }
  int status = -1;
  (void)waitpid(pid, &status, 0);
  return status;
}

static void test_faults(void)
{
  struct error err;
  error_clear(&err);
  (void)setenv("HULL_FAULT", "mounts:EPERM,pivot:ENOSYS", 1);
  fault_setup();
  CHECK_NUMBER(fault_check("mount", &err), 0);
  CHECK_NUMBER(fault_check("mounts2", &err), 0);
  CHECK(!error_is_set(&err));
  CHECK_NUMBER(fault_check("mounts", &err), -1);
  CHECK_NUMBER(err.errnum, EPERM);
  CHECK_NUMBER(fault_check("pivot", &err), -1);
  CHECK_NUMBER(err.errnum, ENOSYS);
  (void)unsetenv("HULL_FAULT");
  fault_setup();
  CHECK_NUMBER(fault_check("mounts", &err), 0);

  int status = status_of_child("x:kill", "x");
  CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
  CHECK_NUMBER(status_of_child("x:kill", "y"), 0);
  status = status_of_child("x:ENOSUCH", "y");
  CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 99);
}
#else
static void test_faults(void)
{
  struct error err;
  error_clear(&err);
  (void)setenv("HULL_FAULT", "mounts:EPERM", 1);
  fault_setup();
  CHECK_NUMBER(fault_check("mounts", &err), 0);
  CHECK(!error_is_set(&err));
}
#endif

int main(void)
{
  test_faults();
  return unit_finish();
}
