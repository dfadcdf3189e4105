/* SPDX-License-Identifier: Apache-2.0
 * base/sys: that each call without special rights reaches the kernel as meant. */
#include "libcontainer/base/sys.h"
#include "libcontainer/base/fd.h"
#include "tests/unit/unit.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>

static void test_processes(void)
{
  fflush(stdout);
  int pidfd = -1;
  struct clone_args args = { .flags = CLONE_PIDFD,
                             .pidfd = (uint64_t)(uintptr_t)&pidfd,
                             .exit_signal = SIGCHLD };
  pid_t pid = sys_clone3(&args, sizeof args);
  if (pid == 0) {
    (void)pause();
    _exit(0);
  }
  CHECK(pid > 0 && pidfd >= 0);
  auto_close int other = sys_pidfd_open(pid, 0);
  CHECK(other >= 0);
  auto_close int copy = sys_pidfd_getfd(pidfd, STDOUT_FILENO);
  CHECK(copy >= 0 || errno == EPERM);
  CHECK_NUMBER(sys_pidfd_send_signal(other, SIGKILL), 0);
  int status = 0;
  CHECK_NUMBER(waitpid(pid, &status, 0), pid);
  CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
  CHECK_NUMBER(sys_pidfd_send_signal(pidfd, 0), -1);
  CHECK_NUMBER(errno, ESRCH);
  fd_close(&pidfd);

  pid = fork();
  if (pid == 0) {
    char *const argv[] = { (char[]){ "sh" }, (char[]){ "-c" }, (char[]){ "exit $X" }, NULL };
    char *const envp[] = { (char[]){ "X=7" }, NULL };
    int shell = open("/bin/sh", O_PATH | O_CLOEXEC);
    (void)sys_execveat(shell, "", argv, envp, AT_EMPTY_PATH);
    _exit(1);
  }
  CHECK_NUMBER(waitpid(pid, &status, 0), pid);
  CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 7);
}

static void test_capabilities(void)
{
  uint64_t effective = 0, permitted = 0, inheritable = 0, again = 0;
  CHECK_NUMBER(sys_capget(&effective, &permitted, &inheritable), 0);
  CHECK_NUMBER(effective & ~permitted, 0);
  CHECK_NUMBER(sys_capset(&effective, &permitted, &inheritable), 0);
  CHECK_NUMBER(sys_capget(&again, &permitted, &inheritable), 0);
  CHECK(again == effective);
  uint64_t none = 0;
  CHECK_NUMBER(sys_capset(&none, &permitted, &inheritable), 0);
  CHECK_NUMBER(sys_capget(&again, &permitted, &inheritable), 0);
  CHECK(again == 0);
  CHECK_NUMBER(sys_capset(&effective, &permitted, &inheritable), 0);
}

static void test_rest(void)
{
  char buffer[4096];
  CHECK_NUMBER(chdir("/"), 0);
  CHECK_NUMBER(sys_getcwd(buffer, sizeof buffer), 2);
  CHECK_STRING(buffer, "/");
  int fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 100);
  CHECK_NUMBER(sys_close_range(100, 200, 0), 0);
  CHECK_NUMBER(fcntl(fd, F_GETFD), -1);
  struct open_how how = { .flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_BENEATH };
  CHECK_NUMBER(sys_openat2(AT_FDCWD, "/etc", &how), -1);
  CHECK_NUMBER(errno, EXDEV);
  CHECK_NUMBER(sys_setresuid(getuid()), 0);
  CHECK_NUMBER(sys_setresgid(getgid()), 0);
  CHECK_NUMBER(sys_seccomp(0xffff, 0, NULL), -1);
  CHECK(errno == EINVAL || errno == ENOSYS);
}

/* Needs rights in a mount namespace of its own; without them the kernel's refusal is all that is seen. */
static void test_mounts(void)
{
  auto_close int fs = sys_fsopen("tmpfs");
  if (fs < 0) {
    CHECK(errno == EPERM);
    return;
  }
  CHECK_NUMBER(fcntl(fs, F_GETFD), FD_CLOEXEC);
  CHECK_NUMBER(sys_fsconfig(fs, FSCONFIG_SET_STRING, "size", "4096", 0), 0);
  CHECK_NUMBER(sys_fsconfig(fs, FSCONFIG_SET_STRING, "nonsense", "1", 0), -1);
  CHECK_NUMBER(sys_fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0), 0);
  auto_close int mount_fd = sys_fsmount(fs, MOUNT_ATTR_NODEV);
  CHECK(mount_fd >= 0);
  struct mount_attr attr = { .attr_set = MOUNT_ATTR_RDONLY };
  CHECK_NUMBER(sys_mount_setattr(mount_fd, "", AT_EMPTY_PATH, &attr), 0);
  CHECK_NUMBER(openat(mount_fd, "x", O_WRONLY | O_CREAT | O_CLOEXEC, 0600), -1);
  CHECK_NUMBER(errno, EROFS);
  auto_close int clone_fd = sys_open_tree(mount_fd, "", OPEN_TREE_CLONE | AT_EMPTY_PATH);
  CHECK(clone_fd >= 0 || errno == EINVAL); /* cloning of unattached trees came late */
}

int main(void)
{
  test_processes();
  test_capabilities();
  test_rest();
  test_mounts();
  return unit_finish();
}
