/* SPDX-License-Identifier: Apache-2.0
 * `hull exec`: one more process in a running container. */
#include "cmd/command.h"
#include "cmd/ending.h"
#include "cmd/foreground.h"
#include "cmd/seccomp_report.h"
#include "libcontainer/base/log.h"
#include "libcontainer/base/numbers.h"
#include "libcontainer/base/words.h"
#include <errno.h>

static struct {
  const char *process, *cwd, *user, *cgroup, *console_socket, *pid_file, *pidfd_socket;
  struct strings env, additional_gids, caps;
  unsigned preserve_fds;
  const char *apparmor, *process_label, *seccomp_report;
  bool tty, detach, no_new_privs, ignore_paused;
} given;
typedef __typeof__(given) exec_values;

/* clang-format off */
#define EXEC(member) OPTION_AT (exec_values, member)
static const struct option_row option_rows[] = {
  { .name = "process", .letter = 'p', .value = "FILE", .kind = OPTION_STRING, EXEC (process),
    .help = "process object as JSON instead of a command" },
  { .name = "tty", .letter = 't', .kind = OPTION_FLAG, EXEC (tty), .help = "give it a terminal" },
  { .name = "detach", .letter = 'd', .kind = OPTION_FLAG, EXEC (detach), .help = "return when it runs" },
  { .name = "cwd", .value = "DIR", .kind = OPTION_STRING, EXEC (cwd), .help = "working directory" },
  { .name = "env", .letter = 'e', .value = "NAME=VALUE", .kind = OPTION_LIST, EXEC (env),
    .help = "add to the environment (repeat)" },
  { .name = "user", .letter = 'u', .value = "UID[:GID]", .kind = OPTION_STRING, EXEC (user),
    .help = "user and group" },
  { .name = "additional-gids", .letter = 'g', .value = "GID", .kind = OPTION_LIST, EXEC (additional_gids),
    .help = "add a group (repeat)" },
  { .name = "cap", .letter = 'c', .value = "CAP_NAME", .kind = OPTION_LIST, EXEC (caps),
    .help = "add a capability (repeat)" },
  { .name = "no-new-privs", .kind = OPTION_FLAG, EXEC (no_new_privs), .help = "set no_new_privs" },
  { .name = "cgroup", .value = "PATH", .kind = OPTION_STRING, EXEC (cgroup),
    .help = "cgroup below the container's" },
  { .name = "ignore-paused", .kind = OPTION_FLAG, EXEC (ignore_paused),
    .help = "wait for a paused container" },
  { .name = "console-socket", .value = "PATH", .kind = OPTION_STRING, EXEC (console_socket),
    .help = "socket that gets the terminal's master" },
  { .name = "pid-file", .value = "FILE", .kind = OPTION_STRING, EXEC (pid_file),
    .help = "write the process id there" },
  { .name = "pidfd-socket", .value = "PATH", .kind = OPTION_STRING, EXEC (pidfd_socket),
    .help = "socket that gets a pidfd of the process" },
  { .name = "preserve-fds", .value = "N", .kind = OPTION_COUNT, EXEC (preserve_fds),
    .help = "pass N more descriptors, from 3 on" },
  { .name = "apparmor", .value = "PROFILE", .kind = OPTION_STRING, EXEC (apparmor),
    .help = "AppArmor profile" },
  { .name = "process-label", .value = "LABEL", .kind = OPTION_STRING, EXEC (process_label),
    .help = "SELinux label" },
  { .name = "seccomp-report", .value = "FILE|-", .kind = OPTION_STRING, EXEC (seccomp_report),
    .help = SECCOMP_REPORT_HELP },
  { 0 },
};
/* clang-format on */

/* A list of the parser as a NULL-terminated array; NULL if nothing was given. */
static char **array_of(const struct call *call, struct strings *list)
{
  if (list->count == 0)
    return NULL;
  (void)vec_push(call->arena, list);
  return list->items;
}

static const uint32_t *groups_of(const struct call *call, const struct strings *list, struct error *err)
{
  uint32_t *groups = arena_array(call->arena, list->count, sizeof *groups);
  for (size_t i = 0; i < list->count; i++)
    if (parse_id(list->items[i], &groups[i]) < 0) {
      error_set(err, ERROR_USAGE, 0, "option '--additional-gids' must be a group id, not '%s'",
                list->items[i]);
      return NULL;
    }
  return groups;
}

static int exec_options_from(const struct call *call, struct hull_exec_options *options,
                             struct hull_error *error)
{
  struct error *err = error_inside(error);
  if (!given.process && call->arg_count < 2)
    return error_set(err, ERROR_USAGE, 0, "exec: no command given: expected ID COMMAND, or --process FILE");
  if (given.process && call->arg_count > 1)
    return error_set(err, ERROR_USAGE, 0, "exec: surplus argument '%s' with --process", call->args[1]);
  *options = (struct hull_exec_options){ .size = sizeof *options,
                                         .process_file = given.process,
                                         .args = given.process ? NULL : call->args + 1,
                                         .cwd = given.cwd,
                                         .user = given.user,
                                         .no_new_privs = given.no_new_privs,
                                         .apparmor_profile = given.apparmor,
                                         .selinux_label = given.process_label,
                                         .tty = given.tty,
                                         .ignore_paused = given.ignore_paused,
                                         .cgroup = given.cgroup,
                                         .console_socket = given.console_socket,
                                         .console_fd = -1,
                                         .pid_file = given.pid_file,
                                         .pidfd_socket = given.pidfd_socket,
                                         .preserve_fds = given.preserve_fds,
                                         .listen_fds = call->listen_fds,
                                         .detach = given.detach };
  options->additional_gid_count = given.additional_gids.count;
  options->additional_gids = groups_of(call, &given.additional_gids, err);
  if (!options->additional_gids)
    return -1;
  options->env = array_of(call, &given.env);
  options->capabilities = array_of(call, &given.caps);
  const char **const paths[] = { &options->process_file, &options->console_socket, &options->pid_file,
                                 &options->pidfd_socket };
  for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
    if (call_absolute(call, paths[i], error) < 0)
      return -1;
  return 0;
}

static int exec_in_foreground(struct hull *hull, const char *id, struct hull_exec_options *exec,
                              struct hull_error *error)
{
  struct foreground foreground;
  struct hull_process process = { .pidfd = -1 };
  if (foreground_begin(&foreground, FOREGROUND_PLAIN, error_inside(error)) < 0)
    return -1;
  exec->use_console_fd = !exec->console_socket;
  exec->console_fd = foreground.receiver;
  exec->console_rows = foreground.rows;
  exec->console_columns = foreground.columns;
  if (hull_exec(hull, id, exec, &process, error) < 0)
    return -1;
  int status = foreground_wait(&foreground, &process, error_inside(error));
  if (exec->seccomp_report)
    status = seccomp_report_status(*exec->seccomp_report, process.pid, &foreground, status);
  ending_log(hull, id, &process, &foreground, status);
  return status;
}

static int exec_with_report(struct hull *hull, const char *id, struct hull_exec_options *exec,
                            struct hull_error *error)
{
  struct seccomp_report_file report;
  if (seccomp_report_begin(&report, given.seccomp_report, error_inside(error)) < 0)
    return -1;
  exec->seccomp_report = &report.report;
  const int status = exec_in_foreground(hull, id, exec, error);
  exec->seccomp_report = NULL;
  return seccomp_report_end(&report, status, error_inside(error));
}

static int run(const struct call *call, struct hull_error *error)
{
  struct hull_exec_options exec;
  struct hull_process process = { .pidfd = -1 };
  log_set_container(call->args[0]);
  if (given.seccomp_report && given.detach)
    return seccomp_report_refuse_detach(error_inside(error));
  if (exec_options_from(call, &exec, error) < 0)
    return -1;
  struct hull *hull = call_open(call, error);
  if (!hull)
    return -1;
  if (given.seccomp_report)
    return exec_with_report(hull, call->args[0], &exec, error);
  if (given.detach)
    return hull_exec(hull, call->args[0], &exec, &process, error);
  return exec_in_foreground(hull, call->args[0], &exec, error);
}

const struct command exec_command = {
  .name = "exec",
  .arguments = "ID [COMMAND [ARGUMENT...]]",
  .summary = "start one more process in a running container",
  .brief = "start one more process",
  .group = GROUP_CHANGE,
  .options = option_rows,
  .values = &given,
  .preserve_fds = &given.preserve_fds,
  .min_args = 1,
  .max_args = (unsigned)-1,
  .options_end = OPTIONS_BEFORE,
  .error_status = EXIT_EXEC_FAILED,
  .run = run,
};
