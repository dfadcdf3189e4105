/* SPDX-License-Identifier: Apache-2.0
 * Becomes the container's process. */
#include "libcontainer/base/words.h"
#include "libcontainer/init/explain_exec.h"
#include "libcontainer/init/steps.h"
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

/* The caller may have signals ignored or blocked, and execve(2) would hand that on. Before the filter: it may
 * deny these calls. */
int reset_signals(struct init_context *init, struct error *err)
{
  sigset_t none;
  const struct sigaction plain = { .sa_handler = SIG_DFL };
  (void)init;
  for (int signal = 1; signal < NSIG; signal++) {
    struct sigaction now;
    if (sigaction(signal, NULL, &now) == 0 && now.sa_handler != SIG_DFL)
      (void)sigaction(signal, &plain, NULL); /* SIGKILL and SIGSTOP can't be anything else */
  }
  sigemptyset(&none);
  if (sigprocmask(SIG_SETMASK, &none, NULL) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot unblock signals");
  return 0;
}

int execute(struct init_context *init, struct error *err)
{
  const struct plan_process *process = &init->plan->process;
  execve(init->executable, process->argv, process->envp);
  const int reason = errno;
  const char *text = reason == ENOEXEC  ? "exec format error"
                     : reason == ENOENT ? WORDS_NO_FILE
                     : reason == EACCES ? WORDS_DENIED
                     : reason == EPERM  ? WORDS_NOT_PERMITTED
                                        : strerrordesc_np(reason);
  const char *why = why_exec_failed(init, reason);
  error_set(err, ERROR_CONFIG, 0, "exec %s: %s%s%s", init->executable, text, *why != '\0' ? ": " : "", why);
  return error_at(err, "/process/args/0");
}
