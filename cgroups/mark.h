/* SPDX-License-Identifier: Apache-2.0
 * Marks on the cgroup directories that we made: extended attribute trusted.hull.made, or user.hull.made where
 * trusted ones need a privilege that we lack. They tell the owner where no state file does (a create that was
 * killed), so that nothing foreign is ever killed or removed. Private to cgroups/. */
#pragma once
#include <stdbool.h>

#define MARK_BYTES 320
#define MARK_PARENT "parent"

struct cgroup_record;
/* What a container's cgroup is marked with: "NONCE ID DEVICE:INODE MADE", of the state root where the
 * container is known, and whether create made the cgroup ("made") or found it ("found"). */
void mark_text(char mark[static MARK_BYTES], const struct cgroup_record *record, const char *id);
/* The id in such a mark, which is cut up for it; NULL: it is none. */
const char *mark_id(char *mark);

/* -1 and errno. */
int mark_set(int dir, const char *value);
/* The same, but only if there is no mark: errno EEXIST. Of several at once, one succeeds. */
int mark_claim(int dir, const char *value);
/* Reads the mark as a string; false if there is none. */
bool mark_get(int dir, char value[static MARK_BYTES]);
/* The same by the path of a directory in the file system; errno if there is none. */
bool mark_get_at(const char *path, char value[static MARK_BYTES]);
void mark_clear(int dir);

/* Whoever made the directory leaves its removal to the one who has marked it. */
void mark_hand_over(int dir);
bool mark_handed_over(int dir);
