/* SPDX-License-Identifier: Apache-2.0
 * What a user other than root may map beside his own id: his rows of /etc/subuid and /etc/subgid (subuid(5)),
 * and the programs that do it for him, newuidmap(1) and newgidmap(1). Those judge; this only tells them what
 * to ask for. */
#pragma once
#include "libcontainer/base/arena.h"
#include "libcontainer/facts.h"

/* Pure: adds the ranges of 'user' in a text of NAME:START:COUNT rows; NAME is his name (NULL: not known) or
 * his uid in decimal. Rows that are malformed, empty, beyond the last id, or overlap with an earlier one are
 * left out. */
void subids_parse(struct arena *arena, const char *text, const char *name, uint32_t uid, id_ranges *ranges);
/* Pure: the name of 'uid' in a text of /etc/passwd; NULL if it has none. */
const char *subids_user_name(struct arena *arena, const char *passwd, uint32_t uid);
/* facts->newuidmap and newgidmap: found in the absolute directories of PATH. */
void subids_probe_helpers(struct arena *arena, struct facts *facts);
/* facts->subuids and subgids. A file that can't be read has no rows. */
void subids_probe(struct arena *arena, struct facts *facts);
