/* SPDX-License-Identifier: Apache-2.0
 * What the steps of create, run and exec share. */
#pragma once
#include "cgroups/cgroup.h"
#include "libcontainer/container.h"
#include "libcontainer/facts.h"
#include "libcontainer/init/step.h"
#include "libcontainer/plan/plan.h"
#include "libcontainer/rootfs/rootfs.h"
#include "libcontainer/runtime/notify.h"
#include "libcontainer/runtime/rdt.h"
#include "libcontainer/runtime/state.h"
#include "libcontainer/sync/sync.h"
#include "seccomp/seccomp.h"

/* Where the outcome is to be told. */
struct outcome_wishes {
  const char *console_socket;
  int console_fd;               /* -1: none; borrowed */
  unsigned short rows, columns; /* of the terminal, 0: what the config says */
  const char *pid_file, *pidfd_socket;
};

/* What the cgroup had counted before the process was in it. */
struct counted {
  uint64_t oom_kills, pids_refused;
  bool above;               /* with systemd only: */
  uint64_t oom_kills_above; /* of the cgroup above, all below it included */
};

struct launch {
  struct hull *hull;
  struct arena *arena;
  const char *id;
  bool start; /* run and exec: go on at once; create: wait for `start` */
  bool exec;
  bool transient; /* a sandbox: no state directory */
  struct outcome_wishes wishes;
  /* Decided before the first step. */
  char *config; /* bytes of config.json */
  size_t config_length;
  struct spec spec;
  struct request request;
  struct facts facts;
  struct plan plan;
  /* Made by the steps. */
  struct state_dir dir;
  struct container_state state;
  struct cgroup_layout layout;
  struct cgroup cgroup;
  struct cgroup place; /* below 'cgroup', for the processes; fd -1: they go right into it */
  bool existed; /* its hooks have begun, or it was there for others: a failure is its end, with poststop hooks
                 */
  bool cgroup_begun;        /* cgroup_create was called: something may have to be destroyed */
  struct counted before;    /* of 'cgroup' */
  struct counted container; /* of the container's, which is another with exec --cgroup */
  struct error oom_failure; /* set if the OOM killer took a process while we made ours */
  struct rootfs rootfs;
  struct seccomp_program filter;
  struct hull_seccomp_report **seccomp_report; /* NULL: not asked for; see seccomp_report.h */
  int own_pid_ns, own_time_ns;                 /* to come back to after the clone; -1: we have not left */
  int joined_pid_ns;                           /* that init is to be born in; -1: none */
  int sync_runtime;
  struct init_context init;
  struct sync_server server;
  pid_t pid; /* init or the exec'd process; 0: none yet */
  int pidfd;
  bool pid_file_written;
  struct notify notify; /* run only */
  bool proceeded;       /* init was told to: from here on the container is there for others */
  struct rdt_tree rdt;
  struct rdt_made rdt_made;
  struct net_devices *net_devices; /* net_devices.c; NULL: none */
};

void launch_init(struct launch *launch, struct hull *hull, const char *id);
/* What a launch asks for, as rows of create and exec want to know it. */
bool has_seccomp(const void *launch);
bool has_terminal(const void *launch);
bool wants_pid_file(const void *launch);
bool wants_pidfd(const void *launch);
/* Closes everything that only this call needed. */
void launch_release(struct launch *launch);

/* acquire.c: opens what the plan names, before a process exists. */
int acquire_rootfs(void *context, struct error *err);
/* Once it is known whether the container has a cgroup of its own. */
int locate_cgroup(struct launch *launch, struct error *err);
int acquire_namespaces(void *context, struct error *err);
int acquire_pinned_namespace(void *context, struct error *err);
int acquire_console(void *context, struct error *err);
int acquire_fifos(void *context, struct error *err);
int obtain_filter(void *context, struct error *err);
/* labels.c */
bool has_labels(const void *context);
int prepare_labels(void *context, struct error *err);
/* listener.c */
int connect_seccomp_agent(void *context, struct error *err);
void release_acquired(void *context);
/* spawn.c */
int spawn(void *context, struct error *err);
/* What spawn does where clone3 into the cgroup is refused ('attach'), or where a pid namespace is to be
 * joined that we could not come back from: see spawn_between.c. */
struct clone_args;
int spawn_between(struct launch *l, const struct clone_args *wanted, bool attach, struct error *err);
void kill_spawned(void *context);
int set_oom_score(void *context, struct error *err);
/* loopback.c: sets 'lo' up in init's network namespace without being in it for longer than a socket(2). */
int loopback_from_outside(void *context, struct error *err);
/* net_devices.c: what is asked for is there and may move; then, once init has its namespaces, the move; and
 * back, as long as the container is nobody's but ours. */
bool has_net_devices(const void *launch);
int examine_net_devices(void *context, struct error *err);
int move_net_devices(struct launch *launch, struct error *err);
void take_back_net_devices(void *context);
/* Adds to 'err' what could not be taken back. */
void tell_lost_net_device(const struct launch *launch, struct error *err);
void release_net_devices(struct launch *launch);
/* rdt_steps.c */
bool has_rdt(const void *launch);
int check_rdt(void *context, struct error *err);
int make_rdt_groups(void *context, struct error *err);
void unmake_rdt_groups(void *context);
/* By the record: of exec's container too. */
bool in_rdt_groups(const void *launch);
int enter_rdt_groups(void *context, struct error *err);
/* serve.c: answers init until it is ready. */
int serve(void *context, struct error *err);
/* Waits for execve(2) to happen: end of stream with a living process. */
int await_exec(void *context, struct error *err);
/* If init itself failed, or was killed for want of memory, that is the cause: puts it in the place of 'err',
 * which is of a step of ours that needed it alive. */
void explain_failure(struct launch *launch, struct error *err);
/* id_maps.c: setgroups, uid_map and gid_map of 'pid', once, before it goes on. Errors: EPERM (range not
 * delegated), ESRCH. */
int id_maps_write(const struct plan_id_maps *maps, pid_t pid, struct error *err);
/* What '*uid' of the container is out here, by the planned maps, or by those of the namespace that is joined
 * ('userns', -1: none). 1: done; 0: it is not mapped. */
int id_maps_host_uid(const struct plan_id_maps *maps, int userns, uint32_t *uid, struct error *err);
/* idmap.c */
int idmap_mounts(void *context, struct error *err);
/* outcome.c */
int write_pid_file(void *context, struct error *err);
void remove_pid_file(void *context);
int send_pidfd(void *context, struct error *err);
void count_before(const struct launch *launch, const struct cgroup *cgroup, struct counted *counted);
/* Asks whether the OOM killer was there, while the cgroup still is; and later makes that the error. */
void note_oom(struct launch *launch);
void explain_by_oom(struct launch *launch, struct error *err);
