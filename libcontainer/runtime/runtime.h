/* SPDX-License-Identifier: Apache-2.0
 * What every operation on the host shares: where state is, and which manager is asked for. */
#pragma once
#include "libcontainer/base/arena.h"
#include "libcontainer/base/error.h"
#include "libcontainer/request.h"
#include <stdbool.h>
#include <stdint.h>

/* The public 'struct hull'. */
/* The process of notify_wait_beside() and the container that it waits for: pidfds, -1: none. */
struct notifier {
  int process, container;
};

struct hull {
  struct arena arena;      /* released by hull_close */
  const char *root;        /* absolute, clean; NULL: not given, and a user other than root has no default */
  const char *runtime_dir; /* of the user, where 'root' is; NULL: it is elsewhere */
  bool default_root;       /* not named by the caller: may be missing */
  int root_fd;             /* O_PATH|O_DIRECTORY of 'root'; -1 until needed, see state_root() */
  uint64_t root_device, root_inode; /* with root_fd */
  enum cgroup_manager_choice manager;
  enum rootless_choice rootless;
  const char *notify_socket; /* NOTIFY_SOCKET of the service manager; NULL: none */
  struct notifier notifier;  /* of the last container that was run */
};

struct hull_process;
struct hull_create_options;
struct hull_exec_options;
struct text;

/* create.c: with 'start', run. */
int container_create(struct hull *hull, const char *id, const struct hull_create_options *options, bool start,
                     struct hull_process *process, struct error *err);
/* exec.c */
int container_exec(struct hull *hull, const char *id, const struct hull_exec_options *options,
                   struct hull_process *process, struct error *err);
/* start.c: writes the start byte, waits for execve or the error that init reports, runs poststart hooks (if
 * one fails the container is stopped and it is an error). */
int container_start(struct hull *hull, const char *id, struct error *err);
/* kill.c, delete.c, pause.c */
int container_kill(struct hull *hull, const char *id, int signal, bool all, struct error *err);
int container_delete(struct hull *hull, const char *id, bool force, struct error *err);
int container_pause(struct hull *hull, const char *id, struct error *err);
int container_resume(struct hull *hull, const char *id, struct error *err);
/* update.c: see hull_update(). */
struct hull_update_options;
int container_update(struct hull *hull, const char *id, const struct hull_update_options *options,
                     struct error *err);
/* mounts.c: see hull_mounts_add(). */
int container_mounts(struct hull *hull, const char *id, bool addition, const char *mounts, size_t length,
                     const char *document, struct error *err);
/* list.c: the state document of one container. */
int container_state_json(struct hull *hull, const char *id, struct text *out, struct error *err);
