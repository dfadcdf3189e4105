/* SPDX-License-Identifier: Apache-2.0
 * Network devices: 'lo' of the new network namespace is set up here (netdevice(7)), those of the host are the
 * runtime's to move. */
#include "libcontainer/base/fd.h"
#include "libcontainer/init/steps.h"
#include "libcontainer/sync/sync.h"
#include <errno.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

int loopback_up(struct init_context *init, struct error *err)
{
  (void)init;
  /* AF_UNIX sockets take interface ioctls too, and exist in kernels without IPv4. */
  auto_close int s = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  struct ifreq request = { .ifr_flags = IFF_UP | IFF_RUNNING };
  if (s < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot open a socket to set 'lo' up");
  memcpy(request.ifr_name, "lo", sizeof "lo");
  if (ioctl(s, SIOCSIFFLAGS, &request) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot set the network device 'lo' up");
  return 0;
}

int ask_net_devices(struct init_context *init, struct error *err)
{
  return sync_call(init->sync, MSG_MOVE_NET_DEVICES, NULL, 0, NULL, err);
}
