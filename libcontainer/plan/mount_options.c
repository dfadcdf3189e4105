/* SPDX-License-Identifier: Apache-2.0
 * THE table of mount options (config.md, "Linux mount options"). What is not here is an option of the file
 * system and goes to it as it stands. */
#include "libcontainer/plan/mount_options.h"
#include "libcontainer/base/sys_compat.h"
#include <stdlib.h>
#include <string.h>

#define ATTR(x) MOUNT_ATTR_##x
#define SETS(x) .set = ATTR(x), .clear = ATTR(x)
#define CLEARS(x) .clear = ATTR(x)
/* The access time setting is one value in three bits: a value replaces all of it, while "atime" and the like
 * only take back the one value that they deny. What is left then is 0, relatime, the kernel's default since
 * Linux 2.6.30. */
#define SETS_ATIME(x) .set = ATTR(x), .clear = MOUNT_ATTR__ATIME
#define REC .recursive = true

/* Attributes belong to a mount; super_flag belongs to the file system, so that a bind mount can't change
 * it. */
const struct mount_option mount_options[] = {
  { .name = "async", .super_flag = "async" },
  { .name = "atime", CLEARS(NOATIME) },
  { .name = "bind", .effect = EFFECT_BIND },
  { .name = "copy-symlink", .effect = EFFECT_COPY_SYMLINK }, /* these three are crun's own */
  { .name = "defaults" },
  { .name = "dest-nofollow", .effect = EFFECT_DEST_NOFOLLOW },
  { .name = "dev", CLEARS(NODEV) },
  { .name = "diratime", CLEARS(NODIRATIME) },
  { .name = "dirsync", .super_flag = "dirsync" },
  { .name = "exec", CLEARS(NOEXEC) },
  { .name = "idmap", .effect = EFFECT_IDMAP },
  { .name = "iversion" }, /* no flag of the mount API: file systems that count changes do so by themselves */
  { .name = "lazytime", .super_flag = "lazytime" },
  { .name = "loud" }, /* the kernel's log messages while mounting; not in the mount API either */
  { .name = "mand", .super_flag = "mand" }, /* accepted and ignored by Linux 5.15 and newer */
  { .name = "noatime", SETS_ATIME(NOATIME) },
  { .name = "nodev", SETS(NODEV) },
  { .name = "nodiratime", SETS(NODIRATIME) },
  { .name = "noexec", SETS(NOEXEC) },
  { .name = "noiversion" },
  { .name = "nolazytime", .super_flag = "nolazytime" },
  { .name = "nomand", .super_flag = "nomand" },
  { .name = "norelatime" }, /* relatime is the absence of the others: nothing to take back */
  { .name = "nostrictatime", CLEARS(STRICTATIME) },
  { .name = "nosuid", SETS(NOSUID) },
  { .name = "nosymfollow", SETS(NOSYMFOLLOW) },
  { .name = "private", .propagation = MS_PRIVATE },
  { .name = "ratime", CLEARS(NOATIME), REC },
  { .name = "rbind", .effect = EFFECT_RBIND },
  { .name = "rdev", CLEARS(NODEV), REC },
  { .name = "rdiratime", CLEARS(NODIRATIME), REC },
  { .name = "relatime", SETS_ATIME(RELATIME) },
  { .name = "remount", .effect = EFFECT_REMOUNT },
  { .name = "rexec", CLEARS(NOEXEC), REC },
  { .name = "ridmap", .effect = EFFECT_IDMAP, REC },
  { .name = "rnoatime", SETS_ATIME(NOATIME), REC },
  { .name = "rnodev", SETS(NODEV), REC },
  { .name = "rnodiratime", SETS(NODIRATIME), REC },
  { .name = "rnoexec", SETS(NOEXEC), REC },
  { .name = "rnorelatime", REC },
  { .name = "rnostrictatime", CLEARS(STRICTATIME), REC },
  { .name = "rnosuid", SETS(NOSUID), REC },
  { .name = "rnosymfollow", SETS(NOSYMFOLLOW), REC },
  { .name = "ro", SETS(RDONLY) },
  { .name = "rprivate", .propagation = MS_PRIVATE, .propagation_rec = true },
  { .name = "rrelatime", SETS_ATIME(RELATIME), REC },
  { .name = "rro", SETS(RDONLY), REC },
  { .name = "rrw", CLEARS(RDONLY), REC },
  { .name = "rshared", .propagation = MS_SHARED, .propagation_rec = true },
  { .name = "rslave", .propagation = MS_SLAVE, .propagation_rec = true },
  { .name = "rstrictatime", SETS_ATIME(STRICTATIME), REC },
  { .name = "rsuid", CLEARS(NOSUID), REC },
  { .name = "rsymfollow", CLEARS(NOSYMFOLLOW), REC },
  { .name = "runbindable", .propagation = MS_UNBINDABLE, .propagation_rec = true },
  { .name = "rw", CLEARS(RDONLY) },
  { .name = "shared", .propagation = MS_SHARED },
  { .name = "silent" },
  { .name = "slave", .propagation = MS_SLAVE },
  { .name = "src-nofollow", .effect = EFFECT_SRC_NOFOLLOW },
  { .name = "strictatime", SETS_ATIME(STRICTATIME) },
  { .name = "suid", CLEARS(NOSUID) },
  { .name = "symfollow", CLEARS(NOSYMFOLLOW) },
  { .name = "sync", .super_flag = "sync" },
  { .name = "tmpcopyup", .effect = EFFECT_COPY_UP },
  { .name = "tmpupper", .effect = EFFECT_TMP_UPPER }, /* our own */
  { .name = "unbindable", .propagation = MS_UNBINDABLE },
  { .name = NULL },
};

static int by_name(const void *name, const void *row)
{
  return strcmp(name, ((const struct mount_option *)row)->name);
}

const struct mount_option *mount_option_find(const char *name)
{
  const size_t count = sizeof mount_options / sizeof *mount_options - 1;
  return bsearch(name, mount_options, count, sizeof *mount_options, by_name);
}
