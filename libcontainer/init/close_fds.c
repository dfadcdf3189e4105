/* SPDX-License-Identifier: Apache-2.0
 * Which descriptors live on: first those that init itself needs, in the end only those of the workload. */
#include "libcontainer/base/fd.h"
#include "libcontainer/base/sys.h"
#include "libcontainer/init/steps.h"
#include <errno.h>

int drop_runtime_fds(struct init_context *init, struct error *err)
{
  return fd_close_others(3, init->keep_fds, init->keep_count, err);
}

/* What is needed up to execve(2) is close-on-exec; all else is closed for real, here, because a filter may
 * deny it later and because close-on-exec alone leaves them open to a hook. */
int close_fds(struct init_context *init, struct error *err)
{
  const int first = 3 + (int)init->plan->process.keep_fds;
  int keep[6];
  size_t count = 0;
  const int wanted[] = { init->sync,          init->start_fifo,      init->reply_fifo,
                         init->seccomp_agent, init->hook_outputs[0], init->hook_outputs[1] };
  for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
    if (wanted[i] < first)
      continue;
    size_t at = count++;
    for (; at > 0 && keep[at - 1] > wanted[i]; at--)
      keep[at] = keep[at - 1];
    keep[at] = wanted[i];
  }
  if (fd_close_others(first, keep, count, err) < 0)
    return -1;
  for (int fd = 3; fd < first; fd++)
    if (fd_set_cloexec(fd, 0) < 0)
      return error_set(err, ERROR_USAGE, errno, "cannot pass on descriptor %d (--preserve-fds, LISTEN_FDS)",
                       fd);
  return 0;
}
