/* SPDX-License-Identifier: Apache-2.0
 * The mount table of this process, parsed by libmount and copied to the arena. */
#include "libcontainer/base/mountinfo.h"
#include <errno.h>
#include <libmount.h>

static char *copy(struct arena *arena, const char *s)
{
  return arena_strdup(arena, s ? s : "");
}

int mountinfo_read(struct arena *arena, struct mountinfo *table, struct error *err)
{
  errno = 0;
  struct libmnt_table *mounts = mnt_new_table_from_file("/proc/self/mountinfo");
  if (!mounts)
    return error_set(err, ERROR_KERNEL, errno, "cannot read '/proc/self/mountinfo'");
  struct libmnt_iter *it = mnt_new_iter(MNT_ITER_FORWARD);
  if (!it) {
    mnt_unref_table(mounts);
    return error_set(err, ERROR_KERNEL, ENOMEM, "cannot read '/proc/self/mountinfo'");
  }
  *table = (struct mountinfo){ 0 };
  struct libmnt_fs *fs;
  while (mnt_table_next_fs(mounts, it, &fs) == 0) {
    struct mountinfo_entry *entry = vec_push(arena, &table->entries);
    entry->target = copy(arena, mnt_fs_get_target(fs));
    entry->type = copy(arena, mnt_fs_get_fstype(fs));
    entry->root = copy(arena, mnt_fs_get_root(fs));
  }
  mnt_free_iter(it);
  mnt_unref_table(mounts);
  return 0;
}
