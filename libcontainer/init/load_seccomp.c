/* SPDX-License-Identifier: Apache-2.0
 * Installs the filter that the runtime compiled. */
#include "libcontainer/base/fault.h"
#include "libcontainer/base/fd_passing.h"
#include "libcontainer/init/steps.h"
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
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

/* The filter knows this one call by its token, whatever the profile says of sendmsg(2). */
static int send_to_report(const struct init_context *init, int listener, struct error *err)
{
  const uint64_t *token = init->seccomp_token;
  union {
    struct cmsghdr align;
    char bytes[CMSG_SPACE(sizeof(int))];
  } control = { .bytes = { 0 } };
  char byte = 'l';
  struct iovec iov = { .iov_base = &byte, .iov_len = 1 };
  struct msghdr message = {
    .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control
  };
  struct cmsghdr *c = CMSG_FIRSTHDR(&message);
  c->cmsg_level = SOL_SOCKET;
  c->cmsg_type = SCM_RIGHTS;
  c->cmsg_len = CMSG_LEN(sizeof listener);
  memcpy(CMSG_DATA(c), &listener, sizeof listener);
  if (syscall(SYS_sendmsg, init->seccomp_agent, &message, MSG_NOSIGNAL, (unsigned long)token[0],
              (unsigned long)token[1], (unsigned long)token[2])
      == 1)
    return 0;
  return error_set(err, ERROR_KERNEL, errno, "cannot send the seccomp listener to the report");
}

int load_seccomp(struct init_context *init, struct error *err)
{
  if (init->filter->notify && init->seccomp_token == NULL) {
    if (init->host_pid == 0)
      init->host_pid = getpid(); /* exec into the caller's own pid namespace */
    fill_pid(init->host_pid, init->seccomp_agent_message);
  }
  if (fault_check("no-filter", NULL) < 0)
    return 0; /* as if the kernel had lost it: the runtime must see that */
  const int listener = seccomp_install(init->filter, err);
  if (listener < 0)
    return error_at(err, "/linux/seccomp");
  if (init->seccomp_token != NULL)
    return send_to_report(init, listener, err);
  return init->filter->notify ? send_listener(init, listener, err) : 0;
}
