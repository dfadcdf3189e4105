/* SPDX-License-Identifier: Apache-2.0
 * Installs the filter that the runtime compiled. */
#include "libcontainer/base/fd_passing.h"
#include "libcontainer/init/steps.h"
#include <string.h>
#include <unistd.h>

/* Under the filter: sendmsg(2) must be allowed by it, and no agent can answer for us yet. The socket and the
 * listener close at execve(2). */
static int send_listener(const struct init_context *init, int listener, struct error *err)
{
  const char *message = init->seccomp_agent_message;
  if (fds_send(init->seccomp_agent, message, strlen(message), &listener, 1, err) == 0)
    return 0;
  error_wrap(err, "cannot send the seccomp listener to the agent (does the profile allow sendmsg?)");
  return error_at(err, "/linux/seccomp/listenerPath");
}

int load_seccomp(struct init_context *init, struct error *err)
{
  if (init->filter->notify) {
    if (init->host_pid == 0)
      init->host_pid = getpid(); /* exec into the caller's own pid namespace */
    fill_pid(init->host_pid, init->seccomp_agent_message);
  }
  const int listener = seccomp_install(init->filter, err);
  if (listener < 0)
    return error_at(err, "/linux/seccomp");
  return init->filter->notify ? send_listener(init, listener, err) : 0;
}
