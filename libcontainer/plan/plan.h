/* SPDX-License-Identifier: Apache-2.0
 * Every decision about one container, as a value: printed by `hull plan`, compared by golden tests, carried
 * out by the step tables. Paths inside the container are strings here and are NOT resolved: resolving them
 * now would be a hole between check and use; it happens at apply time by descriptors under RESOLVE_IN_ROOT.
 * 'origin' is the JSON pointer that asked for the entry, for error messages. Owned by one arena; the plan may
 * point into the spec. Init reads it after clone; nobody changes it. */
#pragma once
#include "cgroups/settings.h"
#include "cgroups/unit.h"
#include "libcontainer/request.h"
#include "spec/spec.h"
#include <stdbool.h>
#include <stdint.h>

struct facts;
struct error;
struct text;

enum ns_how { NS_KEEP, NS_NEW, NS_JOIN };
struct plan_namespace {
  enum ns_how how;
  const char *path; /* NS_JOIN */
  const char *origin;
};

/* CLONE_NEW* by enum namespace_type. */
extern const uint64_t namespace_clone_flags[NS_COUNT];

struct plan_id_map {
  uint32_t container, host, count;
};
struct plan_id_maps {
  VEC(struct plan_id_map) uids, gids;
  bool deny_setgroups; /* user_namespaces(7): before an unprivileged gid_map */
  /* newuidmap and newgidmap, where more than our own id is mapped and we are not root; NULL: written by us */
  const char *uid_helper, *gid_helper;
  const char *origin;
};

struct plan_time_offset {
  const char *clock; /* "monotonic" or "boottime" */
  int64_t secs;
  uint32_t nanosecs;
};

enum mount_how {
  MOUNT_NEW,         /* fsopen, fsconfig, fsmount */
  MOUNT_BIND,        /* a clone of a host tree, opened by the runtime before init exists */
  MOUNT_CGROUP,      /* cgroup2 of the new cgroup namespace */
  MOUNT_CGROUP_BIND, /* no new cgroup namespace: the container's own cgroup directory, read-only */
  MOUNT_REMOUNT,     /* "remount": change the attributes of what is mounted there; "options" are of its file
                        system */
};
#define PLAN_NOTIFY_DIR "/run/notify" /* in the container */
struct plan_mount_option {
  const char *key;
  const char *value; /* NULL: a flag (FSCONFIG_SET_FLAG) */
};
struct plan_mount {
  enum mount_how how;
  const char *destination;               /* absolute and clean, inside the root */
  const char *type;                      /* MOUNT_NEW: file system type */
  const char *source;                    /* MOUNT_BIND: absolute host path; MOUNT_NEW: source string */
  bool recursive;                        /* rbind */
  uint64_t attr_set, attr_clear;         /* MOUNT_ATTR_*, this mount */
  uint64_t attr_set_rec, attr_clear_rec; /* MOUNT_ATTR_*, the whole tree (rro, rnosuid, …) */
  uint64_t propagation; /* MS_SHARED, MS_SLAVE, MS_PRIVATE, MS_UNBINDABLE; 0: MS_SLAVE for binds,
                           MS_PRIVATE for new file systems */
  bool propagation_rec;
  bool idmap, idmap_rec;              /* ids of the file system are mapped; of the whole tree */
  const struct plan_id_maps *id_maps; /* for idmap; NULL: those of the joined user namespace */
  bool copy_up;                       /* tmpcopyup */
  bool tmp_upper;    /* tmpupper: an overlay of what is at the destination; what is written stays in memory */
  bool copy_symlink; /* bind: a source that is a symbolic link is made again, not mounted */
  bool src_nofollow, dest_nofollow; /* a symbolic link at the end of the path is what is meant */
  bool mode_from_target; /* tmpfs without mode=: keep the mode (and owner) of the directory that it covers */
  bool is_dev;           /* destination is /dev and it is ours to fill */
  bool is_proc;          /* a new procfs at /proc */
  VEC(struct plan_mount_option) options;
  const char *origin;
};

struct plan_device {
  const char *path; /* absolute, inside the root */
  char type;        /* 'c', 'b' or 'p' */
  unsigned major, minor;
  uint32_t mode, uid, gid;
  bool bind;          /* user namespace: bind the host's node of the same path instead of mknod */
  const char *origin; /* "" for the default ones */
};

struct plan_net_device {
  const char *host_name;
  const char *name; /* in the container; with %d the kernel chooses */
  const char *origin;
};

struct plan_path {
  const char *path;
  const char *origin;
};

struct plan_sysctl {
  const char *path; /* below /proc/sys, e.g. "net/ipv4/ip_forward" */
  const char *value;
  const char *origin;
};

struct plan_rlimit {
  int resource;
  uint64_t soft, hard; /* RLIM_INFINITY: unlimited */
  const char *name, *origin;
};

struct plan_capabilities {
  uint64_t bounding, effective, permitted, inheritable, ambient;
  bool set; /* false: no capabilities object; then all sets are emptied as runc does */
};

#define PLAN_CPUS                                                                                            \
  8192 /* NR_CPUS is at most that on any architecture; sched_setaffinity(2) takes longer masks */
#define PLAN_NODES 1024

/* sched_setattr(2). */
struct plan_scheduler {
  bool set;
  uint32_t policy; /* SCHED_* */
  int32_t nice;
  uint32_t priority;
  uint64_t flags;                     /* SCHED_FLAG_* */
  uint64_t runtime, deadline, period; /* ns */
};

/* set_mempolicy(2). */
struct plan_memory_policy {
  bool set;
  int mode;              /* MPOL_* with MPOL_F_* */
  const uint64_t *nodes; /* PLAN_NODES bits; NULL: none */
};

struct plan_process {
  char **argv, **envp; /* NULL-terminated; envp has LISTEN_FDS, TERM … as decided */
  bool home_missing; /* no HOME in envp: init looks uid up in the container's passwd, slot envp[home_slot] */
  size_t home_slot;  /* index in envp reserved for HOME; its value is "HOME=/" until then */
  const char *path;  /* value of PATH in envp for the lookup of argv[0], or the default path */
  const char *cwd;
  uint32_t uid, gid;
  VEC(uint32_t) gids;
  bool set_groups;  /* false only where setgroups is denied and nothing was asked, or with: */
  bool keep_groups; /* the caller's additional groups stay */
  uint32_t umask;   /* 0022 unless asked */
  struct plan_capabilities caps;
  VEC(struct plan_rlimit) rlimits;
  bool no_new_privs;
  bool set_oom_score_adj;
  int oom_score_adj;
  struct plan_scheduler scheduler;
  int io_priority; /* for ioprio_set(2); 0: leave */
  /* PLAN_CPUS bits; NULL: initial as the caller's, final all that the cgroup allows. Used by exec only. */
  const uint64_t *initial_cpus, *final_cpus;
  const char *apparmor_profile, *selinux_label; /* NULL: none asked */
  bool terminal;
  unsigned short rows, columns; /* 0: leave */
  unsigned keep_fds;            /* number of descriptors from 3 on that the workload gets */
};

enum seccomp_when { SECCOMP_NONE, SECCOMP_EARLY /* no no_new_privs: needs CAP_SYS_ADMIN */, SECCOMP_LATE };

struct plan_cgroup {
  enum cgroup_manager_choice manager;
  const char *path;                  /* from the cgroup2 mount, absolute; NULL: no cgroup */
  const char *unit;                  /* MANAGER_SYSTEMD: the unit whose cgroup it is */
  const char *subgroup;              /* MANAGER_SYSTEMD: a cgroup in 'path' for the processes; NULL: none */
  bool user_manager;                 /* of the user's systemd, not of the system's */
  struct unit_properties properties; /* to make the unit with */
  bool rootless;                     /* who may not make it is told what would work without */
  bool required; /* false: rootless, no limits, no path; go on without a cgroup when it can't be made */
  bool delegate; /* chown to the container's root: new cgroup namespace and a rw cgroup mount */
  struct settings settings;
  VEC(struct device_rule) device_rules; /* as written; normal form is made by cgroups/devices */
  bool limit_devices;
};

struct plan_rdt_line {
  const char *value; /* for the group's schemata */
  bool compare;      /* with what a class of service that is there has: another is an error */
  const char *origin;
};
/* resctrl. */
struct plan_rdt {
  bool set;
  const char *group; /* name of the control group, ".": the root */
  bool own;          /* goes with the container, if it was made */
  bool must_exist;
  bool monitoring; /* a monitoring group named by the container in it */
  VEC(struct plan_rdt_line) lines;
};

struct plan {
  const char *id, *bundle, *rootfs; /* rootfs: absolute host path */
  const char *oci_version;
  bool verify; /* what the kernel shows is compared with this plan before the process runs */
  bool exec;   /* a process for an existing container: only 'process', 'seccomp_when' count */

  struct plan_namespace namespaces[NS_COUNT]; /* by enum namespace_type, which is also the order of joining */
  uint64_t clone_flags; /* CLONE_NEW* that the first clone3 makes (never NEWCGROUP, see plan/namespaces.c) */
  /* CLONE_NEW* that init makes itself, after joining: with a joined user namespace, or a new one (then
   * NEWUSER is among them, to be made and mapped first) beside other joined ones. */
  uint64_t unshare_flags;
  bool new_cgroup_ns;   /* init unshares it, once it is inside its cgroup */
  bool fork_again;      /* init forks once more: the new pid namespace was made by unshare */
  bool pinned_mount_ns; /* start from the almost empty mount namespace instead of a copy of the host's */
  struct plan_id_maps id_maps; /* of the new user namespace; empty otherwise */
  bool automatic_user_ns;      /* not in the config: who is not root can't do without */
  bool acquire_by_init; /* the runtime has no CAP_SYS_ADMIN, so may not clone mounts, nor join namespaces:
                           init does, in the user namespace, while it still sees the host's mounts */
  VEC(struct plan_time_offset) time_offsets;

  bool root_readonly;
  uint64_t root_propagation; /* of the host's copy before mounting: MS_SLAVE unless rootfsPropagation says */
  uint64_t root_propagation_last; /* of / after pivot_root, 0: none asked */
  bool no_pivot;
  VEC(struct plan_mount) mounts;
  bool notify;   /* the last mount is the directory of NOTIFY_SOCKET, which is in envp */
  bool fill_dev; /* default nodes, links and ptmx in /dev */
  VEC(struct plan_device) devices;
  VEC(struct plan_path) masked, readonly;

  const char *mount_label; /* SELinux; is an option of the new mounts already. NULL: none */
  const char *hostname, *domainname;
  VEC(struct plan_sysctl) sysctls;
  bool loopback;         /* new network namespace: set lo up */
  bool loopback_by_init; /* in a user namespace, ours or the container's: who has left our network namespace
                            may not come back */
  VEC(struct plan_net_device) net_devices;
  bool new_keyring;
  struct plan_memory_policy memory_policy;
  bool set_personality;
  uint32_t personality; /* personality(2) */

  struct plan_process process;
  enum seccomp_when seccomp_when;
  const struct seccomp *seccomp; /* NULL: none */
  struct plan_cgroup cgroup;
  struct plan_rdt rdt;
  const struct hooks *hooks;     /* never NULL */
  const string_map *annotations; /* never NULL */
  struct strings warnings;       /* "POINTER: text": works, but not as it may be expected */
};

/* Decides everything about a new container. Pure. 'err' holds all problems found, each with its pointer. */
int plan_container(struct arena *arena, const struct spec *spec, const struct request *request,
                   const struct facts *facts, struct plan *plan, struct error *err);
/* Adds to 'problems' (its arena set) what is wrong with a decoded config wherever it is run: what the
 * planners say for a host that can do everything, and each of the limits. Warnings, too. Nothing is said of a
 * value that has a problem already, nor of a document that was not read to its end. Pure. */
void plan_check(const struct spec *spec, enum cgroup_manager_choice manager, struct problems *problems);
/* Decides about one more process in a running container; 'spec' is the container's own config. */
int plan_process(struct arena *arena, const struct spec *spec, const struct process *process,
                 const struct request *request, const struct facts *facts, struct plan *plan,
                 struct error *err);
/* The plan as indented JSON, ending in a newline. */
void plan_to_json(const struct plan *plan, struct text *out);
