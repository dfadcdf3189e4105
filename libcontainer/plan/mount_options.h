/* SPDX-License-Identifier: Apache-2.0
 * The table of mount options: what each means for the mount API. Add a row and `features`, decoding and the
 * tests pick it up. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

enum mount_option_effect {
  EFFECT_NONE,
  EFFECT_BIND,
  EFFECT_RBIND,
  EFFECT_REMOUNT,
  EFFECT_COPY_UP,
  EFFECT_TMP_UPPER,
  EFFECT_IDMAP,
  EFFECT_COPY_SYMLINK,
  EFFECT_SRC_NOFOLLOW,
  EFFECT_DEST_NOFOLLOW
};
struct mount_option {
  const char *name;
  uint64_t set, clear;  /* MOUNT_ATTR_* */
  bool recursive;       /* set and clear reach the whole tree */
  uint64_t propagation; /* MS_SHARED … */
  bool propagation_rec;
  const char *super_flag; /* passed to a new file system as a flag, e.g. "sync" */
  enum mount_option_effect effect;
};
extern const struct mount_option mount_options[]; /* ends with name NULL; sorted by name */
const struct mount_option *mount_option_find(const char *name);
