/* SPDX-License-Identifier: Apache-2.0
 * Opens and makes paths inside a root that may be hostile. Every lookup is one openat2(2) with
 * RESOLVE_IN_ROOT or RESOLVE_BENEATH, or a walk by descriptors; nothing returned is a path again.
 * Security: see CVE-2019-18837, CVE-2021-30465, CVE-2024-45310. */
#pragma once
#include "error.h"
#include <sys/types.h>

/* openat2 (RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS); EAGAIN (racing rename) is retried up to 128 times.
 * 'path' "" or "/" is the root itself. Returns a close-on-exec fd; -1 with errno. */
int open_in_root(int root, const char *path, int flags, mode_t mode);
/* The same with RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS (| RESOLVE_NO_XDEV): for trees
 * that we made or that the kernel makes, where a symbolic link means an attack. */
int open_beneath(int dir, const char *path, int flags, mode_t mode);
int open_beneath_no_xdev(int dir, const char *path, int flags, mode_t mode);
/* mkdir -p inside the root, following links of the image only inside the root. Returns an O_PATH fd of the
 * directory. */
int make_dir_in_root(int root, const char *path, mode_t mode, struct error *err);
/* As above, but the last component is an empty regular file (existing files of any type but directory
 * stay). */
int make_file_in_root(int root, const char *path, mode_t mode, struct error *err);
/* O_PATH fd of 'path' after links, made as directory or file if missing. */
int make_target_in_root(int root, const char *path, int want_dir, struct error *err);
