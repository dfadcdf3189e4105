/* SPDX-License-Identifier: Apache-2.0
 * A session of our own, always: the caller's terminal must not be ours (TIOCSTI, CVE-2017-5226). */
#include "libcontainer/base/fd.h"
#include "libcontainer/init/steps.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* As tty_ioctl(4), TIOCNOTTY: who leads no session just loses it. */
int leave_terminal(struct init_context *init, struct error *err)
{
  (void)init;
  auto_close int tty = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (tty >= 0 && ioctl(tty, TIOCNOTTY) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot leave the caller's terminal");
  return 0; /* ENXIO: there is none */
}

int new_session(struct init_context *init, struct error *err)
{
  (void)init;
  if (setsid() < 0 && errno != EPERM) /* EPERM: already a leader, as pid 1 of a forked namespace may be */
    return error_set(err, ERROR_KERNEL, errno, "cannot make a session");
  return 0;
}
