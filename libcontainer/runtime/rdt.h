/* SPDX-License-Identifier: Apache-2.0
 * linux.intelRdt: control and monitoring groups of a resctrl file system (config-linux.md, "IntelRdt"; the
 * kernel's filesystems/resctrl.rst). All is done below one descriptor of its root, by names that were
 * checked. */
#pragma once
#include "libcontainer/plan/plan.h"
#include "libcontainer/runtime/state.h"

/* A mounted resctrl. What follows 'root' is for trees that no kernel fills: tests. */
struct rdt_tree {
  int root;                    /* -1: none */
  int more_flags;              /* for files that are written, O_APPEND */
  void (*made)(int group);     /* a group was made: put its files there; NULL: the kernel does */
  void (*removing)(int group); /* take them away */
};
/* clang-format off */
#define RDT_TREE_INIT { .root = -1 }
/* clang-format on */

/* Finds the mount in the runtime's mount namespace. ERROR_HOST with errnum ENOENT: there is none. */
int rdt_open(struct rdt_tree *tree, struct error *err);
void rdt_close(struct rdt_tree *tree);
/* The mount point of the first resctrl in the text of a mountinfo, which is changed; NULL: none. '*rest' is
 * where to look for the next. */
char *rdt_find_mount(char *mountinfo, char **rest);

/* What one create has made, to be taken back if it fails. */
struct rdt_made {
  bool group, monitoring;
  char *old_schemata; /* of a group that was there; NULL: not changed */
};

/* Looks at the group without changing it: it has to be there, or to have the planned schemata, as the plan
 * says. Fills the record that delete will work by. */
int rdt_check(struct arena *arena, const struct rdt_tree *tree, const struct plan_rdt *plan,
              struct rdt_record *record, struct error *err);
/* Makes what the record says, writes the schemata. Half-done work is in 'made'. */
int rdt_make(struct arena *arena, const struct rdt_tree *tree, const struct plan_rdt *plan,
             const struct rdt_record *record, const char *id, struct rdt_made *made, struct error *err);
/* Takes back what rdt_make made. A shared class into which others have come meanwhile stays. */
void rdt_unmake(const struct rdt_tree *tree, const struct rdt_record *record, const char *id,
                const struct rdt_made *made);
/* Puts a process with one thread into the groups. A group that is gone is none: its tasks are in the root's.
 */
int rdt_enter(const struct rdt_tree *tree, const struct rdt_record *record, const char *id, pid_t pid,
              struct error *err);
/* Writes other schemata ('count' lines) to the group of a container. '*old' is what they were, for
 * rdt_put_back(); they are put back already if one is refused, which '*refused' then is the index of. */
int rdt_update(struct arena *arena, const struct rdt_tree *tree, const struct rdt_record *record,
               const char *const lines[], size_t count, const char **old, size_t *refused, struct error *err);
void rdt_put_back(const struct rdt_tree *tree, const struct rdt_record *record, const char *old);
/* Removes what the record calls the container's. What is gone already is no error. */
int rdt_remove(const struct rdt_tree *tree, const struct rdt_record *record, const char *id,
               struct error *err);

/* True if every domain of 'wanted' (a line, or several) has the same value in the text of a schemata file. */
bool rdt_schema_matches(const char *wanted, const char *schemata);
