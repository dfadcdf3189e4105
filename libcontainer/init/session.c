/* SPDX-License-Identifier: Apache-2.0
 * A session of our own, always: the caller's terminal must not be ours (TIOCSTI, CVE-2017-5226). */
#include "libcontainer/init/steps.h"
#include <errno.h>
#include <unistd.h>

int new_session(struct init_context *init, struct error *err)
{
  (void)init;
  if (setsid() < 0 && errno != EPERM) /* EPERM: already a leader, as pid 1 of a forked namespace may be */
    return error_set(err, ERROR_KERNEL, errno, "cannot make a session");
  return 0;
}
