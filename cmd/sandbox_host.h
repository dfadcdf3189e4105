/* SPDX-License-Identifier: Apache-2.0
 * What `hull sandbox` has to know of this host: its mounts and its users. */
#pragma once
#include "libcontainer/base/arena.h"
#include "libcontainer/base/error.h"
#include "libcontainer/base/vec.h"
#include <stdbool.h>
#include <stdint.h>

/* Where something is mounted, in the order of mounting, without the root itself and what is out of reach. */
int host_mounts(struct arena *arena, struct strings *mounts, struct error *err);

/* What file a path leads to, links followed; NULL if it leads to none. */
const char *host_path_of(struct arena *arena, const char *link);

/* The line of 'name' in a text such as /etc/passwd (column 0): the ids in columns 2 and, if 'gid' is
 * given, 3. False: there is none. Pure. */
bool find_in_passwd(const char *text, const char *name, uint32_t *id, uint32_t *gid);
/* "NAME", "NAME:GROUP", with numbers instead of either. A number alone leaves *gid as it is. */
int host_user(struct arena *arena, const char *user, uint32_t *uid, uint32_t *gid, struct error *err);
