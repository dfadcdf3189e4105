/* SPDX-License-Identifier: Apache-2.0
 * Cgroups of the unified hierarchy (cgroup v2): find, check, create, limit, enter, freeze, kill, destroy.
 * Paths are clean, absolute, and counted from the cgroup2 mount. Nothing that we did not make is ever killed
 * or removed. With CGROUP_DISABLED the calls that take a record succeed and do nothing. */
#pragma once
#include "cgroups/settings.h"
#include "libcontainer/base/arena.h"
#include "libcontainer/base/error.h"
#include "libcontainer/base/names.h"
#include "libcontainer/base/vec.h"
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct device_form;
struct unit_properties;

/* The same order as enum cgroup_manager_choice in request.h. */
enum cgroup_manager { CGROUP_FS, CGROUP_SYSTEMD, CGROUP_DISABLED };

/* Where the unified hierarchy is. */
struct cgroup_layout {
  int mount_fd;            /* O_PATH of the mount's root, -1: none */
  const char *mount_point; /* static string */
  bool hybrid;             /* controllers may be held by cgroup v1 */
};
/* clang-format off */
#define CGROUP_LAYOUT_INIT { .mount_fd = -1 }
/* clang-format on */
/* statfs(2): /sys/fs/cgroup, else /sys/fs/cgroup/unified; a host with cgroup v1 only is an error. */
int cgroup_find(struct cgroup_layout *layout, struct error *err);
void cgroup_layout_close(struct cgroup_layout *layout);

/* Pure: where cgroupsPath leads. Absolute: from the mount. Relative: beside the cgroup 'own', as with runc
 * (no controllers can be enabled below a cgroup that holds processes, such as ours): in the slice of a login
 * session or service, in the service itself if we are in a subgroup of it, in the root if we are there. NULL:
 * as if it were 'id'. NULL on error. */
const char *cgroup_path(struct arena *arena, const char *cgroups_path, const char *id, const char *own,
                        struct error *err);
/* Pure: true if cgroup_path needs 'own' for this cgroupsPath. */
bool cgroup_path_needs_own(const char *cgroups_path);
/* Pure: the path in the "0::" line of a /proc/PID/cgroup text; NULL if there is none. */
const char *cgroup_path_of_text(struct arena *arena, const char *text);
/* The cgroup of a process (0: ourselves). NULL on error. */
const char *cgroup_path_of(struct arena *arena, pid_t pid, struct error *err);

#define CGROUP_PATH_BYTES 4096
#define CGROUP_NONCE_BYTES 17 /* 16 hexadecimal digits and NUL */

/* What the state directory remembers of a container's cgroup. Filled by cgroup_check and written down (the
 * intent record) before cgroup_create; 'inode' and 'made' are known afterwards. */
struct cgroup_record {
  enum cgroup_manager manager;
  const char *path;
  char nonce[CGROUP_NONCE_BYTES]; /* marks what this create makes: tells its owner after a crash */
  unsigned existing;              /* leading components of 'path' that were there before */
  bool made;                      /* the leaf was not there before: it is ours, with all that is below it */
  uint64_t inode;                 /* of the leaf; unique per boot; 0: not known */
  /* Of the state root that knows the container, for the mark; not written down. */
  uint64_t root_device, root_inode;
  /* CGROUP_SYSTEMD; whoever calls cgroup_create sets them after cgroup_check. */
  const char *unit;                         /* its name, "hull-web.scope" */
  const char *subgroup;                     /* below 'path': where the processes are; NULL: right in it */
  bool user_manager;                        /* it is the user's systemd that has it, not the system's */
  const struct unit_properties *properties; /* to create it with; not written down */
};

/* False: hull was built without libsystemd. */
extern const bool cgroup_systemd_built;

/* An open cgroup. */
struct cgroup {
  int fd;           /* O_RDONLY | O_DIRECTORY, good for CLONE_INTO_CGROUP; -1: none */
  const char *path; /* for messages; owned by whoever gave it */
  uint64_t inode;
  bool made;
  /* A new scope only: a process that keeps it populated; see cgroup_settle. */
  pid_t keeper_pid;         /* 0: none; the members below count only with it */
  int keeper;               /* the process goes when this socket is closed */
  uint64_t keeper_pids_max; /* pids.max to put back, which would leave no room beside it; 0: nothing */
};
/* clang-format off */
#define CGROUP_INIT { .fd = -1 }
/* clang-format on */
void cgroup_close(struct cgroup *cgroup);

/* Looks at 'path' (kept in the record, not copied) before anything is made: it must be absent, or empty and
 * not frozen and no other container's. Fills 'record' with a fresh nonce. */
int cgroup_check(const struct cgroup_layout *layout, enum cgroup_manager manager, const char *path,
                 struct cgroup_record *record, struct error *err);
/* Makes what is missing of the path, marks it, and opens the leaf. Completes 'record'. errnum EACCES, EPERM
 * or EROFS: no permission (rootless callers may go on without). On failure call cgroup_destroy with the
 * record. */
int cgroup_create(const struct cgroup_layout *layout, struct cgroup_record *record, const char *id,
                  struct cgroup *cgroup, struct error *err);
/* Opens the recorded cgroup; another inode is an error. errnum ENOENT: it is gone. */
int cgroup_open(const struct cgroup_layout *layout, const struct cgroup_record *record, struct cgroup *cgroup,
                struct error *err);
/* The same with a layout of its own, for a caller that needs it for nothing else. */
int cgroup_find_and_open(const struct cgroup_record *record, struct cgroup *cgroup, struct error *err);
/* Opens any cgroup by its path: 'made' is false. */
int cgroup_open_path(const struct cgroup_layout *layout, const char *path, struct cgroup *cgroup,
                     struct error *err);
/* Opens the cgroup 'sub' below 'cgroup' (exec --cgroup); "" and "/" are the cgroup itself. */
int cgroup_open_sub(const struct cgroup *cgroup, const char *sub, struct cgroup *out, struct error *err);

/* Enables controllers for the recorded cgroup: "+NAME" in cgroup.subtree_control of every ancestor. No-op if
 * there are none. */
int cgroup_enable(const struct cgroup_layout *layout, const struct cgroup_record *record,
                  const struct settings *settings, struct error *err);
/* Every controller that it has, for the cgroups below it, which hold the processes. */
int cgroup_enable_below(const struct cgroup *cgroup, struct error *err);
/* Writes every setting. */
int cgroup_apply(const struct cgroup *cgroup, const struct settings *settings, struct error *err);
/* Called once with what undoes an update ('value' NULL: nothing does), before anything is changed; -1 gives
 * it up. */
struct cgroup_keeping {
  int (*keep)(void *data, const struct settings *before, struct error *err);
  void *data;
};
/* Changes what a running container's cgroup has: enables what controllers it takes, then writes. All or
 * nothing: a value that the kernel (or systemd, which is told first under its driver) refuses puts the old
 * ones back, in reverse order, and the error says which was refused and that the old ones hold. */
int cgroup_update(const struct cgroup_layout *layout, const struct cgroup_record *record,
                  const struct cgroup *cgroup, const struct settings *settings,
                  const struct cgroup_keeping *keeping, struct error *err);
/* Puts back what cgroup_update gave to its 'keeping', for one that was killed. */
int cgroup_put_back(const struct cgroup_record *record, const struct cgroup *cgroup,
                    const struct settings *before, struct error *err);
/* Once init is in the cgroup: lets go what kept a new scope of systemd populated, and writes "pids.max",
 * which cgroup_apply_before leaves out. No-op for other cgroups. */
int cgroup_settle(struct cgroup *cgroup, const struct settings *settings, struct error *err);
/* Compares what the files show with the settings. What can only be written, or is not there and need not be,
 * is not looked at. */
int cgroup_read_back(const struct cgroup *cgroup, const struct settings *settings, struct error *err);
/* cgroup_apply of what may be in force beside the process that keeps the scope populated. */
int cgroup_apply_before(struct arena *arena, const struct cgroup *cgroup, const struct settings *settings,
                        struct error *err);
/* Loads and attaches the device program. errnum EPERM: no CAP_BPF or CAP_SYS_ADMIN here (rootless callers go
 * on). */
int cgroup_limit_devices(const struct cgroup *cgroup, const struct device_form *form, struct error *err);
/* Gives the directory and the files of cgroups(7) delegation to 'uid'. */
int cgroup_delegate(const struct cgroup *cgroup, uid_t uid, struct error *err);
/* Moves a process (a fallback: starting it with CLONE_INTO_CGROUP is cheaper). */
int cgroup_enter(const struct cgroup *cgroup, pid_t pid, struct error *err);

/* True if cgroup_attach may help with this errno of clone3: we have no right to put a process into the
 * recorded cgroup, and systemd has. */
bool cgroup_may_attach(const struct cgroup_record *record, int errnum);
/* Has systemd move a process there. */
int cgroup_attach(const struct cgroup_record *record, pid_t pid, struct error *err);

/* SIGKILL for every process in the cgroup and below, also frozen ones; only if we made it. Does not wait. */
int cgroup_kill(const struct cgroup *cgroup, struct error *err);
/* Kills what is left in a cgroup that we made, removes it with those that the workload made below it, and
 * then the parents that we made and that are empty. A cgroup that was there before is left (without our
 * device program). Works from a record that cgroup_check made, even if cgroup_create never finished. Not
 * there any more: success. */
int cgroup_destroy(const struct cgroup_layout *layout, const struct cgroup_record *record, struct error *err);

/* A cgroup that bears a mark of ours. */
struct marked_cgroup {
  const char *path;
  uint64_t inode;
  bool populated;
  bool parent; /* made to hold containers' cgroups; the rest is of a container's own cgroup only */
  bool made;   /* by create; else it was there before */
  const char *nonce, *id;
  uint64_t root_device, root_inode;
};
typedef VEC(struct marked_cgroup) marked_cgroups;
/* All of them, but for those inside a container's cgroup, which are its own business, and for parents that
 * hold something or did so a minute ago. Marks of other versions, which do not tell the state root, are left
 * out. Reads the whole hierarchy. */
int cgroup_list_marked(struct arena *arena, const struct cgroup_layout *layout, marked_cgroups *list,
                       struct error *err);
/* False if it is gone, or another one has its name, or a parent that holds something again. Sets
 * 'populated'. */
bool cgroup_look_again(const struct cgroup_layout *layout, struct marked_cgroup *cgroup);
/* Removes it if there is no process in it or below, and then parents that held nothing else; one that was
 * there before loses only its mark and our device program. */
int cgroup_remove_left(const struct cgroup_layout *layout, const struct marked_cgroup *cgroup,
                       struct error *err);

/* cgroup.freeze, and wait until all are frozen (2 s; then they are thawed again and it is an error). */
int cgroup_freeze(const struct cgroup *cgroup, struct error *err);
/* An error if it stays frozen, because a cgroup above is. */
int cgroup_thaw(const struct cgroup *cgroup, struct error *err);
/* True if it is to be frozen, or is, because a cgroup above is: nothing that is started in it would run. */
bool cgroup_is_frozen(const struct cgroup *cgroup);

struct cgroup_events {
  bool populated, frozen;
};
/* cgroup.events (of the whole subtree). */
int cgroup_read_events(const struct cgroup *cgroup, struct cgroup_events *events, struct error *err);

typedef VEC(pid_t) cgroup_pid_list;
/* Process ids in the cgroup, with those of its children if 'recursive', sorted. */
int cgroup_pids(struct arena *arena, const struct cgroup *cgroup, bool recursive, cgroup_pid_list *pids,
                struct error *err);

#define CGROUP_NO_LIMIT UINT64_MAX /* "max" */

/* PRESSURE files (Documentation/accounting/psi.rst): shares of time in percent, 'total' in microseconds. */
struct cgroup_psi_line {
  double avg10, avg60, avg300;
  uint64_t total;
};
struct cgroup_psi {
  bool present;
  struct cgroup_psi_line some, full;
};
struct cgroup_io {
  uint32_t major, minor;
  uint64_t read_bytes, write_bytes, discard_bytes, reads, writes, discards;
};
struct cgroup_count {
  const char *key;
  uint64_t value;
};
struct cgroup_hugetlb {
  const char *size; /* as the kernel writes it: "2MB" */
  uint64_t usage, max, failures;
};

/* Numbers of the controllers; a group whose 'has_' is false, or whose list is empty, is not given here: the
 * controller is not enabled for this cgroup. Bytes, and nanoseconds where the name says so. */
struct cgroup_stats {
  bool has_cpu; /* cpu.stat, also without the controller; the three of throttling only with it */
  uint64_t cpu_total_ns, cpu_user_ns, cpu_system_ns;
  uint64_t periods, throttled_periods, throttled_ns;
  struct cgroup_psi cpu_psi;

  bool has_memory;
  uint64_t memory, memory_peak, memory_limit; /* peak: 0 before Linux 5.19 */
  bool has_swap;
  uint64_t swap, swap_peak, swap_limit;
  VEC(struct cgroup_count) memory_counts; /* memory.stat, every line */
  struct cgroup_psi memory_psi;

  bool has_oom;
  uint64_t low, high, max, oom, oom_kill; /* memory.events: see cgroup-v2.rst */

  bool has_pids;
  uint64_t pids, pids_limit, pids_refused; /* refused: pids.events max */

  VEC(struct cgroup_io) io; /* io.stat, one per device */
  struct cgroup_psi io_psi;

  VEC(struct cgroup_hugetlb) hugetlb;
  VEC(struct cgroup_count) rdma_current, rdma_limit; /* keys "DEVICE hca_handle", "DEVICE hca_object" */
  VEC(struct cgroup_count) misc_current, misc_limit; /* keys are resources */

  bool has_cpuset; /* as the kernel writes lists: "0-3,5"; the effective ones */
  const char *cpus, *mems;
};
/* Lists and strings are in arena memory. */
int cgroup_read_stats(struct arena *arena, const struct cgroup *cgroup, struct cgroup_stats *stats,
                      struct error *err);
/* Only memory.events: for who asks after a death, without memory of its own. */
int cgroup_read_oom(const struct cgroup *cgroup, uint64_t *oom, uint64_t *oom_kill, struct error *err);

/* Why a container of manager CGROUP_DISABLED has none; for messages. */
const char *cgroup_absence(const struct cgroup_record *record);

/* Table of --cgroup-manager names. */
extern const struct name cgroup_manager_names[];
