/* SPDX-License-Identifier: Apache-2.0
 * A session keyring of the container's own, so that the caller's keys are out of reach (keyctl(2)). It has no
 * name: a named one could be prepared by somebody else. */
#include "libcontainer/base/log.h"
#include "libcontainer/base/sys.h"
#include "libcontainer/init/steps.h"
#include "libcontainer/sync/sync.h"
#include <errno.h>
#include <linux/keyctl.h>

static int join_new_keyring(const struct init_context *init, struct error *err)
{
  if (sys_keyctl(KEYCTL_JOIN_SESSION_KEYRING, 0, 0, 0, 0) >= 0)
    return 0;
  if (errno == ENOSYS) { /* a kernel without keys has no keys to protect */
    sync_send_log(init->sync, LOG_DEBUG, "the kernel has no keyrings");
    return 0;
  }
  if (errno == EDQUOT)
    return error_set(err, ERROR_HOST, EDQUOT,
                     "cannot join a new session keyring: the key quota of the user is used up "
                     "(see /proc/key-users and /proc/sys/kernel/keys/maxkeys, or use --no-new-keyring)");
  return error_set(err, ERROR_KERNEL, errno, "cannot join a new session keyring (or use --no-new-keyring)");
}

int new_keyring(struct init_context *init, struct error *err)
{
  const char *label = init->plan->process.selinux_label;
  if (!label)
    return join_new_keyring(init, err);
  if (label_keys(init, label, err) < 0 || join_new_keyring(init, err) < 0)
    return -1;
  return label_keys(init, "", err);
}
