/* SPDX-License-Identifier: Apache-2.0
 * Forks into a pid namespace that this process made or joined: only children get into it. The child becomes
 * the runtime's own child (CLONE_PARENT) and goes on with the next row; this process ends.
 * Security: exec forks as late as it can. Root inside with CAP_SYS_PTRACE may trace whoever it sees, and read
 * what is behind /proc/PID/root, cwd and fd: by now that is no more than it has itself, but for the
 * CAP_SYS_ADMIN that is kept for loading a filter without no_new_privs. The price: for a moment exec counts
 * twice for pids.max and RLIMIT_NPROC. */
#include "libcontainer/base/sys.h"
#include "libcontainer/init/steps.h"
#include "libcontainer/sync/sync.h"
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

int fork_into_pid_namespace(struct init_context *init, struct error *err)
{
  struct clone_args args = { .flags = CLONE_PARENT, .exit_signal = 0 /* given by CLONE_PARENT */ };
  const pid_t pid = sys_clone3(&args, sizeof args);
  if (pid < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot fork into the pid namespace");
  if (pid > 0)
    _exit(0);
  struct message reply;
  struct proceed adopted;
  if (sync_call(init->sync, MSG_FORKED, NULL, 0, &reply, err) < 0)
    return -1;
  memcpy(&adopted, reply.payload, sizeof adopted);
  init->host_pid = adopted.pid;
  return 0;
}
