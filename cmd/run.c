/* SPDX-License-Identifier: Apache-2.0
 * `hull run`: create, start, and unless detached wait for the process and remove the container. */
#include "cmd/create.h"
#include "cmd/ending.h"
#include "cmd/foreground.h"
#include "cmd/seccomp_report.h"
#include "libcontainer/base/log.h"

static struct create_values given;

static const struct option_row options[] = {
  { .name = "detach",
    .letter = 'd',
    .kind = OPTION_FLAG,
    OPTION_AT(struct create_values, detach),
    .help = "return when the process runs" },
  { .name = "keep",
    .kind = OPTION_FLAG,
    OPTION_AT(struct create_values, keep),
    .help = "keep the container when the process has ended" },
  { .name = "seccomp-report",
    .value = "FILE|-",
    .kind = OPTION_STRING,
    OPTION_AT(struct create_values, seccomp_report),
    .help = SECCOMP_REPORT_HELP },
  { .more = create_option_rows },
};

static int remove_container(struct hull *hull, const char *id, int status, struct hull_error *error)
{
  struct hull_error ignored;
  if (given.keep)
    return status;
  /* The first error is the one to tell. */
  if (hull_delete(hull, id, true, status < 0 ? &ignored : error) < 0)
    return -1;
  return status;
}

static int run_in_foreground(struct hull *hull, const char *id, struct hull_create_options *create,
                             struct hull_error *error)
{
  struct foreground foreground;
  struct hull_process process = { .pidfd = -1 };
  if (foreground_begin(&foreground, given.no_subreaper ? FOREGROUND_PLAIN : FOREGROUND_SUBREAPER,
                       error_inside(error))
      < 0)
    return -1;
  create->use_console_fd = !create->console_socket;
  create->console_fd = foreground.receiver;
  create->console_rows = foreground.rows;
  create->console_columns = foreground.columns;
  if (hull_run(hull, id, create, &process, error) < 0)
    return -1;
  int status = foreground_wait(&foreground, &process, error_inside(error));
  if (create->seccomp_report)
    status = seccomp_report_status(*create->seccomp_report, process.pid, &foreground, status);
  ending_log(hull, id, &process, &foreground, status);
  return remove_container(hull, id, status, error);
}

/* The report is also of a process that could not be executed. */
static int run_with_report(struct hull *hull, const char *id, struct hull_create_options *create,
                           struct hull_error *error)
{
  struct seccomp_report_file report;
  if (seccomp_report_begin(&report, given.seccomp_report, error_inside(error)) < 0)
    return -1;
  create->seccomp_report = &report.report;
  const int status = run_in_foreground(hull, id, create, error);
  create->seccomp_report = NULL;
  return seccomp_report_end(&report, status, error_inside(error));
}

static int run(const struct call *call, struct hull_error *error)
{
  struct hull_create_options create;
  struct hull_process process = { .pidfd = -1 };
  log_set_container(call->args[0]);
  if (given.seccomp_report && given.detach)
    return seccomp_report_refuse_detach(error_inside(error));
  if (create_options_from(call, &given, &create, error) < 0)
    return -1;
  struct hull *hull = call_open(call, error);
  if (!hull)
    return -1;
  if (given.detach)
    return hull_run(hull, call->args[0], &create, &process, error);
  const int status = given.seccomp_report ? run_with_report(hull, call->args[0], &create, error)
                                          : run_in_foreground(hull, call->args[0], &create, error);
  hull_close(hull);
  return status;
}

const struct command run_command = {
  .name = "run",
  .arguments = "ID",
  .summary = "make and start a container, wait for it, remove it",
  .brief = "make, start, wait, remove",
  .group = GROUP_CONTAINERS,
  .options = options,
  .values = &given,
  .preserve_fds = &given.preserve_fds,
  .min_args = 1,
  .max_args = 1,
  .run = run,
};
