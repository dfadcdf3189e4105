/* SPDX-License-Identifier: Apache-2.0
 * The option --seccomp-report of run and exec. */
#pragma once
#include "cmd/foreground.h"
#include "libcontainer/base/error.h"
#include "libcontainer/container.h"

#define SECCOMP_REPORT_HELP "what the filter denied: JSON, or text with -"

struct seccomp_report_file {
  const char *path;
  int fd;
  struct hull_seccomp_report *report;
};

/* Opens the file: one that can't be written is an error before anything runs. */
int seccomp_report_begin(struct seccomp_report_file *file, const char *path, struct error *err);
/* What the exit status is: a process that the report had to kill by SIGKILL was to get SIGSYS. */
int seccomp_report_status(const struct hull_seccomp_report *report, pid_t pid, struct foreground *foreground,
                          int status);
/* Writes the report, also if 'status' is -1, the result of what was done; returns it, or -1. */
int seccomp_report_end(struct seccomp_report_file *file, int status, struct error *err);
int seccomp_report_refuse_detach(struct error *err);
