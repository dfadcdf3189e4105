/* SPDX-License-Identifier: Apache-2.0
 * Sets 'lo' up from outside, beside init: a socket stays in the network namespace that it was made in
 * (netdevice(7)). */
#include "libcontainer/base/fd.h"
#include "libcontainer/base/proc.h"
#include "libcontainer/runtime/create.h"
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

/* A socket of the namespace of 'pidfd'; we are back in our own when this returns, or it is an error. */
static int socket_inside(int pidfd, struct error *err)
{
  const int proc = proc_root(err);
  auto_close int own = proc < 0 ? -1 : openat(proc, "thread-self/ns/net", O_RDONLY | O_CLOEXEC);
  if (own < 0 || setns(pidfd, CLONE_NEWNET) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot enter the container's network namespace");
  auto_close int s = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  const int failed = s < 0 ? errno : 0;
  if (setns(own, CLONE_NEWNET) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot return to our network namespace");
  return failed != 0 ? error_set(err, ERROR_KERNEL, failed, "cannot open a socket to set 'lo' up")
                     : take_fd(&s);
}

int loopback_from_outside(void *context, struct error *err)
{
  struct launch *l = context;
  struct ifreq request = { .ifr_flags = IFF_UP | IFF_RUNNING };
  auto_close int s = socket_inside(l->pidfd, err);
  if (s < 0)
    return -1;
  memcpy(request.ifr_name, "lo", sizeof "lo");
  if (ioctl(s, SIOCSIFFLAGS, &request) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot set the network device 'lo' up");
  return 0;
}
