/* SPDX-License-Identifier: Apache-2.0
 * The report of `hull sandbox --report FILE`: what became of the command and what it used, as JSON. */
#pragma once
#include "libcontainer/base/error.h"
#include "libcontainer/base/text.h"
#include "libcontainer/container.h"

/* A file that is complete or not there. */
struct report_file {
  const char *path;      /* NULL: no report is wanted */
  const char *temporary; /* NULL: it has no name until it is complete */
  int fd;
  bool in_place; /* a pipe, a device: written as it is */
};
/* Before anything is done: who can't have the report doesn't want the command to run. */
int report_open(struct arena *arena, const char *path, struct report_file *file, struct error *err);
int report_write(struct report_file *file, const struct text *text, struct error *err);
void report_abandon(struct report_file *file);

struct sandbox_outcome {
  char *const *args;
  bool timed_out;
  int status; /* of hull */
  int signal; /* that ended the first process; 0: none */
  uint64_t wall_ns;
  struct hull_sandbox_usage usage;
  const char *denied; /* the seccomp report as JSON; NULL: there was no filter */
};
/* Pure. */
void report_text(const struct sandbox_outcome *outcome, struct text *out);
