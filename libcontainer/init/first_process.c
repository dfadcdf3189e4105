/* SPDX-License-Identifier: Apache-2.0
 * The first process of a sandbox's pid namespace: it stays, and the command is its child. So the command is a
 * process like any other (pid 1 ignores signals that it does not handle), what becomes an orphan is reaped,
 * and when the command ends the namespace does. It dies with the runtime, however that ends. */
#include "libcontainer/base/sys.h"
#include "libcontainer/init/steps.h"
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

int die_with_runtime(struct init_context *init, struct error *err)
{
  struct pollfd runtime = { .fd = init->sync, .events = 0 };
  if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot ask to die with the runtime");
  if (poll(&runtime, 1, 0) > 0 && (runtime.revents & POLLHUP)) /* it was gone before we asked */
    _exit(1);
  return 0;
}

/* Security: procfs shows it of us to nobody (we are undumpable), and this way it is not there at all. */
static void forget_environment(void)
{
  for (char **variable = environ; variable != NULL && *variable != NULL; variable++)
    explicit_bzero(*variable, strlen(*variable));
}

static void reap(struct first_process *first, pid_t command)
{
  pid_t pid;
  int status;
  while ((pid = waitpid(-1, &status, WNOHANG | __WALL)) > 0) {
    if (pid != command)
      continue;
    first->status = status;
    first->ended = 1;
    _exit(WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status));
  }
}

/* A signal from the runtime is for the command. One from inside is not for us, and the terminal has sent its
 * own to everybody. */
static void pass_on(const siginfo_t *info, pid_t command)
{
  if (info->si_code == SI_USER && info->si_pid == 0)
    (void)kill(command, info->si_signo);
}

static _Noreturn void stay(struct first_process *first, pid_t command, const sigset_t *all)
{
  siginfo_t info;
  forget_environment();
  first->started = 1;
  (void)sys_close_range(0, UINT_MAX, 0); /* readers of the command's output wait for us otherwise */
  for (;;) {
    reap(first, command);
    if (sigwaitinfo(all, &info) > 0 && info.si_signo != SIGCHLD)
      pass_on(&info, command);
  }
}

/* With the descriptors shared, whoever fetches one of the command's gets it from us. The kernel holds us
 * until the command is executed, or has failed. */
int stay_first(struct init_context *init, struct error *err)
{
  struct clone_args args = { .flags = CLONE_VFORK | CLONE_FILES, .exit_signal = SIGCHLD };
  sigset_t all, none;
  sigfillset(&all);
  sigemptyset(&none);
  (void)sigprocmask(SIG_SETMASK, &all, NULL);
  const pid_t pid = sys_clone3(&args, sizeof args);
  if (pid < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot fork the command");
  if (pid > 0)
    stay(init->first, pid, &all);
  (void)sigprocmask(SIG_SETMASK, &none, NULL);
  return 0;
}
