/* SPDX-License-Identifier: Apache-2.0
 * Runs one hook (config.md, "POSIX-platform Hooks"): state on stdin, time limit, output kept for the error.
 * No heap, so that init can use it as well as the runtime. */
#pragma once
#include "libcontainer/base/error.h"
#include "spec/spec.h"

struct hook_run {
  const char *kind;  /* "createRuntime", for messages */
  const char *state; /* JSON for stdin; a hook that does not read it is no error */
  /* Called in the child right before execve(2), may be NULL: drops what the hook must not have. */
  int (*prepare)(void *data, struct error *err);
  void *data;
  const int
      *outputs; /* instead of collecting them for the error: stdout and stderr, -1: collect; may be NULL */
  char **environment; /* for hooks without 'env'; NULL-terminated */
};
/* Runs all hooks of the list in order; stops at the first that fails. The error names kind, index, path, exit
 * status or signal, duration, and the end of its output. */
int hooks_run(const hook_list *hooks, const struct hook_run *run, struct error *err);
