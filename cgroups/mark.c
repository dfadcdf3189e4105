/* SPDX-License-Identifier: Apache-2.0
 * Marks by xattr(7). */
#include "cgroups/mark.h"
#include "cgroups/cgroup.h"
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/xattr.h>

#define ID_MAX_BYTES 255
#define TRUSTED "trusted.hull.made"
#define USER "user.hull.made"
#define TRUSTED_HANDED_OVER "trusted.hull.handed-over"
#define USER_HANDED_OVER "user.hull.handed-over"

static int set(int dir, const char *value, int flags)
{
  if (fsetxattr(dir, TRUSTED, value, strlen(value), flags) == 0)
    return 0;
  if (errno != EPERM)
    return -1;
  return fsetxattr(dir, USER, value, strlen(value), flags);
}

static bool terminate(char *value, ssize_t length)
{
  if (length < 0)
    return false;
  value[length] = '\0';
  return true;
}

void mark_text(char mark[static MARK_BYTES], const struct cgroup_record *record, const char *id)
{
  (void)snprintf(mark, MARK_BYTES, "%s %.*s %" PRIx64 ":%" PRIx64 " %s", record->nonce, ID_MAX_BYTES, id,
                 record->root_device, record->root_inode, record->made ? "made" : "found");
}

const char *mark_id(char *mark)
{
  char *id = strchr(mark, ' ');
  if (!id)
    return NULL;
  *id++ = '\0';
  id[strcspn(id, " ")] = '\0';
  return id;
}

int mark_set(int dir, const char *value)
{
  return set(dir, value, 0);
}

int mark_claim(int dir, const char *value)
{
  return set(dir, value, XATTR_CREATE);
}

bool mark_get(int dir, char value[static MARK_BYTES])
{
  return terminate(value, fgetxattr(dir, TRUSTED, value, MARK_BYTES - 1))
         || terminate(value, fgetxattr(dir, USER, value, MARK_BYTES - 1));
}

bool mark_get_at(const char *path, char value[static MARK_BYTES])
{
  return terminate(value, lgetxattr(path, TRUSTED, value, MARK_BYTES - 1))
         || (errno == ENODATA && terminate(value, lgetxattr(path, USER, value, MARK_BYTES - 1)));
}

void mark_clear(int dir)
{
  if (fremovexattr(dir, TRUSTED) < 0)
    (void)fremovexattr(dir, USER);
}

void mark_hand_over(int dir)
{
  if (fsetxattr(dir, TRUSTED_HANDED_OVER, "", 0, 0) < 0)
    (void)fsetxattr(dir, USER_HANDED_OVER, "", 0, 0);
}

bool mark_handed_over(int dir)
{
  return fgetxattr(dir, TRUSTED_HANDED_OVER, NULL, 0) >= 0 || fgetxattr(dir, USER_HANDED_OVER, NULL, 0) >= 0;
}
