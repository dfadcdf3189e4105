/* SPDX-License-Identifier: Apache-2.0
 * The switches that keep users from user namespaces, as a table. */
#include "libcontainer/base/userns_limits.h"
#include "libcontainer/base/file.h"
#include "libcontainer/base/proc.h"
#include "libcontainer/base/sys.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CAP_SYS_ADMIN_BIT 21

/* clang-format off */
const struct userns_limit userns_limits[] = {
  { "user.max_user_namespaces", "sys/user/max_user_namespaces", 0, false, false,
    "no user namespace may be made here", "root sets it to 10000 or so by 'sysctl -w user.max_user_namespaces=10000'" },
  { "kernel.unprivileged_userns_clone", "sys/kernel/unprivileged_userns_clone", 0, true, false,
    "only root may make user namespaces (Debian's switch)", "root allows it by 'sysctl -w kernel.unprivileged_userns_clone=1'" },
  { "kernel.apparmor_restrict_unprivileged_userns", "sys/kernel/apparmor_restrict_unprivileged_userns", 1, true, true,
    "AppArmor takes all rights in user namespaces from programs without a profile that says 'userns,' (Ubuntu 23.10 and newer)",
    "root installs such a profile for hull in /etc/apparmor.d, or sets it to 0" },
  { NULL, NULL, 0, false, false, NULL, NULL },
};
/* clang-format on */

static bool read_limit(const struct userns_limit *limit, long *value)
{
  char text[32], *end;
  const int proc = proc_root(NULL);
  if (proc < 0 || file_read_small(proc, limit->file, text, sizeof text) <= 0)
    return false;
  *value = strtol(text, &end, 10);
  return end != text;
}

static bool privileged(void)
{
  uint64_t effective = 0, permitted = 0, inheritable = 0;
  return sys_capget(&effective, &permitted, &inheritable) == 0 && (effective >> CAP_SYS_ADMIN_BIT & 1) != 0;
}

bool userns_limit_holds(const struct userns_limit *limit)
{
  long value;
  return read_limit(limit, &value) && value == limit->bad && !(limit->unprivileged && privileged());
}

size_t userns_explain(char *buffer, size_t size)
{
  buffer[0] = '\0';
  for (const struct userns_limit *limit = userns_limits; limit->sysctl != NULL; limit++)
    if (userns_limit_holds(limit)) {
      (void)snprintf(buffer, size, "%s is %ld: %s; %s", limit->sysctl, limit->bad, limit->why, limit->remedy);
      break;
    }
  return strlen(buffer);
}
