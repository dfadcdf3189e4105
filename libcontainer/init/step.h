/* SPDX-License-Identifier: Apache-2.0
 * A row of init's order tables, and what every step gets. Everything here lives in memory that was made
 * before clone(2); steps allocate nothing. */
#pragma once
#include "libcontainer/base/error.h"
#include "libcontainer/plan/plan.h"
#include "libcontainer/rootfs/rootfs.h"
#include "seccomp/seccomp.h"
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Where the pid goes in hook states, which are written before it is known: JSON allows blanks before a
 * number. */
#define HOOK_PID_SLOT "         0"

/* The process that stays pid 1 of a sandbox, in memory that it shares with the runtime. */
struct first_process {
  volatile int started, ended; /* the command was executed; it has ended */
  volatile int status;         /* as wait(2) gives it, once ended */
};

struct init_context {
  const struct plan *plan;
  const struct seccomp_program *filter; /* NULL: none */
  /* Descriptors opened by the runtime; -1 if not needed. */
  int sync;                    /* socket to the runtime */
  int namespace_fds[NS_COUNT]; /* namespaces to join */
  int target_pidfd; /* exec: the container's init; setns(2) joins all of 'target_namespaces' at once */
  uint64_t target_namespaces;    /* exec: CLONE_NEW* to join */
  int pinned_mount_ns;           /* the almost empty mount namespace */
  int start_fifo, reply_fifo;    /* create: `start` writes a byte to the first; we answer on the second */
  int console_receiver;          /* AF_UNIX socket that wants the pty master */
  int host_proc;                 /* O_PATH of the host's procfs, for labels; borrowed from the runtime */
  int time_proc;                 /* the same, for a time namespace that init makes itself */
  int seccomp_agent;             /* AF_UNIX socket that wants the listener of SCMP_ACT_NOTIFY */
  char *seccomp_agent_message;   /* JSON, with HOOK_PID_SLOT */
  const uint64_t *seccomp_token; /* NULL, or the agent is our own and this lets the listener out to it */
  int hook_outputs[2];           /* files for stdout and stderr of the hooks that we run */
  const int *keep_fds;           /* all of the above, those of 'rootfs', and the workload's; sorted */
  size_t keep_count;
  struct rootfs *rootfs;  /* root tree, bind sources, null device: see rootfs.h; NULL for exec */
  char *hook_state;       /* JSON for createContainer hooks, with HOOK_PID_SLOT */
  char *hook_state_start; /* the same for startContainer hooks */
  uint64_t nofile_soft;   /* to put back: the runtime raised its own for very many binds; 0: it did not */
  bool raw_newlines;      /* console: no carriage returns added (ONLCR off) */
  bool trace;             /* send spans */
  struct first_process *first; /* a sandbox; NULL: the command itself is pid 1 */
  /* Found on the way. */
  bool start_now;
  bool groups_kept;       /* setgroups(2) is denied in the user namespace, and no groups were asked for */
  bool directory_pending; /* root could not enter the working directory; the user may */
  pid_t host_pid;         /* our pid as the host sees it; learnt from the runtime */
  bool runtime_gone;      /* after PROCEED failures go to `start`, through reply_fifo */
  const char *executable; /* path for execve(2); points into argv or executable_buffer */
  char executable_buffer[4096];
  char diagnosis[256]; /* why execve(2) will fail, if it does: learnt before the filter is in force */
  char home[512];      /* "HOME=…" */
};

struct init_step {
  const char *name;
  bool (*needed)(const struct init_context *init); /* NULL: always */
  int (*apply)(struct init_context *init, struct error *err);
  const char *why; /* why here: shown by `hull steps` */
};
extern const struct init_step create_init_steps[]; /* ends with name NULL */
extern const struct init_step exec_init_steps[];

/* scheduling.c: sched_setattr(2); pid 0: ourselves. The runtime calls it for a process that has forked. */
int apply_scheduler(pid_t pid, const struct plan_scheduler *scheduler, struct error *err);

/* join.c: timens_offsets of ourselves. 'proc': O_PATH of a procfs that shows us. The runtime calls it too. */
int write_time_offsets(const struct plan *plan, int proc, struct error *err);

/* Runs a table to the end; the last row is execve, so this returns only on failure. Then the failure has been
 * sent to the runtime (or to `start`) and the caller must _exit. */
void init_run(struct init_context *init, const struct init_step *steps);
