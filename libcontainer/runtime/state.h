/* SPDX-License-Identifier: Apache-2.0
 * The state directory ROOT/ID, which is all that one call of hull leaves for the next:
 *   intent.json   written before the first side effect: enough to undo a create that was killed half-way
 *   state.json    written while init sets up, under the name state.json.new; the rename is the commit
 *   config.json   the bundle's config as it was at create (runtime-spec: later changes have no effect)
 *   seccomp.bpf   the compiled filter, for exec
 *   notify/       bound into the container, with its end of sd_notify(3), if there is a NOTIFY_SOCKET
 *   start.fifo, reply.fifo   there until `start` has succeeded; init waits on them
 * Names that start with '.' in ROOT are caches (.cache, .pins) and no containers. */
#pragma once
#include "cgroups/cgroup.h"
#include "libcontainer/runtime/runtime.h"
#include "spec/spec.h"
#include <stdint.h>
#include <sys/types.h>

#define STATE_INTENT "intent.json"
#define STATE_FILE "state.json"
#define STATE_NEW "state.json.new"
#define STATE_CONFIG "config.json"
#define STATE_FILTER "seccomp.bpf"
#define STATE_UPDATE "update.json" /* only while an update lasts */
#define STATE_START_FIFO "start.fifo"
#define STATE_REPLY_FIFO "reply.fifo"
#define STATE_NOTIFY "notify"
#define NOTIFY_SOCKET_NAME "notify.sock"

/* Groups in resctrl. */
struct rdt_record {
  const char *group; /* of the container; NULL: none */
  bool made;         /* by create, for this container alone: delete removes it */
  bool monitoring;   /* as is the group named by the container's id in it */
  bool existed;      /* known to create only; not stored */
};

struct container_state {
  const char *oci_version, *id, *bundle, *rootfs;
  const char *created; /* RFC 3339, nanoseconds, UTC */
  pid_t pid;           /* init on the host; 0 in an intent */
  uint64_t start_time; /* of init, clock ticks since boot (proc_stat) */
  struct cgroup_record cgroup;
  struct rdt_record rdt;
  uint64_t namespaces; /* CLONE_NEW* that exec must join */
  bool user_namespace; /* the container has one that is not ours: exec becomes its root */
  bool has_poststart, has_poststop;
  uint32_t owner; /* uid of the creator */
  string_map annotations;
  bool committed; /* read from state.json, not from an intent; not stored */
};

/* A locked or unlocked, open state directory. */
struct state_dir {
  int fd; /* O_RDONLY | O_DIRECTORY; -1: none */
};
/* clang-format off */
#define STATE_DIR_INIT { .fd = -1 }
/* clang-format on */
void state_dir_close(struct state_dir *dir);

/* Descriptor of ROOT, opened once ('make': made with mode 0700 if missing, parents too). errnum ENOENT if
 * missing. */
int state_root(struct hull *hull, bool make, struct error *err);
/* Makes ROOT/ID (0700) and locks it (flock); exactly one of several callers wins, the others get "container
 * with given ID already exists". The id was validated. */
int state_claim(struct hull *hull, const char *id, struct state_dir *dir, struct error *err);
/* Validates the id, opens ROOT/ID, reads state.json or else intent.json into arena memory. Unknown id:
 * ERROR_STATE, "container 'ID': container does not exist", errnum 0. A directory with neither file (killed in
 * between): committed false and id set, no cgroup. An uncommitted record comes from state.json.new if that is
 * whole (it has init's pid). */
int state_load(struct hull *hull, const char *id, struct arena *arena, struct state_dir *dir,
               struct container_state *state, struct error *err);
/* True if ROOT/ID is there. 'id' was checked. */
bool state_exists(struct hull *hull, const char *id);
/* state_load, but the record is read under the lock. If a record was found that can't be read, the result is
 * -1 and yet 'dir' is open and locked, and 'state' has what is known (delete --force goes on with that). */
int state_load_locked(struct hull *hull, const char *id, struct arena *arena, struct state_dir *dir,
                      struct container_state *state, struct error *err);
/* Takes the lock; waits up to 10 s for another hull at work on this container. */
int state_lock(const struct state_dir *dir, const char *id, struct error *err);
/* True if nobody holds the lock (and takes it then). */
bool state_try_lock(const struct state_dir *dir);
/* Writes the record under 'name' (STATE_INTENT, STATE_NEW); small: one open, one write. */
int state_write(const struct state_dir *dir, const char *name, const struct container_state *state,
                struct error *err);
int state_commit(const struct state_dir *dir, struct error *err);
/* Removes every file of ours in ROOT/ID and the directory. Files that are not ours make it fail, named. */
int state_remove(struct hull *hull, const char *id, struct error *err);
/* Ids in ROOT, sorted; names starting with '.' are left out. */
int state_ids(struct hull *hull, struct arena *arena, struct strings *ids, struct error *err);
/* Now, as RFC 3339 with nanoseconds. */
const char *state_now(struct arena *arena);
