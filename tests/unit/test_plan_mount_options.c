/* SPDX-License-Identifier: Apache-2.0 */
#include "libcontainer/base/sys_compat.h"
#include "libcontainer/plan/mount_options.h"
#include "tests/unit/unit.h"

/* config.md of runtime-spec 1.3, "Linux mount options": MUST, SHOULD and MAY. */
static const char *const of_the_specification[] = {
  "async",
  "atime",
  "bind",
  "defaults",
  "dev",
  "diratime",
  "dirsync",
  "exec",
  "iversion",
  "lazytime",
  "loud",
  "mand",
  "noatime",
  "nodev",
  "nodiratime",
  "noexec",
  "noiversion",
  "nolazytime",
  "nomand",
  "norelatime",
  "nostrictatime",
  "nosuid",
  "nosymfollow",
  "private",
  "ratime",
  "rbind",
  "rdev",
  "rdiratime",
  "relatime",
  "remount",
  "rexec",
  "rnoatime",
  "rnodev",
  "rnodiratime",
  "rnoexec",
  "rnorelatime",
  "rnostrictatime",
  "rnosuid",
  "rnosymfollow",
  "ro",
  "rprivate",
  "rrelatime",
  "rro",
  "rrw",
  "rshared",
  "rslave",
  "rstrictatime",
  "rsuid",
  "rsymfollow",
  "runbindable",
  "rw",
  "shared",
  "silent",
  "slave",
  "strictatime",
  "suid",
  "symfollow",
  "sync",
  "tmpcopyup",
  "unbindable",
};

static void has_the_options_of_the_specification(void)
{
  for (size_t i = 0; i < UNIT_COUNT(of_the_specification); i++) {
    unit_at(of_the_specification[i]);
    CHECK(mount_option_find(of_the_specification[i]));
  }
  CHECK(!mount_option_find("size=1m"));
  CHECK(!mount_option_find(""));
}

static void has_those_of_peers(void)
{
  static const char *const names[] = { "copy-symlink", "src-nofollow", "dest-nofollow", "tmpupper" };
  for (size_t i = 0; i < UNIT_COUNT(names); i++) {
    unit_at(names[i]);
    CHECK(mount_option_find(names[i]));
  }
}

static void is_sorted_and_sound(void)
{
  for (const struct mount_option *row = mount_options; row->name; row++) {
    unit_at(row->name);
    CHECK(row == mount_options || strcmp(row[-1].name, row->name) < 0);
    CHECK(mount_option_find(row->name) == row);
    CHECK((row->set & ~row->clear) == 0); /* what is set must not be left over from an earlier option */
    CHECK(!(row->set & MOUNT_ATTR__ATIME) || (row->clear & MOUNT_ATTR__ATIME) == MOUNT_ATTR__ATIME);
    CHECK(!row->recursive || row->name[0] == 'r');
  }
}

int main(void)
{
  has_the_options_of_the_specification();
  has_those_of_peers();
  is_sorted_and_sound();
  return unit_finish();
}
