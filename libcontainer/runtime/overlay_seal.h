/* SPDX-License-Identifier: Apache-2.0
 * Our own program's file in an overlay that nobody can write to. Usable before the C library is set up. */
#pragma once
#include <stddef.h>

/* Tells the sealed program which overlay is ours, in its environment. Only the caller can set it, who could
 * as well have changed the program. */
#define SEAL_MARK "_HULL_SEALED"
#define SEAL_MARK_BYTES 48

/* O_PATH descriptor of this program's file in a fresh detached overlay with lower layers only, or -1 where
 * that can't be had (no overlayfs, no privilege, file gone). 'mark' gets the value for SEAL_MARK. */
int overlay_seal_open(char mark[SEAL_MARK_BYTES]);
/* The value of SEAL_MARK for a file of that device and inode. */
void overlay_seal_mark(unsigned long long device, unsigned long long inode, char mark[SEAL_MARK_BYTES]);
