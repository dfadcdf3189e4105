/* SPDX-License-Identifier: Apache-2.0
 * A row of init's order tables, and what every step gets. Everything here lives in memory that was made before
 * clone(2); steps allocate nothing. */
#pragma once
#include "libcontainer/base/error.h"
#include "libcontainer/plan/plan.h"
#include "libcontainer/rootfs/rootfs.h"
#include "seccomp/seccomp.h"
#include <stdbool.h>
#include <stddef.h>

struct init_context {
  const struct plan *plan;
  const struct seccomp_program *filter; /* NULL: none */
  /* Descriptors opened by the runtime; -1 if not needed. */
  int sync;                    /* socket to the runtime */
  int namespace_fds[NS_COUNT]; /* namespaces to join; for exec: see target_pidfd */
  int target_pidfd;            /* exec: the container's init; setns(2) joins all of 'target_namespaces' at once */
  uint64_t target_namespaces;  /* exec: CLONE_NEW* to join */
  int pinned_mount_ns;         /* the almost empty mount namespace */
  int start_fifo, reply_fifo;  /* create: `start` writes a byte to the first; we answer on the second */
  int console_receiver;        /* AF_UNIX stream socket that wants the pty master */
  struct rootfs rootfs;        /* root tree, bind sources, null device: see rootfs.h */
  /* Found on the way. */
  int executable;              /* O_PATH of argv[0]; -1 for scripts looked up by path */
  char executable_path[4096];
  char home[4096 + 8];         /* "HOME=…" */
  bool start_now;
  bool trace;                  /* send spans */
  bool filter_loaded;
  const char *hook_state;      /* JSON of the container state for createContainer/startContainer hooks, status
                                  and pid are filled by init: see init/hooks.c */
  void *scratch;               /* for stacks and buffers; page-aligned */
  size_t scratch_size;
};

struct init_step {
  const char *name;
  bool (*needed) (const struct init_context *init); /* NULL: always */
  int (*apply) (struct init_context *init, struct error *err);
  const char *why; /* why here: shown by `hull steps` */
};
extern const struct init_step create_init_steps[]; /* ends with name NULL */
extern const struct init_step exec_init_steps[];

/* Runs a table to the end; the last row is execve, so this returns only on failure. Then the failure has been
 * sent to the runtime (or to `start`) and the caller must _exit. */
void init_run (struct init_context *init, const struct init_step *steps);
