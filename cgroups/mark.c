/* SPDX-License-Identifier: Apache-2.0
 * Marks by xattr(7). */
#include "cgroups/mark.h"
#include <errno.h>
#include <string.h>
#include <sys/xattr.h>

#define TRUSTED "trusted.hull.made"
#define USER "user.hull.made"

int mark_set(int dir, const char *value)
{
  if (fsetxattr(dir, TRUSTED, value, strlen(value), 0) == 0)
    return 0;
  if (errno != EPERM)
    return -1;
  return fsetxattr(dir, USER, value, strlen(value), 0);
}

bool mark_get(int dir, char value[static MARK_BYTES])
{
  ssize_t n = fgetxattr(dir, TRUSTED, value, MARK_BYTES - 1);
  if (n < 0)
    n = fgetxattr(dir, USER, value, MARK_BYTES - 1);
  if (n < 0)
    return false;
  value[n] = '\0';
  return true;
}
